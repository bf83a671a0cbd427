import { expect, it } from 'vitest';
import { createTurn } from './turn.ts';

it('one has the turn, and the others get it in the order in which they asked', async () => {
  const [first, second, third] = [createTurn(), createTurn(), createTurn()];
  expect(first.take()).toBeUndefined();
  expect(first.take()).toBeUndefined();
  const had: string[] = [];
  const others = [
    second.take()?.then(() => had.push('second')),
    third.take()?.then(() => {
      had.push('third');
      third.give();
    }),
  ];
  await Promise.resolve();
  expect(had).toEqual([]);
  first.give();
  first.give();
  await others[0];
  expect(had).toEqual(['second']);
  const again = first.take();
  second.give();
  await Promise.all([...others, again]);
  expect(had).toEqual(['second', 'third']);
  first.give();
  expect(second.take()).toBeUndefined();
  second.give();
});
