import { waitForChildren } from '../fork.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import type { ParallelState } from '../machine.ts';
import { fill, select } from '../shape.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterParallel(turn: Turn, frame: Draft<Frame>, state: ParallelState): void {
  const scope = new FrameScope(turn, frame, frame.input);
  const input = fill(state.parameters, select(state.inputPath, frame.input, scope), scope);
  turn.follow(frame, 'ParallelStateStarted');
  waitForChildren(frame, { items: null, input, total: state.branches.length, maxConcurrency: 0 });
}
