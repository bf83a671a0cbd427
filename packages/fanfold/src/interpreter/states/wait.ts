import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import { leave } from '../leave.ts';
import type { WaitState } from '../machine.ts';
import { select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterWait(turn: Turn, frame: Draft<Frame>, state: WaitState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  scope.over(select(state.inputPath, frame.input, scope));
  const until = Math.max(state.until(scope, turn.outside.at), turn.outside.at);
  frame.attempt += 1;
  frame.waiting = { kind: 'timer', until };
  turn.commands.push({ kind: 'timer', frame: frame.id, attempt: frame.attempt, at: until });
}

/** The time has come. */
export function endWait(turn: Turn, frame: Draft<Frame>, state: WaitState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  const input = select(state.inputPath, frame.input, scope);
  leave(turn, frame, select(state.outputPath, input, scope), state.next);
}
