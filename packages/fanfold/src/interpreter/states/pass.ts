import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { complete } from '../leave.ts';
import type { PassState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterPass(turn: Turn, frame: Draft<Frame>, state: PassState): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  complete(turn, frame, state, state.result ?? state.shape.arguments?.(scope, input) ?? input, scope);
}
