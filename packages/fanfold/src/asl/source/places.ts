/** The places of a document's parts, as a tree beside it, and how an offset becomes a line and a column. */
import type { Pointer, Position } from './source.ts';

export interface Place {
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly members?: ReadonlyMap<string, Place>;
  readonly items?: readonly Place[];
}

export function findPlace(root: Place, pointer: Pointer): Place | undefined {
  let place: Place | undefined = root;
  for (const step of pointer) {
    place = typeof step === 'number' ? place?.items?.[step] : place?.members?.get(step);
    if (!place) return undefined;
  }
  return place;
}

/** Lines end with a line feed, a carriage return, or both. */
export function createLocator(text: string): (offset: number) => Position {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (found) => found.index + found[0].length)];
    const line = lastAtMost(starts, offset);
    return { line: line + 1, column: offset - (starts[line] as number) + 1 };
  };
}

/** Index of the last number that is not greater; the numbers ascend and the first is small enough. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] as number) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}
