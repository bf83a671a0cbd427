/**
 * Those who wait at one activity: tasks for a worker, or workers for a task; never both. Who waits longest comes first.
 * Holds nothing that is not in the frames, and is made anew from them when the engine starts.
 */

export interface ActivityLine<T> {
  /** A task waits for a worker. @param key names it */
  offer(key: string, task: T): void;
  /** A task comes back that its worker did not get: it goes before all others. */
  giveBack(key: string, task: T): void;
  /** Nobody need do the task any more. */
  withdraw(key: string): void;
  /** The next task; undefined when the signal is aborted before there is one. */
  next(signal: AbortSignal): Promise<T | undefined>;
  /** Nobody waits here. */
  isEmpty(): boolean;
}

export function createActivityLine<T>(): ActivityLine<T> {
  /** In order: those given back, and the others. */
  const given = new Map<string, T>();
  const waiting = new Map<string, T>();
  const workers = new Set<(task: T) => void>();

  const take = (tasks: Map<string, T>): T | undefined => {
    const [first] = tasks;
    if (first === undefined) return undefined;
    tasks.delete(first[0]);
    return first[1];
  };
  const hand = (key: string, task: T, tasks: Map<string, T>): void => {
    const [worker] = workers;
    if (!worker) {
      tasks.set(key, task);
      return;
    }
    workers.delete(worker);
    worker(task);
  };

  return {
    offer: (key, task) => hand(key, task, waiting),
    giveBack: (key, task) => hand(key, task, given),
    withdraw: (key) => {
      waiting.delete(key);
      given.delete(key);
    },
    next: async (signal) => {
      if (signal.aborted) return undefined;
      const task = take(given) ?? take(waiting);
      if (task !== undefined) return task;
      return new Promise((resolve) => {
        const leave = (): void => {
          workers.delete(worker);
          resolve(undefined);
        };
        const worker = (found: T): void => {
          signal.removeEventListener('abort', leave);
          resolve(found);
        };
        workers.add(worker);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
    isEmpty: () => given.size + waiting.size + workers.size === 0,
  };
}
