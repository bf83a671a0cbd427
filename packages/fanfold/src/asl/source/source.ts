/** A document that was read, with the places of its parts. */
import type { Json } from '../../json.ts';

/** A place inside of a document: the keys and indexes that lead to it from the root. */
export type Pointer = readonly (string | number)[];

/** In the source text, both from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Source {
  readonly json: Json;
  /** Where a member begins (at its key), or an item or the root (at the value); undefined when there is no such part. */
  positionOf(pointer: Pointer): Position | undefined;
  /** Keys that their object has twice; the last one counts. The first 1,000, as with `rounded`. */
  readonly duplicates: readonly Pointer[];
  /** Whole numbers of which digits were lost, since numbers are doubles. */
  readonly rounded: readonly Pointer[];
}

/** As AWS writes locations: `/States/Split/Catch[0]/Next`. Names stand as they are, slashes included. */
export function locationOf(pointer: Pointer): string {
  if (pointer.length === 0) return '/';
  return pointer.map((step) => (typeof step === 'number' ? `[${step}]` : `/${step}`)).join('');
}
