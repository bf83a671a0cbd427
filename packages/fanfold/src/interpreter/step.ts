/**
 * The interpreter: one pure, synchronous step. One outside event is run to quiescence, until only outside work is left,
 * or until {@link MAX_TRANSITIONS} states were entered and others should have their turn.
 *
 * S1 Same arguments, same result, byte for byte: no clock, randomness, id, promise or I/O that did not come in.
 * S2 What was given is never changed.
 * S3 An event of a frame or attempt that is not awaited any more changes nothing (I3).
 * S4 Frames are of constant size; the work of a step does not depend on how many siblings a frame has.
 */
import { EvaluationError } from '../asl/jsonata/index.ts';
import { close } from './close.ts';
import type { Command, Outside, StepEvent } from './event.ts';
import type { Execution } from './execution.ts';
import { checkInput } from './data-limits.ts';
import { abortFrame, asStatesError, type Failure, failState, failureOf } from './failure.ts';
import { childrenNeed, fold, forkNext } from './fork.ts';
import { type Frame, type FrameId, isEnded, NO_RETRIES, NOTHING, ROOT } from './frame.ts';
import { ENTERED, type HistoryRecord } from './history.ts';
import { HISTORY_FULL, HistoryFull, AWS_EXECUTION_MS } from './limits.ts';
import type { Machine, State } from './machine.ts';
import type { Probe } from './probe.ts';
import { deadlineOf, redrive } from './redrive.ts';
import { stateOf } from './state-of.ts';
import { enterChoice } from './states/choice.ts';
import { enterDistributedMap, mapRunFailed, mapRunSucceeded } from './states/distributed-map.ts';
import { enterFail } from './states/fail.ts';
import { enterMap } from './states/map.ts';
import { enterParallel } from './states/parallel.ts';
import { enterPass } from './states/pass.ts';
import { enterSucceed } from './states/succeed.ts';
import { enterTask, receiveTask } from './states/task.ts';
import { endWait, enterWait } from './states/wait.ts';
import { type ChildResult, type Draft, type ExecutionImage, Turn } from './turn.ts';

/** How many states one step enters before it lets others run. */
export const MAX_TRANSITIONS = 256;

export interface StepResult {
  readonly execution: Execution;
  /** Frames changed, added, or dropped (null). */
  readonly frames: ReadonlyMap<FrameId, Frame | null>;
  readonly outputs: readonly ChildResult[];
  readonly droppedForks: readonly string[];
  readonly history: readonly HistoryRecord[];
  /** To be performed once the rest is durable (I2). */
  readonly commands: readonly Command[];
}

/** @param probe of TestState, which looks on */
export function step(machine: Machine, before: ExecutionImage, event: StepEvent, probe?: Probe): StepResult {
  const turn = new Turn(machine, before, event, timeOf(before.execution, event), probe);
  if (takes(before.execution, event)) {
    try {
      checkTime(turn);
      receive(turn, event);
      if (mayRun(before.execution, event)) run(turn);
    } catch (error) {
      if (!(error instanceof HistoryFull)) throw error;
      endFull(turn);
    }
  }
  const { execution, frames, outputs, droppedForks, history, commands } = turn;
  execution.ready = turn.stack;
  return { execution, frames, outputs, droppedForks, history, commands };
}

/**
 * Never before the last event: where the machine's clock was set back, the history stands still until the clock has caught
 * up. Deadlines do not wait for that; timers follow the clock as it is.
 */
function timeOf({ lastEventAt, startedAt }: Execution, { at }: Outside): number {
  return Math.max(at, lastEventAt ?? startedAt);
}

/** What has ended takes nothing in but a redrive, and that only when it did not succeed. */
function takes({ status }: Execution, event: StepEvent): boolean {
  return event.kind === 'redrive' ? status !== 'RUNNING' && status !== 'SUCCEEDED' : status === 'RUNNING';
}

/** While a `continue` is due, other events only say what happened: the frames run on in their order when it comes. */
function mayRun(before: Execution, event: StepEvent): boolean {
  return event.kind === 'continue' || before.ready.length === 0;
}

