/** Leaving a state: on to the next one, or out of the block with its output. */
import { succeed } from './close.ts';
import { type Frame, forkId } from './frame.ts';
import type { FrameScope } from './frame-scope.ts';
import type { Selection } from './machine.ts';
import { place, select } from './shape.ts';
import { stateOf } from './state-of.ts';
import type { Draft, Turn } from './turn.ts';
import type { Value } from './value.ts';

/** The state has its result: ResultPath, OutputPath, the exit event, and on. @throws StatesError */
export function complete(
  turn: Turn,
  frame: Draft<Frame>,
  result: Value,
  resultPath: Selection,
  scope: FrameScope,
): void {
  const state = stateOf(turn, frame);
  const output = select(state.outputPath, place(resultPath, frame.input, result), scope);
  leave(turn, frame, output, state.next);
}

/** @param next null ends the block */
export function leave(turn: Turn, frame: Draft<Frame>, output: Value, next: string | null): void {
  const { type } = stateOf(turn, frame);
  turn.follow(frame, `${type}StateExited`, output);
  if (next === null) finish(turn, frame, output);
  else goTo(frame, next, output);
}

/** Puts the frame before the next state, which it enters when it is run again. */
export function goTo(frame: Draft<Frame>, next: string, input: Value): void {
  frame.state = next;
  frame.input = input;
  frame.retries = [];
  frame.waiting = { kind: 'nothing' };
}

/** The end of a block: of the execution, or of a child, whose output is kept for its parent to fold. */
function finish(turn: Turn, frame: Draft<Frame>, output: Value): void {
  turn.drop(frame.id);
  if (frame.parent === null) {
    succeed(turn, output, frame.lastEvent);
    return;
  }
  const parent = turn.frame(frame.parent);
  if (parent?.waiting.kind !== 'children')
    throw new Error(`The parent of frame ${frame.id} does not wait for children`);
  turn.output(forkId(parent.id, parent.attempt), frame.index, output);
  const { type, name } = stateOf(turn, parent);
  if (type === 'Map') turn.record(frame.lastEvent, 'MapIterationSucceeded', name, null, { name, index: frame.index });
  parent.lastEvent = frame.lastEvent;
  parent.waiting = { ...parent.waiting, running: parent.waiting.running - 1 };
  turn.schedule(parent.id);
}
