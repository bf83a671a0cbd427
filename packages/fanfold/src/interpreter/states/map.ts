import { isArray } from '../../json.ts';
import { waitForChildren } from '../fork.ts';
import type { Frame } from '../frame.ts';
import { FrameScope } from '../frame-scope.ts';
import type { MapState } from '../machine.ts';
import type { Draft, Turn } from '../turn.ts';

export function enterMap(turn: Turn, frame: Draft<Frame>, state: MapState): void {
  const scope = new FrameScope(turn, frame);
  const input = state.shape.input(scope);
  scope.over(input);
  const items = state.items(scope, input);
  const maxConcurrency = state.maxConcurrency?.(scope) ?? 0;
  const { json } = items;
  const length = isArray(json) ? json.length : 0;
  turn.follow(frame, 'MapStateStarted', null, { length });
  waitForChildren(frame, { items, input, total: length, maxConcurrency });
}
