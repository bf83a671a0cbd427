import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaskTurns } from './task-turns.ts';

/** Turns whose tasks go on until they are told to end. */
function trial(most: number, unwanted: (task: string) => boolean = () => false) {
  const begun: string[] = [];
  const turns = createTaskTurns<string, string>(most, (_, task) => {
    if (unwanted(task)) return false;
    begun.push(task);
    return true;
  });
  const give = (owner: string, count: number): void => {
    for (let i = 0; i < count; i++) turns.take(owner, `${owner}${i}`);
  };
  return { begun, turns, give };
}

describe('turns of tasks', () => {
  it('begins at most so many at once, and the others as they end', () => {
    const { begun, turns, give } = trial(2);
    give('a', 5);
    expect(begun).toEqual(['a0', 'a1']);
    expect(turns.waiting()).toBe(3);
    turns.done();
    expect(begun).toEqual(['a0', 'a1', 'a2']);
  });

  it('lets each owner in turn, however many tasks the first one has', () => {
    const { begun, turns, give } = trial(2);
    give('a', 1000);
    give('b', 3);
    give('c', 1);
    for (let i = 0; i < 7; i++) turns.done();
    expect(begun.slice(2)).toEqual(['a2', 'b0', 'c0', 'a3', 'b1', 'a4', 'b2']);
  });

  it('passes over what nobody wants any more', () => {
    const { begun, turns, give } = trial(1, (task) => task.startsWith('a') && task !== 'a0');
    give('a', 2000);
    give('b', 1);
    turns.done();
    expect(begun).toEqual(['a0', 'b0']);
    turns.done();
    expect(turns.waiting()).toBe(0);
    give('c', 1);
    expect(begun).toEqual(['a0', 'b0', 'c0']);
  });

  it('drops what waits of an owner', () => {
    const { begun, turns, give } = trial(1);
    give('a', 9);
    give('b', 1);
    turns.forget('a');
    turns.done();
    expect(begun).toEqual(['a0', 'b0']);
    expect(turns.waiting()).toBe(0);
  });

  it('begins each once, those of an owner in order, whatever comes when', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a' as const, 'b' as const, 'c' as const), fc.constant(null)), {
      maxLength: 3000,
      size: 'max',
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (most, given) => {
        const { begun, turns } = trial(most);
        const counts = { a: 0, b: 0, c: 0 };
        let done = 0;
        for (const owner of given) {
          if (owner) turns.take(owner, `${owner}${counts[owner]++}`);
          else if (begun.length > done) {
            done += 1;
            turns.done();
          }
          expect(begun.length - done).toBeLessThanOrEqual(most);
          // Nothing waits while there is room.
          if (begun.length - done < most) expect(turns.waiting()).toBe(0);
        }
        for (; begun.length > done; done++) turns.done();
        for (const [owner, count] of Object.entries(counts))
          expect(begun.filter((task) => task.startsWith(owner))).toEqual(
            Array.from({ length: count }, (_, i) => owner + i),
          );
      }),
      { numRuns: 50 },
    );
  });
});
