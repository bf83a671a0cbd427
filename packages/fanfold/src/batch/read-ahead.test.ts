import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

it('makes the next part while the caller is at work on this one, and no more', async () => {
  const made: number[] = [];
  async function* parts(): AsyncGenerator<number> {
    for (let part = 1; part <= 4; part++) {
      made.push(part);
      yield part;
    }
  }
  const seen: number[] = [];
  for await (const part of readAhead(parts())) {
    expect(made.length).toBe(part);
    await setImmediate();
    await setImmediate();
    expect(made.length).toBe(Math.min(4, part + 1));
    seen.push(part);
  }
  expect(seen).toEqual([1, 2, 3, 4]);
});

it('ends what it reads when its own reader has enough, and throws what that throws behind what came before it', async () => {
  let isEnded = false;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let part = 0; ; part++) yield part;
    } finally {
      isEnded = true;
    }
  }
  for await (const part of readAhead(endless())) if (part === 2) break;
  expect(isEnded).toBe(true);

  async function* broken(): AsyncGenerator<string> {
    yield 'whole';
    throw new Error('broken');
  }
  const seen: string[] = [];
  await expect(
    (async () => {
      for await (const part of readAhead(broken())) seen.push(part);
    })(),
  ).rejects.toThrow('broken');
  expect(seen).toEqual(['whole']);
});
