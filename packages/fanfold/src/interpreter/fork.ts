/** Forking the branches of a Parallel and the iterations of a Map, and folding their outputs in order (I6). */
import { type Children, childId, type Frame, forkId } from './frame.ts';
import { FrameScope, itemAt } from './frame-scope.ts';
import { complete } from './leave.ts';
import type { MapState, ParallelState } from './machine.ts';
import { stateOf } from './state-of.ts';
import type { Draft, Turn } from './turn.ts';
import { Value } from './value.ts';

/** Begins to wait for children; they are forked one by one as there is room. */
export function waitForChildren(
  frame: Draft<Frame>,
  params: Pick<Children, 'items' | 'input' | 'total' | 'maxConcurrency'>,
): void {
  frame.attempt += 1;
  frame.waiting = { kind: 'children', ...params, next: 0, running: 0, failed: 0 };
}

/** What a frame with children can do now. */
export function childrenNeed(turn: Turn, waiting: Children): 'fork' | 'fold' | 'nothing' {
  if (waiting.next < waiting.total) {
    const most =
      waiting.maxConcurrency === 0 ? turn.outside.window : Math.min(waiting.maxConcurrency, turn.outside.window);
    return waiting.running < most ? 'fork' : 'nothing';
  }
  return waiting.running === 0 ? 'fold' : 'nothing';
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
      ? turn.record(frame.lastEvent, 'MapIterationStarted', state.name, null, { name: state.name, index })
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
    retries: [],
    variables: null,
    waiting: { kind: 'nothing' },
  };
  turn.add(child);
  turn.stack.push(child.id);
}

function iterationInput(turn: Turn, frame: Frame, state: MapState, waiting: Children, index: number): Value {
  const item = itemAt(waiting.items as Value, index);
  const input = state.itemSelector
    ? state.itemSelector(new FrameScope(turn, frame, item), waiting.input)
    : Value.ofJson(item.value);
  input.write();
  return input;
}

/** All children are done: their outputs, in the order of their indexes, are the state's result. @throws StatesError */
export function fold(turn: Turn, frame: Draft<Frame>, waiting: Children): void {
  const state = stateOf(turn, frame) as MapState | ParallelState;
  const fork = forkId(frame.id, frame.attempt);
  const outputs = Value.array(turn.outputsOf(fork, waiting.total));
  turn.record(frame.lastEvent, `${state.type}StateSucceeded`, state.name, null, null);
  complete(turn, frame, outputs, new FrameScope(turn, frame));
  turn.dropFork(fork);
}