function receive(turn: Turn, event: StepEvent): void {
  switch (event.kind) {
    case 'start':
      return begin(turn);
    case 'continue':
      return;
    case 'deadline':
      return endEarly(turn, 'TIMED_OUT', { error: 'States.Timeout', cause: null });
    case 'stop':
      return endEarly(turn, 'ABORTED', event);
    case 'redrive':
      return redrive(turn, event);
    default:
      return deliver(turn, event);
  }
}

function begin(turn: Turn): void {
  const { execution, machine, outside } = turn;
  const { block = 0 } = execution;
  turn.record(0, 'ExecutionStarted', null, execution.input, { roleArn: execution.roleArn });
  checkInput(turn, execution.input);
  execution.deadline = deadlineOf(machine, execution, outside.at);
  turn.add({
    id: ROOT,
    parent: null,
    index: 0,
    block,
    state: machine.blocks[block]?.startAt ?? '',
    input: execution.input,
    enteredAt: 0,
    enteredEvent: 0,
    lastEvent: 0,
    attempt: 0,
    retries: NO_RETRIES,
    variables: null,
    waiting: NOTHING,
  });
  turn.stack.push(ROOT);
}

/** Everything that still runs is aborted, without events of its own. */
function endEarly(
  turn: Turn,
  status: 'FAILED' | 'TIMED_OUT' | 'ABORTED',
  why: { readonly error: string | null; readonly cause: string | null },
  previous = 0,
): void {
  for (const id of turn.frameIds()) {
    const frame = turn.frame(id);
    if (frame && !isEnded(frame)) abortFrame(turn, frame, null);
  }
  close(turn, status, why, previous);
}

/** Nothing more than this one event has room; no retrier or catcher is asked. */
function endFull(turn: Turn): void {
  turn.closeHistory();
  endEarly(turn, 'FAILED', HISTORY_FULL, turn.execution.lastEventId);
}

/** Under AWS's limits the deadline ends it. */
function checkTime(turn: Turn): void {
  const { type, startedAt } = turn.execution;
  if (type === 'STANDARD' && turn.outside.at - startedAt > AWS_EXECUTION_MS)
    turn.warn('executionTime', 'The execution runs for more than a year: on AWS it ends as TIMED_OUT then.');
}

type FrameEvent = Extract<StepEvent, { frame: FrameId }>;

/** Gives an event to the frame that awaits it; nobody awaits a stale one. */
function deliver(turn: Turn, event: FrameEvent): void {
  const seen = turn.peek(event.frame);
  if (!seen || seen.attempt !== event.attempt || !awaits(seen, event)) return;
  const frame = turn.frame(event.frame) as Draft<Frame>;
  turn.stack.push(frame.id);
  guard(turn, frame, () => react(turn, frame, stateOf(turn, frame), event));
}

function awaits({ waiting }: Frame, event: FrameEvent): boolean {
  switch (waiting.kind) {
    case 'timer':
    case 'retry':
      return event.kind === 'timer';
    case 'mapRun':
      return event.kind === 'mapRunSucceeded' || event.kind === 'mapRunFailed';
    case 'task':
      return awaitsTask(waiting, event.kind);
    default:
      return false;
  }
}

/** A task is handed over, or scheduled, once; only then a worker begins it, once. */
function awaitsTask({ submitted, activity }: TaskWaiting, kind: FrameEvent['kind']): boolean {
  if (kind === 'activityBegun') return submitted && activity?.begun === false;
  return !submitted || !HANDING_OVER.has(kind);
}

type TaskWaiting = Extract<Frame['waiting'], { kind: 'task' }>;

const HANDING_OVER: ReadonlySet<FrameEvent['kind']> = new Set([
  'restart',
  'taskSubmitted',
  'activityScheduled',
  'activityMissing',
]);

