/** Describes what a handler threw, in the way of AWS Lambda's runtime for Node. Runs in the worker thread. */
import { isNativeError } from 'node:util/types';
import { ServiceError } from '../../ports/service-error.ts';
import type { Thrown } from './protocol.ts';

/** Never throws itself, whatever was thrown: a hostile getter or `toString` gives a description too. */
export function describeThrown(thrown: unknown): Thrown {
  try {
    if (isError(thrown)) return describeError(thrown);
    return { errorType: typeof thrown, errorMessage: String(thrown), stackTrace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage: 'The handler threw something whose name, message or stack cannot be read.',
      stackTrace: [],
    };
  }
}

function isError(thrown: unknown): thrown is Error {
  return isNativeError(thrown) || thrown instanceof Error;
}

function describeError(error: Error): Thrown {
  // As with the errors of AWS's SDK, the code of a refusal is what a state machine looks for.
  const name: unknown = error instanceof ServiceError ? error.code : error.name;
  return {
    errorType: typeof name === 'string' && name !== '' ? name : (error.constructor?.name ?? 'Error'),
    errorMessage: String(error.message),
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  };
}
