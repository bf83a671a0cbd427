/** On whose behalf code in the worker runs: followed through promises, timers and events. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Scope {
  /** Of the invocation; 0 while a module loads. */
  readonly id: number;
  readonly functionName: string;
  readonly requestId?: string;
  /** Ended from outside: its result is not awaited. */
  aborted: boolean;
  /** What was written and has no line end yet. */
  readonly unfinished: { stdout: string; stderr: string };
}

const storage = new AsyncLocalStorage<Scope>();

export function currentScope(): Scope | undefined {
  return storage.getStore();
}

export function inScope<T>(scope: Scope, run: () => T): T {
  return storage.run(scope, run);
}
