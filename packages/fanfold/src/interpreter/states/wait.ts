import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { WaitState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterWait(turn: Turn, frame: Draft<Frame>, state: WaitState): void {
  const scope = new FrameScope(turn, frame);
  scope.over(state.shape.input(scope));
  const now = turn.outside.at;
  const until = Math.max(state.until(scope, now), now);
  frame.attempt += 1;
  frame.waiting = { kind: 'timer', until };
  turn.commands.push({ kind: 'timer', frame: frame.id, attempt: frame.attempt, at: until });
}

/** The time has come. */
export function endWait(turn: Turn, frame: Draft<Frame>, state: WaitState): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  leave(turn, frame, state, state.shape.output(scope, input), state.next, state.shape.assign?.(scope, input));
}
