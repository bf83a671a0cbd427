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
  /** It comes to nothing, by no fault of its own. */
  fail(error: Error): void;
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

export interface Settled {
  readonly result: (result: InvokeResult) => void;
  readonly error: (error: Error) => void;
}

export function createInvocation(params: InvocationParams, onSettled: Settled): Invocation {
  let settled = false;
  const once = (tell: () => void): void => {
    if (settled) return;
    settled = true;
    tell();
  };
  return {
    ...params,
    flight: undefined,
    crashes: 0,
    displacements: 0,
    get settled() {
      return settled;
    },
    settle: (result) => once(() => onSettled.result(result)),
    fail: (error) => once(() => onSettled.error(error)),
  };
}
