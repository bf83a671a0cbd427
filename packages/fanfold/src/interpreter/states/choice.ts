import { runtimeError } from '../../asl/states-error.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { ChoiceState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

/** @throws StatesError States.Runtime when no rule holds and there is no Default: what AWS gives, not the specification's States.NoChoiceMatched */
export function enterChoice(turn: Turn, frame: Draft<Frame>, state: ChoiceState): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  scope.over(input);
  const choice = state.choices.find(({ condition }) => condition(scope));
  const next = choice?.next ?? state.otherwise;
  if (next === null) throw runtimeError(NO_NEXT_STATE);
  const output = choice?.output?.(scope) ?? state.shape.output(scope, input);
  const assign = choice ? choice.assign : state.shape.assign;
  leave(turn, frame, state, output, next, assign?.(scope, input));
}

const NO_NEXT_STATE = 'Failed to transition out of the state. The state does not point to a next state.';
