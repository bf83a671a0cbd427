import { StatesError } from '../../asl/states-error.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { ChoiceState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

/** @throws StatesError States.NoChoiceMatched when no rule holds and there is no Default */
export function enterChoice(turn: Turn, frame: Draft<Frame>, state: ChoiceState): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  scope.over(input);
  const choice = state.choices.find(({ condition }) => condition(scope));
  const next = choice?.next ?? state.otherwise;
  if (next === null) throw new StatesError('States.NoChoiceMatched', 'No choice rule matched and there is no Default.');
  const output = choice?.output?.(scope) ?? state.shape.output(scope, input);
  const assign = choice ? choice.assign : state.shape.assign;
  leave(turn, frame, output, next, assign?.(scope, input));
}
