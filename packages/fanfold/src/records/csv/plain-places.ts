/** The short way to where records are that have no quotes and no escapes: one line of some text after the other. */
import type { Place } from '../place.ts';
import type { Finder } from './finder.ts';

const CR = 13;
const LF = 10;

export interface PlainPlacesParams {
  readonly text: string;
  readonly find: Finder;
  /** Where the first of them starts in the text, and its line. */
  readonly start: number;
  readonly line: number;
  /** Where the text begins in the file, and the bytes that each of its characters takes there. */
  readonly base: number;
  readonly unit: number;
  /** The largest record, bytes. */
  readonly most: number;
  /** Whether a CR alone ends a record. */
  readonly crEnds: boolean;
}

/**
 * Finds one record after the other until one wants a closer look: for a quote, for its size, as the text ends in it, or as there is
 * none in its line.
 *
 * @param places takes them in
 * @returns where the next record starts
 */
export function addPlainPlaces(places: Place[], params: PlainPlacesParams): number {
  const { text, find, base, unit, most, crEnds } = params;
  // What ends with the text is not known to end there; neither is a CR before its end known to stand alone.
  const until = Math.min(find.special(params.start), text.length - 1);
  let { start, line } = params;
  for (;;) {
    const end = find.lineEnd(start);
    if (end >= until) return start;
    const stop = !crEnds && end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
    const byteLength = (stop - start) * unit;
    if (stop === start || byteLength > most) return start;
    places.push({ line: line++, byteOffset: base + start * unit, byteLength });
    start = end + (text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? 2 : 1);
  }
}
