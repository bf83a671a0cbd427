import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { complete } from '../leave.ts';
import type { PassState } from '../machine.ts';
import { fill, select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterPass(turn: Turn, frame: Draft<Frame>, state: PassState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  const input = select(state.inputPath, frame.input, scope);
  const result = state.result ?? fill(state.parameters, input, scope);
  complete(turn, frame, result, state.resultPath, scope);
}
