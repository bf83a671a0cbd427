/** Apart from the recording: what may come next, and when. */
import { type Frame, wakeAt } from '../frame.ts';
import type { ExecutionImage } from '../turn.ts';
import { Value } from '../value.ts';
import { type Bare, timedOut } from './lockstep.ts';
import type { RecordedAttempt, RecordedOutcome } from './recording.ts';

export interface Coming {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of what comes at the same time the lowest comes first: outcomes in the order in which they were recorded. */
  readonly rank: number;
  readonly event: Bare;
}

interface Held {
  readonly recorded: RecordedAttempt | undefined;
  readonly scheduledAt: number;
}

/** @param held what was recorded of the attempt that a frame waits for */
export function candidates(
  image: ExecutionImage,
  now: number,
  held: (frame: Frame) => Held | undefined,
): readonly Coming[] {
  const { execution, frames } = image;
  const found: Coming[] = [];
  if (execution.ready.length > 0) found.push({ at: now, rank: 0, event: { kind: 'continue' } });
  for (const frame of frames.values()) {
    const { id, attempt, waiting } = frame;
    if (waiting.kind === 'task') found.push(...outcomesOf(frame, held(frame)));
    else if (waiting.kind === 'timer' || waiting.kind === 'retry')
      found.push({ at: waiting.until, rank: LAST, event: { kind: 'timer', frame: id, attempt } });
  }
  // Where nothing else comes, nobody knows when the rest would have: the time of the execution is not up then.
  if (found.length > 0 && execution.deadline !== null)
    found.push({ at: execution.deadline, rank: LAST, event: { kind: 'deadline' } });
  return found;
}

const LAST: number = Number.POSITIVE_INFINITY;

function outcomesOf(frame: Frame, held: Held | undefined): Coming[] {
  const { recorded, scheduledAt } = held ?? {};
  if (!recorded?.outcome || scheduledAt === undefined || frame.waiting.kind !== 'task') return [];
  const { id, attempt, waiting } = frame;
  const { submitted, begun, outcome } = recorded;
  const after = (at: number): number => scheduledAt + at - recorded.scheduledAt;
  if (waiting.activity && !waiting.submitted)
    return [{ at: scheduledAt, rank: 0, event: { kind: 'activityScheduled', frame: id, attempt } }];
  if (begun && waiting.activity?.begun === false)
    return [
      {
        at: after(begun.at),
        rank: begun.event,
        event: { kind: 'activityBegun', frame: id, attempt, workerName: begun.workerName },
      },
    ];
  if (submitted && !waiting.submitted)
    return [
      {
        at: after(submitted.at),
        rank: submitted.event,
        event: { kind: 'taskSubmitted', frame: id, attempt, output: Value.ofText(submitted.output) },
      },
    ];
  const at = after(outcome.at);
  const timeout = wakeAt(frame);
  const event = timeout !== null && timeout < at ? timedOut(frame, timeout) : outcomeEvent(frame, outcome, at);
  if (!event) return [];
  return [{ at: timeout === null ? at : Math.min(at, timeout), rank: outcome.event, event }];
}

function outcomeEvent(frame: Frame, outcome: RecordedOutcome, at: number): Bare | undefined {
  const to = { frame: frame.id, attempt: frame.attempt };
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'taskSucceeded', ...to, output: Value.ofText(outcome.output) };
    case 'failed':
      return { kind: 'taskFailed', ...to, error: outcome.error, cause: outcome.cause };
    case 'timedOut':
      return timedOut(frame, at);
    default:
      return outcome satisfies never;
  }
}
