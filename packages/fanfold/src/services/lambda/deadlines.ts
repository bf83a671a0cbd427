/**
 * Deadlines of very many things that mostly end before their time: no timer for each, one look every 25 ms at the
 * oldest of each duration. Things of the same duration are due in the order in which they came.
 */

const TICK_MS = 25;

export interface Deadlines<T> {
  /** Starts, or starts again, the time of `item`. */
  start(item: T, durationMs: number): void;
  stop(item: T): void;
  close(): void;
}

/**
 * @param now milliseconds; only differences count, so a clock that never jumps is best
 * @param onDue called once an item's time is over, at most 50 ms late unless the event loop is held up
 */
export function createDeadlines<T>(now: () => number, onDue: (item: T) => void): Deadlines<T> {
  const byDuration = new Map<number, Map<T, number>>();
  const durations = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;

  const stop = (item: T): void => {
    const duration = durations.get(item);
    if (duration === undefined) return;
    durations.delete(item);
    byDuration.get(duration)?.delete(item);
  };
  const tick = (): void => {
    const at = now();
    for (const items of byDuration.values()) {
      for (const [item, due] of items) {
        if (due > at) break;
        stop(item);
        onDue(item);
      }
    }
    if (durations.size === 0) close();
  };
  const close = (): void => {
    clearInterval(timer);
    timer = undefined;
    durations.clear();
    byDuration.clear();
  };
  return {
    stop,
    close,
    start: (item, durationMs) => {
      stop(item);
      const items = byDuration.get(durationMs) ?? new Map<T, number>();
      byDuration.set(durationMs, items);
      items.set(item, now() + durationMs);
      durations.set(item, durationMs);
      // What has come in while the loop was held up is heard first: it may be the end that was waited for.
      timer ??= setInterval(() => setImmediate(tick), TICK_MS);
    },
  };
}
