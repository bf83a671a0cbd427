/** A thread that starts before it is known what it is told: while it loads its code, whoever needs it loads the rest. */
import type { Worker } from 'node:worker_threads';

export interface EarlyThread {
  /** Once; undefined when it was taken, or has ended. */
  take(): Worker | undefined;
  /** Ends it, unless it was taken. */
  close(): Promise<void>;
}

/** @param worker which says nothing before it is told something */
export function earlyThread(worker: Worker): EarlyThread {
  let waiting: Worker | undefined = worker;
  // Whoever finds it gone starts another one, and is told why that cannot be.
  const gone = (): void => {
    waiting = undefined;
  };
  worker.once('error', gone).once('exit', gone);
  const take = (): Worker | undefined => {
    const taken = waiting;
    waiting = undefined;
    taken?.off('error', gone).off('exit', gone);
    return taken;
  };
  return { take, close: async () => void (await take()?.terminate()) };
}
