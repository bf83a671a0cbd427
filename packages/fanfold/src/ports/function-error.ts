/** How AWS Lambda tells of an invocation that gave no result: to its caller, and from there to a Task state. */
import type { InvokeResult } from './functions.ts';

export interface FunctionError {
  readonly errorType: string;
  /** JSON text: the answer of the Invoke API. */
  readonly payload: string;
}

export function functionError(result: Exclude<InvokeResult, { kind: 'returned' }>, requestId: string): FunctionError {
  switch (result.kind) {
    case 'threw': {
      const { errorType, errorMessage, stackTrace, payload } = result;
      return { errorType, payload: payload ?? JSON.stringify({ errorType, errorMessage, trace: stackTrace }) };
    }
    case 'timedOut':
      return sandboxError('Sandbox.Timedout', requestId, `Task timed out after ${result.seconds.toFixed(2)} seconds`);
    case 'exited':
      return sandboxError(result.errorType ?? 'Runtime.ExitError', requestId, result.message);
    default:
      return result satisfies never;
  }
}

function sandboxError(errorType: string, requestId: string, message: string): FunctionError {
  return {
    errorType,
    payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` }),
  };
}
