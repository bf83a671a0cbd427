/** Waits until there is something to receive: woken by what is sent, and by what comes back when its time is over. */
import type { Clock } from '../../ports/clock.ts';

export interface LongPolls {
  /** There may be something in this queue. */
  wake(queue: string): void;
  /** Resolves when the queue was woken, at that time, or once the signal is aborted. */
  until(queue: string, at: number, signal: AbortSignal): Promise<void>;
  /** Wakes all, and lets nobody wait any more. */
  end(): void;
  readonly ended: boolean;
}

export function createLongPolls(clock: Pick<Clock, 'wake'>): LongPolls {
  const waiting = new Map<string, Set<() => void>>();
  let ended = false;
  const wake = (queue: string): void => {
    const all = waiting.get(queue);
    waiting.delete(queue);
    for (const go of all ?? []) go();
  };
  return {
    wake,
    until: (queue, at, signal) =>
      new Promise((resolve) => {
        if (ended || signal.aborted) return resolve();
        const go = (): void => {
          cancel();
          waiting.get(queue)?.delete(go);
          signal.removeEventListener('abort', go);
          resolve();
        };
        const cancel = clock.wake(at, go);
        signal.addEventListener('abort', go);
        const all = waiting.get(queue) ?? new Set();
        waiting.set(queue, all.add(go));
      }),
    end: () => {
      ended = true;
      for (const queue of waiting.keys()) wake(queue);
    },
    get ended() {
      return ended;
    },
  };
}
