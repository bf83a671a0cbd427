/** Calls a batch's `process` for one record, tries again what may be tried again, and says what came of it. */
import type { AnyDefinition } from './any-definition.ts';
import type { ProcessContext } from './definition.ts';
import { isPromise, isRetryable, thrownWords, tryAgain } from './thrown.ts';

export type Outcome =
  | { readonly kind: 'outputs'; readonly outputs: readonly object[] }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

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
    return Promise.resolve(made)
      .then(outcomeOf)
      .catch((error: unknown) => failed(call, record, context, error));
  } catch (error) {
    return isRetryable(error) ? failed(call, record, context, error) : rejected(thrownWords(error));
  }
}

function failed(
  call: (record: object, context: ProcessContext) => unknown,
  record: object,
  context: ProcessContext,
  first: unknown,
): Promise<Outcome> {
  const { signal } = context;
  return tryAgain({ call: async () => outcomeOf(await call(record, context)), first, failed: rejected, signal });
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

function rejected(words: ReturnType<typeof thrownWords>): Outcome {
  return { kind: 'rejected', ...words };
}
