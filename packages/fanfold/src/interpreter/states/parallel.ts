import { checkParameters } from '../data-limits.ts';
import { waitForChildren } from '../fork.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import type { ParallelState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterParallel(turn: Turn, frame: Draft<Frame>, state: ParallelState): void {
  const scope = new FrameScope(turn, frame);
  const raw = state.shape.input(scope);
  const input = state.shape.arguments?.(scope, raw) ?? raw;
  checkParameters(turn, state.name, input);
  turn.follow(frame, 'ParallelStateStarted');
  waitForChildren(frame, { items: null, input, total: state.branches.length, maxConcurrency: 0 });
}
