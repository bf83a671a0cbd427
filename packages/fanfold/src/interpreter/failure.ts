/** What a failure does: it is retried, caught, or goes up until the execution fails. */
import { EvaluationError } from '../asl/jsonata/index.ts';
import { runtimeError, StatesError } from '../asl/states-error.ts';
import type { JsonObject } from '../json.ts';
import { close } from './close.ts';
import { childId, type Frame, type FrameId, forkId, isEnded, type Standing } from './frame.ts';
import { FrameScope } from './frame-scope.ts';
import { exit, goTo } from './leave.ts';
import { cut, MOST_CAUSE_LENGTH, MOST_ERROR_LENGTH } from './limits.ts';
import type { Catcher, Retrier } from './machine.ts';
import { retryDelay } from './retry.ts';
import { stateOf } from './state-of.ts';
import type { Draft, Turn } from './turn.ts';
import { Value } from './value.ts';

export interface Failure {
  readonly error: string | null;
  readonly cause: string | null;
  /** Another name that retriers and catchers may know it by. */
  readonly also?: string;
  /** Nobody can retry or catch it, not even by its name. */
  readonly terminal?: boolean;
  /** An expression failed before the state's work had begun; its Map or Parallel has failed all the same. */
  readonly evaluation?: boolean;
}

/** Errors of the workflow's own making that end the execution. A task may report an error of the same name: that one is caught. */
export const TERMINAL: ReadonlySet<string> = new Set(['States.Runtime', 'States.DataLimitExceeded']);

/**
 * A failure of the workflow's own making: its cause names the state and the event that entered it, as on AWS. TestState,
 * which has no events, gives the bare cause.
 */
export function failureOf(turn: Turn, frame: Frame, error: StatesError): Failure {
  const terminal = TERMINAL.has(error.error);
  const evaluation = error instanceof EvaluationError;
  if (error.bare) return withinLength({ error: error.error, cause: error.message, terminal });
  if (turn.probe) return withinLength({ error: error.error, cause: error.message, terminal, evaluation });
  const where = `An error occurred while executing the state '${frame.state}' (entered at the event id #${frame.enteredEvent}).`;
  return withinLength({ error: error.error, cause: `${where} ${error.message}`, terminal, evaluation });
}

/** Data that cannot be written is the workflow's own fault; any other error is thrown again. */
export function asStatesError(error: unknown): StatesError {
  if (error instanceof StatesError) return error;
  if (error instanceof RangeError) return runtimeError(`The data is too large or nested too deeply: ${error.message}`);
  throw error;
}

/** A cause may quote an input, or be what a function threw: both may be of any length. */
export function withinLength<F extends Pick<Failure, 'error' | 'cause'>>(failure: F): F {
  const { error, cause } = failure;
  if ((error?.length ?? 0) <= MOST_ERROR_LENGTH && (cause?.length ?? 0) <= MOST_CAUSE_LENGTH) return failure;
  return {
    ...failure,
    error: error === null ? null : cut(error, MOST_ERROR_LENGTH),
    cause: cause === null ? null : cut(cause, MOST_CAUSE_LENGTH),
  };
}

/** The state that the frame is in has failed. */
export function failState(turn: Turn, frame: Draft<Frame>, whole: Failure): void {
  const failure = withinLength(whole);
  const state = stateOf(turn, frame);
  turn.probe?.failed(failure);
  abortChildren(turn, frame, frame.lastEvent);
  if ('retry' in state) {
    if (retry(turn, frame, state.retry, failure)) return;
    if (state.type !== 'Task' && (holdsWork(frame) || failure.evaluation))
      turn.follow(frame, `${state.type}StateFailed`);
    const index = state.catch.findIndex((candidate) => matches(candidate.errors, failure));
    const catcher = state.catch[index];
    if (catcher && caught(turn, frame, catcher, failure)) {
      turn.probe?.catcher(index);
      return;
    }
  }
  frame.waiting = { kind: 'failed', error: failure.error, cause: failure.cause, was: standing(frame) };
  if (frame.parent === null) close(turn, 'FAILED', failure, frame.lastEvent);
  else failParent(turn, frame, failure);
}

/** The iterations, the branches or the map run of the state had begun. */
function holdsWork({ waiting }: Frame): boolean {
  return waiting.kind === 'children' || waiting.kind === 'mapRun';
}

/** Waits for the next try. False when no retrier takes the error, or it has no attempts left. */
function retry(turn: Turn, frame: Draft<Frame>, retriers: readonly Retrier[], failure: Failure): boolean {
  const index = retriers.findIndex((retrier) => matches(retrier.errors, failure));
  const retrier = retriers[index];
  const used = frame.retries[index] ?? 0;
  if (retrier) turn.probe?.retrier(index);
  if (!retrier || used >= retrier.maxAttempts) return false;
  dropChildren(turn, frame);
  const retries = retriers.map((_, i) => (frame.retries[i] ?? 0) + (i === index ? 1 : 0));
  const until = turn.outside.at + Math.round(retryDelay(retrier, used, turn) * 1000);
  frame.retries = retries;
  frame.attempt += 1;
  frame.waiting = { kind: 'retry', until };
  turn.commands.push({ kind: 'timer', frame: frame.id, attempt: frame.attempt, at: until });
  return true;
}

