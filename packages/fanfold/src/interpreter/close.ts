/** The end of an execution. */
import type { ExecutionStatus } from './execution.ts';
import type { HistoryEventType } from './history.ts';
import type { Turn } from './turn.ts';
import type { Value } from './value.ts';

const EVENTS: Readonly<Record<Exclude<ExecutionStatus, 'RUNNING' | 'SUCCEEDED'>, HistoryEventType>> = {
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** Ends it without an output. @param previous the event that led to it */
export function close(
  turn: Turn,
  status: keyof typeof EVENTS,
  { error, cause }: { readonly error: string | null; readonly cause: string | null },
  previous: number,
): void {
  turn.record(previous, EVENTS[status], null, null, {
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
  });
  end(turn, status);
  // On AWS the error of an execution that took too long stands in its history only.
  turn.execution.error = status === 'TIMED_OUT' ? null : error;
  turn.execution.cause = cause;
}

export function succeed(turn: Turn, output: Value, previous: number): void {
  turn.record(previous, 'ExecutionSucceeded', null, output, null);
  end(turn, 'SUCCEEDED');
  turn.execution.output = output;
}

function end(turn: Turn, status: ExecutionStatus): void {
  turn.execution.status = status;
  turn.execution.stoppedAt = turn.at;
  turn.stack.length = 0;
}
