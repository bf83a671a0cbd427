import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('deadlines', () => {
  it('are due when their time is over, in the worst case a little late, and never when stopped or started again', () => {
    const action = fc.record({
      wait: fc.nat(80),
      item: fc.nat(9),
      duration: fc.constantFrom(100, 250, 1000),
      stop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const expected = new Map<number, number>();
        let late = 0;
        const deadlines = createDeadlines<number>(
          () => Date.now(),
          (item) => {
            const due = expected.get(item);
            expect(due).toBeDefined();
            expected.delete(item);
            late = Math.max(late, Date.now() - (due ?? 0));
            expect(Date.now()).toBeGreaterThanOrEqual(due ?? 0);
          },
        );
        for (const { wait, item, duration, stop } of actions) {
          vi.advanceTimersByTime(wait);
          if (stop) {
            deadlines.stop(item);
            expected.delete(item);
          } else {
            deadlines.start(item, duration);
            expected.set(item, Date.now() + duration);
          }
        }
        vi.advanceTimersByTime(2000);
        expect([...expected]).toEqual([]);
        expect(late).toBeLessThanOrEqual(50);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
