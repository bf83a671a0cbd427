import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { SucceedState } from '../machine.ts';
import { select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterSucceed(turn: Turn, frame: Draft<Frame>, state: SucceedState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  leave(turn, frame, select(state.outputPath, select(state.inputPath, frame.input, scope), scope), null);
}
