/** Lines of events whose executions are to run one after the other: only the first of a line has its turn. */
import type { Trigger } from './trigger.ts';

/** The line in which the event of an object stands; undefined when it need not wait for any other. */
export function laneOf({ name, order }: Trigger, key: string): string | undefined {
  if (order === undefined) return undefined;
  const group = { sequential: '', folder: key.slice(0, key.lastIndexOf('/') + 1), key }[order];
  return JSON.stringify([name, group]);
}

export class Lanes {
  /** In the order in which they came. */
  readonly #lanes = new Map<string, Set<number>>();

  /** Puts an event at the end of the line, if it does not stand in it yet. @returns whether it has its turn */
  enter(lane: string, id: number): boolean {
    const ids = this.#lanes.get(lane) ?? new Set();
    this.#lanes.set(lane, ids.add(id));
    return first(ids) === id;
  }

  /** An event is done. @returns whose turn it is now, if it had its turn */
  leave(lane: string, id: number): number | undefined {
    const ids = this.#lanes.get(lane);
    if (!ids || first(ids) !== id) return undefined;
    ids.delete(id);
    if (ids.size === 0) this.#lanes.delete(lane);
    return first(ids);
  }
}

function first(ids: ReadonlySet<number>): number | undefined {
  const [id] = ids;
  return id;
}