/** Goes on at the catcher's state. False when the caught error cannot be put where ResultPath says: then that is the failure. */
function caught(turn: Turn, frame: Draft<Frame>, catcher: Catcher, failure: Failure): boolean {
  const errorOutput: JsonObject = {
    ...(failure.error !== null && { Error: failure.error }),
    ...(failure.cause !== null && { Cause: failure.cause }),
  };
  try {
    const error = Value.ofJson(errorOutput);
    const scope = new FrameScope(turn, frame).withErrorOutput(error);
    const output = catcher.output(scope, error);
    const assigned = catcher.assign?.(scope, error);
    // What is too large is refused here, while the children are still there.
    exit(turn, frame, stateOf(turn, frame), output, assigned);
    dropChildren(turn, frame);
    goTo(frame, catcher.next, output);
    turn.schedule(frame.id);
    return true;
  } catch (error) {
    if (error instanceof StatesError || error instanceof RangeError) return false;
    throw error;
  }
}

/** States.ALL takes everything; States.TaskFailed what is a failure of the task itself, but no timeout. */
function matches(errors: readonly string[], { error, also, terminal }: Failure): boolean {
  if (terminal) return false;
  return errors.some((name) => {
    if (name === error || name === also || name === 'States.ALL') return true;
    return name === 'States.TaskFailed' && !UNCAUGHT_BY_TASK_FAILED.has(error ?? '');
  });
}

const UNCAUGHT_BY_TASK_FAILED: ReadonlySet<string> = new Set([
  'States.Timeout',
  'States.Runtime',
  'States.DataLimitExceeded',
  'States.ParameterPathFailure',
  'States.ResultPathMatchFailure',
  'States.IntrinsicFailure',
  'States.NoChoiceMatched',
]);

/** A child failed: its siblings are aborted, and the state that forked them has failed. */
function failParent(turn: Turn, child: Draft<Frame>, failure: Failure): void {
  const parent = turn.frame(child.parent as FrameId);
  if (!parent || parent.waiting.kind !== 'children') return;
  const failing = child.lastEvent;
  const state = stateOf(turn, parent);
  if (state.type === 'Map') turn.record(failing, 'MapIterationFailed', state.name, null, { index: child.index });
  parent.lastEvent = failing;
  failState(turn, parent, failure);
}

/** Aborts what still runs below a frame, in index order. Every event of it follows the failing one. */
function abortChildren(turn: Turn, parent: Frame, failing: number): void {
  const state = stateOf(turn, parent);
  for (const id of childIds(parent)) {
    const child = turn.frame(id);
    if (!child) continue;
    if (isEnded(child)) {
      if (state.type === 'Parallel') abortFailedState(turn, child, failing);
      continue;
    }
    abortFrame(turn, child, failing);
    if (state.type === 'Map') turn.record(failing, 'MapIterationAborted', state.name, null, { index: child.index });
  }
}

/** The Task or Wait that a branch failed in has not ended by itself: AWS aborts it with its siblings. An iteration's has ended with it. */
function abortFailedState(turn: Turn, frame: Frame, failing: number): void {
  const { type } = stateOf(turn, frame);
  if (frame.waiting.kind === 'failed' && (type === 'Task' || type === 'Wait'))
    turn.record(failing, `${type}StateAborted`, frame.state, null, null);
}

/** What goes on outside until it is cancelled. */
const CANCELLED: ReadonlySet<Frame['waiting']['kind']> = new Set(['task', 'mapRun', 'timer', 'retry']);

/** Stops one line of control: what it waits for is cancelled, and it remembers where it stood. */
export function abortFrame(turn: Turn, frame: Draft<Frame>, failing: number | null): void {
  if (frame.waiting.kind === 'children' && failing !== null) abortChildren(turn, frame, failing);
  if (CANCELLED.has(frame.waiting.kind))
    turn.commands.push({ kind: 'cancel', frame: frame.id, attempt: frame.attempt });
  if (failing !== null && frame.waiting.kind === 'mapRun')
    turn.record(failing, 'MapRunAborted', frame.state, null, null);
  const { type } = stateOf(turn, frame);
  if (
    failing !== null &&
    frame.waiting.kind !== 'nothing' &&
    (type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map')
  )
    turn.record(failing, `${type}StateAborted`, frame.state, null, null);
  frame.waiting = { kind: 'aborted', was: standing(frame) };
}

/** Forgets the children of a frame that goes on: their frames, and the outputs of those that were done. */
export function dropChildren(turn: Turn, parent: Frame): void {
  const was = standing(parent);
  if (was.kind !== 'children') return;
  for (const id of childIds(parent)) {
    const child = turn.peek(id);
    if (!child) continue;
    dropChildren(turn, child);
    turn.drop(id);
  }
  turn.dropFork(forkId(parent.id, parent.attempt), was);
}

/** Of the children that a frame has forked so far, those that are done included. */
export function childIds(parent: Frame): FrameId[] {
  const was = standing(parent);
  if (was.kind !== 'children') return [];
  const fork = forkId(parent.id, parent.attempt);
  return Array.from({ length: was.next }, (_, i) => childId(fork, i));
}

function standing({ waiting }: Frame): Standing {
  return waiting.kind === 'failed' || waiting.kind === 'aborted' ? waiting.was : waiting;
}
