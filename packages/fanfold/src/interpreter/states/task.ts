import type { Resource } from '../../asl/resource.ts';
import { checkParameters, resultFailure } from '../data-limits.ts';
import { runtimeError } from '../../asl/states-error.ts';
import { type Failure, failState, withinLength } from '../failure.ts';
import type { StepEvent } from '../event.ts';
import type { Frame, FrameId } from '../frame.ts';
import type { HistoryEventType } from '../history.ts';
import { FrameScope } from '../frame-scope.ts';
import { complete } from '../leave.ts';
import type { TaskState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';
import type { Json } from '../../json.ts';
import { EMPTY_OBJECT, type Value } from '../value.ts';
import { activityBegun, activityMissing, activityScheduled, enterActivity, requestActivity } from './activity.ts';

/** The names of its events; whole ones, because names that are put together are slow to look up. */
const EVENTS = {
  function: {
    succeeded: 'LambdaFunctionSucceeded',
    failed: 'LambdaFunctionFailed',
    timedOut: 'LambdaFunctionTimedOut',
  },
  activity: { succeeded: 'ActivitySucceeded', failed: 'ActivityFailed', timedOut: 'ActivityTimedOut' },
  integration: { succeeded: 'TaskSucceeded', failed: 'TaskFailed', timedOut: 'TaskTimedOut' },
} as const satisfies Record<Resource['kind'], Record<string, HistoryEventType>>;

/** Schedules the task; also each time it is tried again. */
export function enterTask(turn: Turn, frame: Draft<Frame>, state: TaskState): void {
  // Before anything is evaluated: the token in the parameters is of this attempt.
  frame.attempt += 1;
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  const timeout = state.timeout?.(scope.over(input)) ?? null;
  const heartbeatSeconds = state.heartbeat?.(scope.over(input)) ?? null;
  const { kind } = state.resource;
  const isFunction = kind === 'function';
  // An integration without Parameters gets none; functions and activities get the state's input.
  const parameters = state.shape.arguments?.(scope, input) ?? (kind === 'integration' ? EMPTY_OBJECT : input);
  checkParameters(turn, state.name, parameters);
  if (kind === 'activity')
    return enterActivity(turn, frame, state, { input: parameters, timeoutSeconds: timeout, heartbeatSeconds });
  const credentials = state.credentials?.(scope, input);
  const timeoutAt = timeout === null ? null : turn.outside.at + timeout * 1000;
  const redriveOf = frame.waiting.kind === 'entered' ? frame.waiting.redriveOf : undefined;
  const waiting: TaskWaiting = {
    kind: 'task',
    parameters,
    timeoutAt,
    // Nobody sends heartbeats of other tasks.
    heartbeatSeconds: state.resource.pattern === 'waitForTaskToken' ? heartbeatSeconds : null,
    submitted: false,
    ...(redriveOf && { redriveOf }),
  };
  frame.waiting = waiting;
  const detail: Record<string, Json> = {};
  if (timeout !== null) detail['timeoutInSeconds'] = timeout;
  if (heartbeatSeconds !== null) detail['heartbeatInSeconds'] = heartbeatSeconds;
  if (credentials !== undefined) detail['taskCredentials'] = credentials;
  if (!isFunction) detail['region'] = regionOf(turn);
  turn.follow(frame, isFunction ? 'LambdaFunctionScheduled' : 'TaskScheduled', parameters, detail);
  turn.follow(frame, isFunction ? 'LambdaFunctionStarted' : 'TaskStarted');
  command(turn, frame, state, waiting);
}

/** After a crash the same attempt is called again, with its whole time; I3 drops one of two outcomes. */
function restartTask(turn: Turn, frame: Draft<Frame>, state: TaskState): void {
  if (frame.waiting.kind !== 'task' || frame.waiting.submitted) return;
  if (frame.waiting.activity) return requestActivity(turn, frame, state);
  const scope = new FrameScope(turn, frame);
  const timeout = state.timeout?.(scope.over(state.shape.input(scope))) ?? null;
  const waiting = { ...frame.waiting, timeoutAt: timeout === null ? null : turn.outside.at + timeout * 1000 };
  frame.waiting = waiting;
  command(turn, frame, state, waiting);
}

function command(
  turn: Turn,
  frame: Frame,
  state: TaskState,
  { parameters, timeoutAt, heartbeatSeconds, redriveOf }: TaskWaiting,
): void {
  const { id, attempt } = frame;
  const idempotencyKey = `${turn.execution.arn}#${frame.enteredEvent}`;
  const { arn: resource } = state.resource;
  turn.commands.push({
    kind: 'task',
    frame: id,
    attempt,
    state: state.name,
    resource,
    parameters,
    idempotencyKey,
    heartbeatSeconds,
    ...(redriveOf && { redriveOf }),
  });
  if (timeoutAt !== null) turn.commands.push({ kind: 'timer', frame: id, attempt, at: timeoutAt });
}

type TaskWaiting = Extract<Frame['waiting'], { kind: 'task' }>;

/** What is told of a task that the frame awaits. */
export type TaskEvent = Extract<StepEvent, { frame: FrameId }>;

/** @throws StatesError when the task has failed within the workflow: its result cannot be shaped, its activity is missing */
export function receiveTask(turn: Turn, frame: Draft<Frame>, state: TaskState, event: TaskEvent): void {
  const { waiting } = frame;
  if (waiting.kind !== 'task') return;
  switch (event.kind) {
    case 'timer':
      return taskTimedOut(turn, frame, state);
    case 'heartbeatMissed':
      return taskTimedOut(turn, frame, state, 'States.HeartbeatTimeout');
    case 'restart':
      return restartTask(turn, frame, state);
    case 'taskSubmitted':
      return taskSubmitted(turn, frame, event.output);
    case 'taskSucceeded':
      return taskSucceeded(turn, frame, state, event.output);
    case 'taskFailed':
      if (event.rejected) return taskRejected(turn, frame, event.cause ?? '');
      return taskFailed(turn, frame, state, event);
    case 'activityScheduled':
      return activityScheduled(turn, frame, waiting);
    case 'activityMissing':
      return activityMissing(state.resource.arn);
    case 'activityBegun':
      return activityBegun(turn, frame, waiting, event.workerName);
    case 'mapRunSucceeded':
    case 'mapRunFailed':
      return;
    default:
      return event satisfies never;
  }
}

/** The work was handed over; the outcome comes later. */
function taskSubmitted(turn: Turn, frame: Draft<Frame>, output: Value): void {
  turn.follow(frame, 'TaskSubmitted', output);
  if (frame.waiting.kind === 'task') frame.waiting = { ...frame.waiting, submitted: true };
}

/** @throws StatesError when the result cannot be shaped */
function taskSucceeded(turn: Turn, frame: Draft<Frame>, state: TaskState, output: Value): void {
  const { kind, arn, service } = state.resource;
  const tooLarge = resultFailure(turn, kind === 'integration' ? service : arn, output);
  if (tooLarge) return taskFailed(turn, frame, state, tooLarge);
  settle(turn, frame);
  turn.follow(frame, EVENTS[kind].succeeded, output);
  complete(turn, frame, state, output, new FrameScope(turn, frame));
}

function taskFailed(turn: Turn, frame: Draft<Frame>, state: TaskState, whole: Failure): void {
  const failure = withinLength(whole);
  settle(turn, frame);
  const detail = {
    ...(failure.error !== null && { error: failure.error }),
    ...(failure.cause !== null && { cause: failure.cause }),
  };
  turn.follow(frame, EVENTS[state.resource.kind].failed, null, detail);
  failState(turn, frame, { error: failure.error, cause: failure.cause });
}

/** The task could not begin with its parameters: as on AWS, no event tells of it but the end. @throws StatesError */
function taskRejected(turn: Turn, frame: Frame, cause: string): never {
  settle(turn, frame);
  throw runtimeError(cause);
}

/**
 * TimeoutSeconds or HeartbeatSeconds is over: the work is given up.
 * @param also the name of a missed heartbeat; AWS shows States.Timeout for it, and lets it be caught by either name
 */
function taskTimedOut(turn: Turn, frame: Draft<Frame>, state: TaskState, also?: 'States.HeartbeatTimeout'): void {
  const error = 'States.Timeout';
  turn.commands.push({ kind: 'cancel', frame: frame.id, attempt: frame.attempt });
  turn.follow(frame, EVENTS[state.resource.kind].timedOut, null, { error });
  failState(turn, frame, { error, cause: null, ...(also && { also }) });
}

/** The outcome is here: a timeout that was set for it is not awaited any more. */
function settle(turn: Turn, frame: Frame): void {
  if (frame.waiting.kind === 'task' && frame.waiting.timeoutAt !== null)
    turn.commands.push({ kind: 'cancel', frame: frame.id, attempt: frame.attempt });
}

/** arn:aws:states:<region>:… */
function regionOf(turn: Turn): string {
  return turn.execution.arn.split(':')[3] ?? '';
}
