/** Clocks for tests: one that stands still until it is told to go on, and the machine's own. */
import type { Clock } from '../ports/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass; what is due runs in the order of its times. */
  advance(milliseconds: number): void;
  /** Sets the clock to another time, as the machine's may be; going forward is as if that time had passed. */
  set(now: number): void;
  /** Milliseconds until each wake that is set, soonest first. */
  due(): readonly number[];
}

export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  const alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  const pass = (milliseconds: number): void => {
    const end = now + milliseconds;
    for (let next = sorted()[0]; next && next.at <= end; next = sorted()[0]) {
      alarms.delete(next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = end;
  };
  const sorted = () => [...alarms].sort((a, b) => a.at - b.at);
  return {
    now: () => now,
    wake: (at, run) => {
      const alarm = { at, run };
      alarms.add(alarm);
      // Whoever lets time pass may be ahead of who sets an alarm: as of the machine's clock, it goes off all the same.
      if (at <= now) setImmediate(() => alarms.delete(alarm) && run());
      return () => {
        alarms.delete(alarm);
      };
    },
    soon: (run) => {
      setImmediate(run);
    },
    advance: pass,
    set: (wanted) => {
      if (wanted > now) pass(wanted - now);
      else now = wanted;
    },
    due: () => sorted().map((alarm) => alarm.at - now),
  };
}

/** For waits of less than 24 days. */
export const machineClock: Clock = {
  now: () => Date.now(),
  wake: (at, run) => {
    const timer = setTimeout(run, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};
