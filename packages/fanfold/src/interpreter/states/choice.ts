import { StatesError } from '../../asl/states-error.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { ChoiceState } from '../machine.ts';
import { select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';

/** @throws StatesError States.NoChoiceMatched when no rule holds and there is no Default */
export function enterChoice(turn: Turn, frame: Draft<Frame>, state: ChoiceState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  const input = select(state.inputPath, frame.input, scope);
  scope.over(input);
  const next = state.choices.find((choice) => choice.condition(scope))?.next ?? state.otherwise;
  if (next === null) throw new StatesError('States.NoChoiceMatched', 'No choice rule matched and there is no Default.');
  leave(turn, frame, select(state.outputPath, input, scope), next);
}
