/** The inputs of a map run's children, made from items in the scope of the Map that began the run. */
import { checkParameters } from './data-limits.ts';
import { asStatesError, failureOf } from './failure.ts';
import type { FrameId } from './frame.ts';
import { FrameScope } from './frame-scope.ts';
import type { Machine } from './machine.ts';
import { type MapItem, plainInput } from './map-items.ts';
import { stateOf } from './state-of.ts';
import type { Outside } from './event.ts';
import { type ExecutionImage, Turn } from './turn.ts';
import { Value } from './value.ts';

export interface ItemInputParams {
  readonly machine: Machine;
  readonly image: ExecutionImage;
  /** The frame that waits for the run. */
  readonly frame: FrameId;
  /** The same for the same item each time it is read: a run that goes on after a crash makes the same inputs again. */
  readonly outside: Outside;
}

export type ItemInput =
  | { readonly kind: 'input'; readonly input: Value }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string };

/** What the state's ItemSelector, where it has one, makes of an item. */
export function itemInput({ machine, image, frame: id, outside }: ItemInputParams, item: MapItem): ItemInput {
  const frame = image.frames.get(id);
  if (!frame) throw new Error(`There is no frame ${id} that waits for a map run`);
  const turn = new Turn(machine, image, outside);
  const state = stateOf(turn, frame);
  if (state.type !== 'Map' || frame.waiting.kind !== 'mapRun')
    throw new Error(`The state '${state.name}' does not wait for a map run`);
  try {
    const scope = new FrameScope(turn, frame, item);
    const input = state.itemSelector?.(scope, frame.waiting.input) ?? Value.ofJson(plainInput(item));
    checkParameters(turn, state.name, input);
    return { kind: 'input', input };
  } catch (error) {
    const failed = asStatesError(error);
    const { error: name, cause } = failureOf(turn, frame, failed);
    return { kind: 'failed', error: name ?? failed.error, cause: cause ?? failed.message };
  }
}
