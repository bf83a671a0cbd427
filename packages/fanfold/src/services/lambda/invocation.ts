/** The host's view of an invocation, from the call to its result. It may visit several workers on the way (I3). */
import type { InvokeResult } from '../../ports/functions.ts';
import type { AbortReason, FunctionEntry } from './protocol.ts';

export interface InvocationParams {
  readonly name: string;
  readonly entry: FunctionEntry;
  readonly payload: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly onLog: ((line: string) => void) | undefined;
}

export interface Invocation extends InvocationParams {
  readonly settled: boolean;
  /** Only the first result counts. */
  settle(result: InvokeResult): void;
  /** Where it runs, or ran last. */
  flight: Flight | undefined;
  /** How often its worker ended and nobody knew because of whom. */
  crashes: number;
  /** How often its worker was ended because of another invocation. */
  displacements: number;
}

/** An invocation on a worker thread. */
export interface Flight {
  /** Grows with every invocation of a thread. */
  readonly id: number;
  readonly invocation: Invocation;
  readonly thread: {
    overdue(flight: Flight): void;
    abort(flight: Flight, reason: AbortReason): void;
  };
}

export function createInvocation(params: InvocationParams, onSettled: (result: InvokeResult) => void): Invocation {
  let settled = false;
  return {
    ...params,
    flight: undefined,
    crashes: 0,
    displacements: 0,
    get settled() {
      return settled;
    },
    settle: (result) => {
      if (settled) return;
      settled = true;
      onSettled(result);
    },
  };
}
