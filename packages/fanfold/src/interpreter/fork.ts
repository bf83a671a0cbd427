/** Forking the branches of a Parallel and the iterations of a Map, and folding their outputs in order (I6). */
import { checkParameters, checkResult } from './data-limits.ts';
import { type Children, childId, type Frame, forkId, NO_RETRIES, NOTHING } from './frame.ts';
import { FrameScope } from './frame-scope.ts';
import { itemAt } from './map-items.ts';
import { complete } from './leave.ts';
import { AWS_CONCURRENCY, MOST_FRAMES } from './limits.ts';
import type { MapState, ParallelState } from './machine.ts';
import { stateOf } from './state-of.ts';
import type { Draft, Turn } from './turn.ts';
import { Value } from './value.ts';

/** Begins to wait for children; they are forked one by one as there is room. @throws RangeError for data that cannot be written as text */
export function waitForChildren(
  frame: Draft<Frame>,
  params: Pick<Children, 'items' | 'input' | 'total' | 'maxConcurrency'>,
): void {
  const { items, input } = params;
  for (const value of [items, input]) value?.write();
  frame.attempt += 1;
  frame.waiting = { kind: 'children', ...params, next: 0, running: 0, failed: 0 };
}

/** What a frame with children can do now. */
export function childrenNeed(turn: Turn, waiting: Children): 'fork' | 'fold' | 'nothing' {
  if (waiting.next < waiting.total) {
    return waiting.running < roomFor(turn, waiting) ? 'fork' : 'nothing';
  }
  return waiting.running === 0 ? 'fold' : 'nothing';
}

/**
 * How many children may run at once: all branches, and so many iterations. There is always room for one, or nested forks
 * could wait for each other.
 */
function roomFor(turn: Turn, { items, maxConcurrency }: Children): number {
  const { window } = turn.outside;
  if (turn.frameCount >= Math.max(MOST_FRAMES, window)) return 1;
  if (!items) return Number.POSITIVE_INFINITY;
  const most = turn.execution.limits === 'aws' ? Math.min(window, AWS_CONCURRENCY) : window;
  return maxConcurrency === 0 ? most : Math.min(maxConcurrency, most);
}

/** Forks the next child and puts it on the stack. @throws StatesError when its input cannot be made */
export function forkNext(turn: Turn, frame: Draft<Frame>, waiting: Children): void {
  const state = stateOf(turn, frame);
  const index = waiting.next;
  const block = state.type === 'Map' ? state.processor : ((state as ParallelState).branches[index] as number);
  const input = state.type === 'Map' ? iterationInput(turn, frame, state, waiting, index) : waiting.input;
  frame.waiting = { ...waiting, next: index + 1, running: waiting.running + 1 };
  const started =
    state.type === 'Map'
      ? turn.record(frame.lastEvent, 'MapIterationStarted', state.name, null, { index })
      : frame.lastEvent;
  const child: Frame = {
    id: childId(forkId(frame.id, frame.attempt), index),
    parent: frame.id,
    index,
    block,
    state: turn.machine.blocks[block]?.startAt ?? '',
    input,
    enteredAt: 0,
    enteredEvent: 0,
    lastEvent: started,
    attempt: 0,
    retries: NO_RETRIES,
    variables: null,
    waiting: NOTHING,
  };
  turn.add(child);
  turn.stack.push(child.id);
}

function iterationInput(turn: Turn, frame: Frame, state: MapState, waiting: Children, index: number): Value {
  const item = itemAt(waiting.items as Value, index);
  const input = state.itemSelector
    ? state.itemSelector(new FrameScope(turn, frame, item), waiting.input)
    : Value.ofJson(item.value);
  checkParameters(turn, state.name, input);
  return input;
}

const SUCCEEDED = { Map: 'MapStateSucceeded', Parallel: 'ParallelStateSucceeded' } as const;

/** All children are done: their outputs, in the order of their indexes, are the state's result. @throws StatesError */
export function fold(turn: Turn, frame: Draft<Frame>, waiting: Children): void {
  const state = stateOf(turn, frame) as MapState | ParallelState;
  const fork = forkId(frame.id, frame.attempt);
  const outputs = Value.array(turn.outputsOf(fork, waiting.total));
  if (!state.shape.dropsResult) checkResult(turn, state.name, outputs);
  turn.record(frame.lastEvent, SUCCEEDED[state.type], state.name, null, null);
  complete(turn, frame, state, outputs, new FrameScope(turn, frame));
  turn.dropFork(fork, waiting);
}
