/**
 * Promises that a library makes and lets go: zod tries a schema at once before it tries it asynchronously, and what an asynchronous
 * check has rejected in the first try nobody hears. It would end the chunk as a rejection that nobody handles.
 */
import { promiseHooks } from 'node:v8';

let made: Promise<unknown>[] = [];

/** Calls it; of the promises that come into being meanwhile, none that is rejected ends the process. */
export function withoutStrays<Made>(call: () => Made): Made {
  const stop = promiseHooks.onInit((promise) => made.push(promise));
  try {
    return call();
  } finally {
    (stop as () => void)();
    if (made.length > 0) {
      const strays = made;
      made = [];
      for (const stray of strays) Promise.prototype.then.call(stray, undefined, ignore);
    }
  }
}

function ignore(): void {}
