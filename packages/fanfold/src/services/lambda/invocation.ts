/** The host's view of an invocation, from the call to its result. It may visit several workers on the way (I3). */
import type { InvokeResult } from '../../ports/functions.ts';
import { endLines, startLine } from './invocation-lines.ts';
import type { AbortReason, FunctionLimits, LogLine } from './protocol.ts';

export interface InvocationParams {
  readonly name: string;
  readonly entry: FunctionLimits;
  readonly payload: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  /** The execution that calls. */
  readonly execution?: string;
  /** Told each line, those of the runtime included. */
  readonly log: (line: LogLine) => void;
}

export interface Invocation extends InvocationParams {
  readonly settled: boolean;
  /** It is given to a worker or process: its log begins, and its duration counts from here. */
  begin(): void;
  /** Only the first result counts. */
  settle(result: InvokeResult): void;
  /** It comes to nothing, by no fault of its own. */
  fail(error: Error): void;
  /** `then` is called once it has settled or failed. */
  whenSettled(then: () => void): void;
  /** Where it runs, or ran last. */
  flight: Flight | undefined;
  /** How often its worker ended and nobody knew because of whom. */
  crashes: number;
  /** How often its worker was ended because of another invocation. */
  displacements: number;
  /** What the report shows of the process that runs it. */
  used: Used;
}

export interface Used {
  /** What it took to start the process, where that was done for this invocation; milliseconds. */
  readonly initMs?: number;
  /** The most that the process has had, MB. */
  readonly memoryMb?: number;
}

/** An invocation on a worker thread, or in a process. */
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
  const { requestId, entry, execution } = params;
  let settled = false;
  let begunAt: number | undefined;
  const waiters: (() => void)[] = [];
  const once = (tell: () => void): void => {
    if (settled) return;
    settled = true;
    tell();
    for (const then of waiters) then();
  };
  const write = (line: string): void =>
    params.log({
      functionName: params.name,
      requestId,
      stream: 'runtime',
      line,
      ...(execution !== undefined && { execution }),
    });
  const invocation: Invocation = {
    ...params,
    flight: undefined,
    crashes: 0,
    displacements: 0,
    used: {},
    get settled() {
      return settled;
    },
    begin: () => {
      if (begunAt !== undefined) return;
      begunAt = performance.now();
      write(startLine(requestId));
    },
    settle: (result) =>
      once(() => {
        if (begunAt !== undefined) {
          const ms = performance.now() - begunAt;
          for (const line of endLines({ requestId, result, ms, memoryLimitMb: entry.memoryMb, ...invocation.used }))
            write(line);
        }
        onSettled.result(result);
      }),
    fail: (error) => once(() => onSettled.error(error)),
    whenSettled: (then) => void waiters.push(then),
  };
  return invocation;
}
