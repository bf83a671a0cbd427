/** What the code of a batch has thrown: anything at all, and never more than the end of one record. */

import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait before each further try, in milliseconds. */
const PAUSES: readonly number[] = [100, 400, 1600];

/** A short name for programs, and a sentence. */
export function thrownWords(error: unknown): { readonly code: string; readonly message: string } {
  try {
    if (!(error instanceof Error)) return { code: 'Error', message: String(error) };
    const code = String(error.name || 'Error');
    return { code, message: String(error.message || code) };
  } catch {
    return { code: 'Error', message: 'What was thrown cannot be shown.' };
  }
}

export function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { retryable?: unknown }).retryable === true;
}

export interface Tries<Made> {
  readonly call: () => Made | Promise<Made>;
  /** What the first try has thrown. */
  readonly first: unknown;
  /** What comes of it when the last try has thrown too, or what it has thrown is not to be tried again. */
  readonly failed: (words: ReturnType<typeof thrownWords>) => Made;
  readonly signal?: AbortSignal;
}

/** Calls the code of a batch again for as long as what it throws says so. @throws what `signal` is aborted with */
export async function tryAgain<Made>({ call, first, failed, signal }: Tries<Made>): Promise<Made> {
  let error = first;
  let tries = 1;
  for (const pause of PAUSES) {
    if (!isRetryable(error)) return failed(thrownWords(error));
    await sleep(pause, undefined, signal && { signal });
    tries++;
    try {
      return await call();
    } catch (thrown) {
      error = thrown;
    }
  }
  const { code, message } = thrownWords(error);
  return failed({ code, message: isRetryable(error) ? `${message} (after ${tries} tries)` : message });
}

/** What is awaited need not be a promise. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
