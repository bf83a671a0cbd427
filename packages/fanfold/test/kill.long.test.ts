import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../src/interpreter/random.ts';
import { canTrace, killAtRandom, killFanOut, sweepKills } from '../src/testing/kill.fixture.ts';

it('brings a Map of 100,000 tasks to the same output through 200 kills at random moments', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const random = mulberry32(seed);
  const { problems, runs } = await killAtRandom({ tasks: 100_000, kills: 200, random, lookEvery: 20 });
  console.log(`200 kills in ${runs} runs`);
  expect(problems).toEqual([]);
});

describe.runIf(canTrace())('killed at its N-th write, fsync or rename, for every N', () => {
  it.for(['normal', 'full'] as const)('goes on as if nothing had been (durability %s)', async (durability) => {
    const { tried, problems } = await sweepKills({ killAt: (at) => killFanOut({ tasks: 6, durability }, at) });
    console.log(`${tried} points`);
    expect(problems).toEqual([]);
  });
});
