import type { Clock } from '../ports/clock.ts';

/** The clock is looked at as often as this, in milliseconds: it may be set meanwhile, and the machine may sleep. */
const LONGEST = 60_000;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wake: (at, run) => {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = at - Date.now();
      timer = setTimeout(() => (at > Date.now() ? arm() : run()), Math.min(Math.max(left, 0), LONGEST));
    };
    arm();
    return () => clearTimeout(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};
