import { failState } from '../failure.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import type { FailState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterFail(turn: Turn, frame: Draft<Frame>, state: FailState): void {
  const scope = new FrameScope(turn, frame);
  failState(turn, frame, { error: state.error?.(scope) ?? null, cause: state.cause?.(scope) ?? null });
}
