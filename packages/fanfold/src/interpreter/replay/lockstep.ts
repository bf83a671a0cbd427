/** In step with a recording: which event from outside led to the next recorded one. */
import type { Outside, StepEvent } from '../event.ts';
import { isClosed } from '../execution.ts';
import type { Frame } from '../frame.ts';
import type { HistoryEvent } from '../history.ts';
import type { ExecutionImage } from '../turn.ts';
import { Value } from '../value.ts';
import { detailsOf, failureOf } from './recording.ts';

/** An event without what the outside world adds to it. */
export type Bare = StepEvent extends infer E ? (E extends StepEvent ? Omit<E, keyof Outside> : never) : never;

/** Undefined when nothing that is awaited leads to it. */
export function recordedEvent(image: ExecutionImage, next: HistoryEvent): Bare | undefined {
  const { execution, frames } = image;
  if (isClosed(execution)) {
    if (next.type !== 'ExecutionRedriven') return undefined;
    return { kind: 'redrive', clientToken: null, definition: null, origin: null, alone: false };
  }
  for (const frame of frames.values()) {
    const event = frame.lastEvent === next.previousEventId ? awaitedBy(frame, next) : undefined;
    if (event) return event;
  }
  if (next.type === 'ExecutionTimedOut') return execution.deadline === null ? undefined : { kind: 'deadline' };
  if (next.type === 'ExecutionAborted') {
    const { error, cause } = detailsOf(next);
    return { kind: 'stop', error: textOrNull(error), cause: textOrNull(cause) };
  }
  return execution.ready.length > 0 ? { kind: 'continue' } : undefined;
}

function awaitedBy(frame: Frame, next: HistoryEvent): Bare | undefined {
  const { id, attempt, waiting } = frame;
  const to = { frame: id, attempt };
  if (waiting.kind === 'timer' || waiting.kind === 'retry') return { kind: 'timer', ...to };
  if (waiting.kind !== 'task') return undefined;
  if (waiting.activity && !waiting.submitted)
    return { kind: next.type === 'ActivityScheduled' ? 'activityScheduled' : 'activityMissing', ...to };
  const details = detailsOf(next);
  const output = (): Value => Value.ofText(String(details['output'] ?? 'null'));
  switch (/^(?:LambdaFunction|Task|Activity)(\w+)$/.exec(next.type)?.[1]) {
    case 'Started':
      return { kind: 'activityBegun', ...to, workerName: textOrNull(details['workerName']) };
    case 'Submitted':
      return { kind: 'taskSubmitted', ...to, output: output() };
    case 'Succeeded':
      return { kind: 'taskSucceeded', ...to, output: output() };
    case 'Failed':
      return { kind: 'taskFailed', ...to, ...failureOf(details) };
    case 'TimedOut':
      return timedOut(frame, Number(next.timestamp));
    default:
      return undefined;
  }
}

/** TimeoutSeconds or HeartbeatSeconds: the history does not say which. */
export function timedOut({ id, attempt, waiting }: Frame, at: number): Bare | undefined {
  if (waiting.kind !== 'task') return undefined;
  const to = { frame: id, attempt };
  if (waiting.timeoutAt !== null && waiting.timeoutAt <= at) return { kind: 'timer', ...to };
  return waiting.heartbeatSeconds === null ? undefined : { kind: 'heartbeatMissed', ...to };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