function react(turn: Turn, frame: Draft<Frame>, state: State, event: FrameEvent): void {
  const { kind } = frame.waiting;
  if (event.kind === 'timer' && kind === 'retry') {
    enterState(turn, frame, state);
  } else if (event.kind === 'timer' && kind === 'timer' && state.type === 'Wait') {
    endWait(turn, frame, state);
  } else if (kind === 'mapRun' && state.type === 'Map') {
    if (event.kind === 'mapRunSucceeded') mapRunSucceeded(turn, frame, state, event.output);
    else if (event.kind === 'mapRunFailed') mapRunFailed(turn, frame, event);
  } else if (kind === 'task' && state.type === 'Task') {
    receiveTask(turn, frame, state, event);
  }
}

/** Runs frames until all wait for the outside world, or the turn is over. */
function run(turn: Turn): void {
  let budget = MAX_TRANSITIONS;
  for (let id = turn.stack.at(-1); id !== undefined; id = turn.stack.at(-1)) {
    const seen = turn.peek(id);
    if (seen?.waiting.kind === 'nothing' || seen?.waiting.kind === 'entered') {
      if (budget-- === 0) return yieldTurn(turn);
      transition(turn, turn.frame(id) as Draft<Frame>);
    } else if (seen?.waiting.kind !== 'children' || !advance(turn, turn.frame(id) as Draft<Frame>)) {
      turn.stack.pop();
    }
  }
}

/** The frame that had its turn goes to the bottom, so that an endless loop in one branch does not starve the others. */
function yieldTurn(turn: Turn): void {
  const last = turn.stack.pop();
  if (last !== undefined) turn.stack.unshift(last);
  turn.commands.push({ kind: 'continue' });
}

function transition(turn: Turn, frame: Draft<Frame>): void {
  const state = stateOf(turn, frame);
  if (frame.waiting.kind === 'nothing') {
    turn.follow(frame, ENTERED[state.type], frame.input);
    frame.enteredAt = turn.at;
    frame.enteredEvent = frame.lastEvent;
  }
  guard(turn, frame, () => enterState(turn, frame, state));
}

/** For the first time, or again: a retry and a redrive are transitions too. */
function enterState(turn: Turn, frame: Draft<Frame>, state: State): void {
  turn.execution.transitions += 1;
  switch (state.type) {
    case 'Pass':
      return enterPass(turn, frame, state);
    case 'Task':
      return enterTask(turn, frame, state);
    case 'Choice':
      return enterChoice(turn, frame, state);
    case 'Wait':
      return enterWait(turn, frame, state);
    case 'Succeed':
      return enterSucceed(turn, frame, state);
    case 'Fail':
      return enterFail(turn, frame, state);
    case 'Parallel':
      return enterParallel(turn, frame, state);
    case 'Map':
      return state.distributed
        ? enterDistributedMap(turn, frame, state, state.distributed)
        : enterMap(turn, frame, state);
    default:
      return state satisfies never;
  }
}

/** Forks or folds what a frame waits for. False when it can only wait. */
function advance(turn: Turn, frame: Draft<Frame>): boolean {
  const { waiting } = frame;
  if (waiting.kind !== 'children') return false;
  const need = childrenNeed(turn, waiting);
  if (need === 'nothing') return false;
  guard(turn, frame, () => (need === 'fork' ? forkNext : fold)(turn, frame, waiting));
  return true;
}

/** What an expression throws is a failure of the state; so is data too deep or too long for JSON text. */
function guard(turn: Turn, frame: Draft<Frame>, run: () => void): void {
  try {
    run();
  } catch (error) {
    const failed = asStatesError(error);
    const failure = failureOf(turn, frame, failed);
    if (failed instanceof EvaluationError) recordEvaluation(turn, frame, failed, failure);
    failState(turn, frame, failure);
  }
}

/** AWS hangs the event beside the frame's last one, not behind it; a Wait's behind. */
function recordEvaluation(turn: Turn, frame: Draft<Frame>, { location }: EvaluationError, failure: Failure): void {
  const last = turn.history.findLast(({ id }) => id === frame.lastEvent);
  const previous = last?.type === 'WaitStateEntered' ? last.id : (last?.previous ?? frame.lastEvent);
  frame.lastEvent = turn.record(previous, 'EvaluationFailed', null, null, {
    error: failure.error,
    cause: failure.cause,
    ...(location !== undefined && { location }),
    state: frame.state,
  });
}
