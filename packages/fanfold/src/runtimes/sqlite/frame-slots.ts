/**
 * Where the frames of an execution lie: each in a slot, whose number is the row's id. A frame that comes takes the row of
 * one that goes, so that most changes are one row written over another, and there is no index to keep.
 */
import type { Frame, FrameId } from '../../interpreter/frame.ts';
import { PassingMap } from '../../passing-map.ts';

/** How many slots an execution has: more than there is memory for their frames. Stored rows hold this number for ever. */
export const SLOTS: number = 2 ** 22;

export class FrameSlots {
  readonly #taken: PassingMap<FrameId, number>;
  #free: number[] = [];
  #next: number;

  /** @param taken as they are in the database */
  constructor(taken: Iterable<readonly [FrameId, number]> = []) {
    this.#taken = new PassingMap(taken);
    const used = new Set(this.#taken.values());
    this.#next = used.values().reduce((next, slot) => Math.max(next, slot + 1), 0);
    for (let slot = 0; slot < this.#next; slot++) if (!used.has(slot)) this.#free.push(slot);
  }

  /**
   * Finds places for frames that change, come or go (null).
   * @param put is told of those that are written over what is in their slots
   * @returns slots that are empty from now on
   * @throws Error when there are more than {@link SLOTS}
   */
  place(frames: ReadonlyMap<FrameId, Frame | null>, put: (slot: number, frame: Frame) => void): readonly number[] {
    const emptied: number[] = [];
    for (const [id, frame] of frames) {
      const slot = frame ? undefined : this.#taken.get(id);
      if (slot === undefined) continue;
      this.#taken.delete(id);
      emptied.push(slot);
    }
    for (const [id, frame] of frames) {
      if (!frame) continue;
      let slot = this.#taken.get(id);
      if (slot === undefined) {
        slot = emptied.pop() ?? this.#free.pop() ?? this.#next++;
        if (slot >= SLOTS) throw new Error(`An execution has more than ${SLOTS} frames at once: run fewer at once.`);
        this.#taken.set(id, slot);
      }
      put(slot, frame);
    }
    if (emptied.length > 0) this.#free = this.#free.concat(emptied);
    return emptied;
  }
}
