import type { CsvDialect } from './dialect.ts';

/** Finds the next of some characters in one text, each looked for no further than it must. Positions only grow. */
export interface Finder {
  /** Position of the first line ending from `start` on; the text's length when there is none. */
  lineEnd(start: number): number;
  /** Whether a quote or an escape stands between. */
  hasSpecial(start: number, end: number): boolean;
  /** Position of the first quote or escape from `start` on; the text's length when there is none. */
  special(start: number): number;
}

export function createFinder(text: string, { newline, quote, escape }: CsvDialect): Finder {
  const { length } = text;
  const next = (char: string, from: number): number => {
    const found = text.indexOf(char, from);
    return found === -1 ? length : found;
  };
  let lf = -1;
  let cr = newline === 'any' ? -1 : length;
  let quoteAt = quote === null ? length : -1;
  let escapeAt = escape === null ? length : -1;
  const special = (start: number): number => {
    if (quoteAt < start) quoteAt = next(quote as string, start);
    if (escapeAt < start) escapeAt = next(escape as string, start);
    return quoteAt < escapeAt ? quoteAt : escapeAt;
  };
  return {
    lineEnd(start) {
      if (lf < start) lf = next('\n', start);
      if (cr < start) cr = next('\r', start);
      return cr < lf ? cr : lf;
    },
    hasSpecial: (start, end) => special(start) < end,
    special,
  };
}

/** Number of line endings that begin in a part of the text. @param crEnds whether a CR alone is one */
export function countLines(text: string, start: number, end: number, crEnds: boolean): number {
  const part = text.slice(start, end);
  let count = 0;
  for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) count++;
  if (!crEnds) return count;
  for (let at = part.indexOf('\r'); at !== -1; at = part.indexOf('\r', at + 1)) if (part[at + 1] !== '\n') count++;
  return count;
}
