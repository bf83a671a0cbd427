/** Leaving a state: on to the next one, or out of the block with its output. */
import { succeed } from './close.ts';
import { checkHeld, checkResult, checkVariables } from './data-limits.ts';
import { type Frame, forkId, NO_RETRIES, NOTHING } from './frame.ts';
import { EXITED } from './history.ts';
import type { FrameScope } from './frame-scope.ts';
import { copyObject, isObject, type JsonObject, setKey } from '../json.ts';
import type { State } from './machine.ts';
import { stateOf } from './state-of.ts';
import type { Draft, Turn } from './turn.ts';
import { Value } from './value.ts';

/** The state has its result: it is shaped, variables are assigned, and on. @throws StatesError */
export function complete(turn: Turn, frame: Draft<Frame>, state: State, result: Value, scope: FrameScope): void {
  const { shape, next } = state;
  scope.withResult(result);
  const output = shape.output(scope, result);
  leave(turn, frame, state, output, next, shape.assign?.(scope, result));
}

/**
 * @param next null ends the block
 * @param assigned variables that the state assigns; they are seen from the next state on
 */
export function leave(
  turn: Turn,
  frame: Draft<Frame>,
  state: State,
  output: Value,
  next: string | null,
  assigned: JsonObject | undefined,
): void {
  exit(turn, frame, state, output, assigned);
  if (next === null) finish(turn, frame, output);
  else goTo(frame, next, output);
}

/** The exit event, and the variables that are assigned with it. @throws StatesError when they are too large */
export function exit(
  turn: Turn,
  frame: Draft<Frame>,
  { type, name: stateName }: State,
  output: Value,
  assigned: JsonObject | undefined,
): void {
  checkResult(turn, stateName, output);
  if (assigned === undefined) {
    turn.follow(frame, EXITED[type], output);
    return;
  }
  const texts: Record<string, string> = {};
  const before = frame.variables?.json;
  const variables = before !== undefined && isObject(before) ? copyObject(before) : {};
  for (const [name, value] of Object.entries(assigned)) {
    setKey(texts, name, JSON.stringify(value));
    setKey(variables, name, value);
  }
  checkVariables(turn, stateName, Object.values(texts));
  turn.follow(frame, EXITED[type], output, {
    assignedVariables: texts,
    assignedVariablesDetails: { truncated: false },
  });
  frame.variables = Value.ofJson(variables);
}

/** Puts the frame before the next state, which it enters when it is run again. */
export function goTo(frame: Draft<Frame>, next: string, input: Value): void {
  frame.state = next;
  frame.input = input;
  frame.retries = NO_RETRIES;
  frame.waiting = NOTHING;
}

/** The end of a block: of the execution, or of a child, whose output is kept for its parent to fold. */
function finish(turn: Turn, frame: Draft<Frame>, output: Value): void {
  if (frame.parent === null) {
    turn.drop(frame.id);
    succeed(turn, output, frame.lastEvent);
    return;
  }
  const parent = turn.frame(frame.parent);
  if (parent?.waiting.kind !== 'children')
    throw new Error(`The parent of frame ${frame.id} does not wait for children`);
  const { type, name } = stateOf(turn, parent);
  checkHeld(turn, name, output);
  turn.drop(frame.id);
  turn.output(forkId(parent.id, parent.attempt), frame.index, output);
  const { units } = output;
  turn.execution.heldUnits = (turn.execution.heldUnits ?? 0) + units;
  const { waiting } = parent;
  parent.lastEvent = frame.lastEvent;
  if (type === 'Map') {
    const last = waiting.next === waiting.total && waiting.running === 1;
    const done = turn.record(frame.lastEvent, 'MapIterationSucceeded', name, null, { index: frame.index });
    // The end of a Map follows its last iteration's end; a further iteration follows what that iteration did last.
    if (last) parent.lastEvent = done;
  }
  parent.waiting = { ...waiting, running: waiting.running - 1, held: (waiting.held ?? 0) + units };
  turn.schedule(parent.id);
}
