import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { SucceedState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterSucceed(turn: Turn, frame: Draft<Frame>, state: SucceedState): void {
  const scope = new FrameScope(turn, frame);
  leave(turn, frame, state, state.shape.output(scope, state.shape.input(scope)), null, undefined);
}
