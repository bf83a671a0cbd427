import type { Frame } from './frame.ts';
import type { State } from './machine.ts';
import type { Turn } from './turn.ts';

/** The state that a frame is in. */
export function stateOf(turn: Turn, frame: Frame): State {
  const state = turn.machine.blocks[frame.block]?.states.get(frame.state);
  if (!state) throw new Error(`The definition has no state '${frame.state}' in block ${frame.block}`);
  return state;
}
