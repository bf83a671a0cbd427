/**
 * Task states whose work a worker fetches for itself: scheduled, begun by whoever takes it, and answered with a token.
 * TimeoutSeconds and HeartbeatSeconds count from when it is begun, as on AWS.
 */
import { runtimeError } from '../../asl/states-error.ts';
import type { Frame, Standing } from '../frame.ts';
import type { TaskState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';
import type { Value } from '../value.ts';

export interface ActivityParams {
  readonly input: Value;
  readonly timeoutSeconds: number | null;
  readonly heartbeatSeconds: number | null;
}

type TaskWaiting = Extract<Standing, { kind: 'task' }>;

/** Asks for the activity; nothing is in the history before it is known that there is one. */
export function enterActivity(
  turn: Turn,
  frame: Draft<Frame>,
  state: TaskState,
  { input, timeoutSeconds, heartbeatSeconds }: ActivityParams,
): void {
  frame.waiting = {
    kind: 'task',
    parameters: input,
    timeoutAt: null,
    heartbeatSeconds,
    submitted: false,
    activity: { timeoutSeconds, begun: false },
  };
  requestActivity(turn, frame, state);
}

/** Also after a crash, where nobody knows whether it was asked for. */
export function requestActivity(turn: Turn, { id: frame, attempt }: Frame, { resource }: TaskState): void {
  turn.commands.push({ kind: 'activity', frame, attempt, activityArn: resource.arn });
}

/** @throws StatesError always */
export function activityMissing(activityArn: string): never {
  throw runtimeError(`The activity ${activityArn} does not exist.`);
}

/** There is such an activity: from now on a worker may take the task. */
export function activityScheduled(turn: Turn, frame: Draft<Frame>, waiting: TaskWaiting): void {
  const { parameters, heartbeatSeconds, activity } = waiting;
  const timeoutSeconds = activity?.timeoutSeconds ?? null;
  turn.follow(frame, 'ActivityScheduled', parameters, {
    ...(timeoutSeconds !== null && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds !== null && { heartbeatInSeconds: heartbeatSeconds }),
  });
  frame.waiting = { ...waiting, submitted: true };
}

/** A worker has taken it: its time begins. */
export function activityBegun(turn: Turn, frame: Draft<Frame>, waiting: TaskWaiting, workerName: string | null): void {
  const timeoutSeconds = waiting.activity?.timeoutSeconds ?? null;
  const timeoutAt = timeoutSeconds === null ? null : turn.outside.at + timeoutSeconds * 1000;
  turn.follow(frame, 'ActivityStarted', null, workerName === null ? null : { workerName });
  frame.waiting = { ...waiting, timeoutAt, activity: { timeoutSeconds, begun: true } };
  if (timeoutAt !== null) turn.commands.push({ kind: 'timer', frame: frame.id, attempt: frame.attempt, at: timeoutAt });
}
