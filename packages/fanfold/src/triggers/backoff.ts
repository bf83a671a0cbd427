const FIRST = 1000;
const LONGEST = 60_000;

/** How long to wait after the given failure, the first being 1: a second, doubled each time, at most a minute. Milliseconds. */
export function backoff(failures: number): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 16));
}
