import type { Clock } from '../ports/clock.ts';

/** The longest that setTimeout can wait; longer ones would fire at once. */
const LONGEST = 2 ** 31 - 1;

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
