/**
 * Redrive: an execution that failed, timed out or was stopped goes on. What succeeded is kept; the tree of frames that the
 * failure left is walked, and its failed and aborted ends run their states again, without entering them a second time.
 */
import type { RedriveParams } from './event.ts';
import type { Execution, Redrive } from './execution.ts';
import { childIds, dropChildren, TERMINAL } from './failure.ts';
import { type Children, type FormerAttempts, type Frame, ROOT, type Standing } from './frame.ts';
import { AWS_EXECUTION_MS, AWS_HISTORY_EVENTS } from './limits.ts';
import type { Machine } from './machine.ts';
import { redriveMapRun } from './states/distributed-map.ts';
import type { Draft, Turn } from './turn.ts';

/** How many client tokens are remembered, and for how long, as on AWS. */
const TOKENS = 10;
const TOKEN_MS = 15 * 60 * 1000;
/** More attempts than a task ever has children to go on from. */
const MOST_FORMER_ATTEMPTS = 8;

/** For how long AWS redrives what has ended. */
const AWS_PERIOD_MS = 14 * 24 * 3600 * 1000;

/** Why nothing of a state machine can be redriven that is being deleted, or is gone. */
export const MACHINE_GONE = 'State machine is in DELETING status';

/**
 * Why an execution cannot be redriven, in AWS's words; null when it can. AWS's limits hold for those that keep them.
 * @param at milliseconds since the epoch
 */
export function notRedrivable(execution: Execution, at: number): string | null {
  const { status, limits, lastEventId, startedAt, stoppedAt } = execution;
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (limits !== 'aws') return null;
  if (lastEventId >= AWS_HISTORY_EVENTS - 1) return 'Execution history event limit exceeded';
  if (at - startedAt >= AWS_EXECUTION_MS) return 'Execution has exceeded the max execution time';
  return at - (stoppedAt ?? at) >= AWS_PERIOD_MS ? 'Execution redrivable period exceeded' : null;
}

/** When TimeoutSeconds of the machine, or the limits, end an execution that begins or is redriven; milliseconds since the epoch. */
export function deadlineOf(
  { timeoutSeconds }: Machine,
  { limits, type, block }: Pick<Execution, 'limits' | 'type' | 'block'>,
  at: number,
): number | null {
  const deadline = timeoutSeconds === null || block !== undefined ? null : at + timeoutSeconds * 1000;
  if (limits !== 'aws' || type !== 'STANDARD') return deadline;
  return Math.min(deadline ?? Number.POSITIVE_INFINITY, at + AWS_EXECUTION_MS);
}

/**
 * When the execution was redriven with this client token: asking again is the same request for a quarter of an hour.
 * @param at milliseconds since the epoch @returns milliseconds since the epoch, or undefined
 */
export function redrivenBy({ redrive }: Execution, clientToken: string, at: number): number | undefined {
  return redrive?.tokens.find((known) => known.token === clientToken && at - known.at < TOKEN_MS)?.at;
}

/** The execution runs again. Given another definition, its frames must fit it (redrive-fit.ts). */
export function redrive(turn: Turn, params: RedriveParams): void {
  const { execution, machine, outside } = turn;
  execution.redrive = redriveOf(execution, params, turn.at);
  execution.status = 'RUNNING';
  execution.stoppedAt = null;
  execution.error = null;
  execution.cause = null;
  execution.deadline = deadlineOf(machine, execution, outside.at);
  execution.definition = params.definition ?? execution.definition;
  execution.origin = params.origin ?? execution.origin;
  turn.record(execution.lastEventId, 'ExecutionRedriven', null, null, { redriveCount: execution.redrive.count });
  const root = turn.frame(ROOT);
  if (!root) throw new Error(`The execution ${execution.arn} has no frames to go on from`);
  if (params.definition !== null) moveBlocks(turn, root);
  revive(turn, root, params.definition !== null);
}

function redriveOf(
  { redrive: before, definition, lastEventId }: Execution,
  { clientToken, definition: other, alone }: RedriveParams,
  at: number,
): Redrive {
  const tokens = (before?.tokens ?? []).filter((known) => at - known.at < TOKEN_MS);
  const formerDefinitions = before?.formerDefinitions ?? [];
  return {
    count: (before?.count ?? 0) + 1,
    at,
    tokens: (clientToken === null ? tokens : [...tokens, { token: clientToken, at }]).slice(-TOKENS),
    formerDefinitions:
      other === null ? formerDefinitions : [...formerDefinitions, { definition, throughEvent: lastEventId }],
    alone,
  };
}

/** In another definition the blocks have other numbers: each frame's is found from its parent's state. */
function moveBlocks(turn: Turn, parent: Frame): void {
  for (const id of childIds(parent)) {
    const child = turn.frame(id);
    if (!child) continue;
    child.block = childBlock(turn.machine, parent, child.index) ?? child.block;
    moveBlocks(turn, child);
  }
}

/** The block that a child of a frame runs; undefined when the frame's state forks no such child. */
export function childBlock(machine: Machine, parent: Frame, index: number): number | undefined {
  const state = machine.blocks[parent.block]?.states.get(parent.state);
  if (state?.type === 'Map') return state.processor;
  return state?.type === 'Parallel' ? state.branches[index] : undefined;
}

/** @param corrected the definition is another: results that could not be folded before may be now */
function revive(turn: Turn, frame: Draft<Frame>, corrected: boolean): void {
  const { waiting } = frame;
  if (waiting.kind !== 'failed' && waiting.kind !== 'aborted') return;
  const { was } = waiting;
  turn.stack.push(frame.id);
  frame.retries = [];
  if (waiting.kind === 'aborted' && was.kind === 'nothing') {
    // It had left one state and not entered the next.
    frame.waiting = was;
    return;
  }
  frame.lastEvent = frame.enteredEvent;
  if (was.kind === 'mapRun' && (corrected || !isBeyondRun(waiting))) return redriveMapRun(turn, frame, was);
  if (was.kind !== 'children' || (waiting.kind === 'failed' && isDone(turn, frame, was) && !corrected)) {
    dropChildren(turn, frame);
    const former = formerAttempts(frame, was);
    frame.waiting = { kind: 'entered', ...(former && { redriveOf: former }) };
    return;
  }
  frame.waiting = was;
  // The last one pushed runs first.
  for (const id of childIds(frame).reverse()) {
    const child = turn.frame(id);
    if (child) revive(turn, child, corrected);
  }
}

/** All children are done, and it was the state itself that failed: as on AWS they run again, they may come to something else. */
function isDone(turn: Turn, frame: Frame, { next, total }: Children): boolean {
  return next === total && !childIds(frame).some((id) => turn.peek(id));
}

/**
 * The results of the map run were too large, or an expression over them failed: with the same results that would come again.
 * As on AWS another run is begun.
 */
function isBeyondRun(waiting: Frame['waiting']): boolean {
  return waiting.kind === 'failed' && waiting.error !== null && TERMINAL.has(waiting.error);
}

function formerAttempts({ attempt }: Frame, was: Standing): FormerAttempts | undefined {
  if (was.kind === 'entered') return was.redriveOf;
  return was.kind === 'task' ? [attempt, ...(was.redriveOf ?? [])].slice(0, MOST_FORMER_ATTEMPTS) : undefined;
}
