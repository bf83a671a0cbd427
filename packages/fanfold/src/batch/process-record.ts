/** Calls a batch's `process` for one record, tries again what may be tried again, and says what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyDefinition } from './any-definition.ts';
import type { ProcessContext } from './definition.ts';

export type Outcome =
  | { readonly kind: 'outputs'; readonly outputs: readonly object[] }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

/** How long to wait before each further try, in milliseconds. */
const PAUSES: readonly number[] = [100, 400, 1600];

const FILTERED: Outcome = { kind: 'outputs', outputs: [] };

/** Synchronous as long as `process` is. */
export function processRecord(
  { process }: AnyDefinition,
  record: object,
  context: ProcessContext,
): Outcome | Promise<Outcome> {
  if (!process) return { kind: 'outputs', outputs: [record] };
  const call = process as (record: object, context: ProcessContext) => unknown;
  try {
    const made = call(record, context);
    if (!isPromise(made)) return outcomeOf(made);
    // What is awaited need not be a promise.
    return Promise.resolve(made)
      .then(outcomeOf)
      .catch((error: unknown) => failed(call, record, context, error));
  } catch (error) {
    return isRetryable(error) ? failed(call, record, context, error) : rejected(error);
  }
}

async function failed(
  call: (record: object, context: ProcessContext) => unknown,
  record: object,
  context: ProcessContext,
  first: unknown,
): Promise<Outcome> {
  let error = first;
  let tries = 1;
  for (const pause of PAUSES) {
    if (!isRetryable(error)) return rejected(error);
    await sleep(pause, undefined, { signal: context.signal });
    tries++;
    try {
      return outcomeOf(await call(record, context));
    } catch (thrown) {
      error = thrown;
    }
  }
  const { code, message } = rejected(error);
  return { kind: 'rejected', code, message: isRetryable(error) ? `${message} (after ${tries} tries)` : message };
}

/** @throws TypeError for what is no output */
function outcomeOf(made: unknown): Outcome {
  if (made === undefined || made === null) return FILTERED;
  const outputs: readonly unknown[] = Array.isArray(made) ? made : [made];
  for (const output of outputs)
    if (!isOutput(output))
      return {
        kind: 'rejected',
        code: 'NotAnOutput',
        message: `process gave ${inWords(output)}${made === output ? '' : ' in a list'}, which is no output. Return an object, a list of objects, or nothing.`,
      };
  return { kind: 'outputs', outputs: outputs as readonly object[] };
}

/** An object with members. What else is an object would be written as one without any, and what is in it lost. */
function isOutput(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return !(Symbol.iterator in value || Symbol.asyncIterator in value || value instanceof Date || isPromise(value));
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return 'a list';
  if (isPromise(value)) return 'a promise that it has not awaited';
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.prototype.toString.call(value);
}

function rejected(error: unknown): Extract<Outcome, { kind: 'rejected' }> {
  if (error instanceof Error)
    return { kind: 'rejected', code: error.name || 'Error', message: error.message || error.name || 'Error' };
  return { kind: 'rejected', code: 'Error', message: String(error) };
}

function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { retryable?: unknown }).retryable === true;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
