/** Those who wait for the end of executions. */
import { type Execution, isClosed } from '../interpreter/execution.ts';
import { PassingMap } from '../passing-map.ts';

export interface Waiters {
  /**
   * Resolves with the execution as soon as it has ended. It begins to wait before it looks, so that an end in between is
   * not missed.
   * @param look gives the execution as it stands, durably; absent when it runs, so that its end is yet to be told
   */
  wait(executionArn: string, look?: () => Promise<Execution>): Promise<Execution>;
  closed(execution: Execution): void;
  /** Nobody will hear of an end any more. */
  end(reason: unknown): void;
}

export function createWaiters(): Waiters {
  const waiting = new PassingMap<string, Set<PromiseWithResolvers<Execution>>>();
  let over: { readonly reason: unknown } | undefined;

  return {
    wait: async (executionArn, look) => {
      const waiter = Promise.withResolvers<Execution>();
      const waiters = waiting.get(executionArn) ?? new Set();
      waiting.set(executionArn, waiters.add(waiter));
      // It may be refused while this still looks; nobody has asked for it then.
      waiter.promise.catch(() => {});
      try {
        const execution = await look?.();
        if (execution && isClosed(execution)) return execution;
        if (over) throw over.reason;
        return await waiter.promise;
      } finally {
        waiters.delete(waiter);
        if (waiters.size === 0) waiting.delete(executionArn);
      }
    },
    closed: (execution) => {
      for (const waiter of waiting.get(execution.arn) ?? []) waiter.resolve(execution);
    },
    end: (reason) => {
      over ??= { reason };
      for (const waiters of waiting.values()) for (const waiter of waiters) waiter.reject(reason);
    },
  };
}
