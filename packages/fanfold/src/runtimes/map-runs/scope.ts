/**
 * What a map run makes the inputs of its children from: the frame that waits for it and those above, as they stood when it
 * began or was redriven. It outlives them: a run that was given up still writes which children were not begun.
 */
import type { FrameId, Frame, MapRunRequest } from '../../interpreter/frame.ts';
import { Image } from '../../interpreter/image.ts';
import type { DistributedMap, Machine, MapState } from '../../interpreter/machine.ts';
import type { ExecutionImage } from '../../interpreter/turn.ts';

export interface MapRunScope {
  readonly machine: Machine;
  readonly image: Image;
  readonly frame: FrameId;
  readonly state: MapState;
  readonly map: DistributedMap;
  readonly request: MapRunRequest;
}

/** Undefined where the frame waits for no map run. @param image not changed, and not held */
export function scopeOf(machine: Machine, image: ExecutionImage, id: FrameId): MapRunScope | undefined {
  const frame = image.frames.get(id);
  const request = frame && requestIn(frame);
  const state = frame && machine.blocks[frame.block]?.states.get(frame.state);
  if (!request || state?.type !== 'Map' || !state.distributed) return undefined;
  const frames = new Map<FrameId, Frame>();
  for (
    let each: Frame | undefined = frame;
    each;
    each = each.parent === null ? undefined : image.frames.get(each.parent)
  )
    frames.set(each.id, each);
  const { execution } = image;
  return { machine, image: new Image({ execution, frames }), frame: id, state, map: state.distributed, request };
}

/** The request that a frame's Map made. */
export function requestIn({ waiting }: Frame): MapRunRequest | undefined {
  return waiting.kind === 'mapRun' ? waiting : undefined;
}
