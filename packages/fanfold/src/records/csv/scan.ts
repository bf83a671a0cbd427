/**
 * Finds where a CSV record ends (RFC 4180). Works on text of one character per byte (latin1), so that positions are
 * byte offsets. Quotes count only where a field starts: one inside an unquoted field neither opens nor closes anything,
 * so that a stray quote costs its own record and not the rest of the file.
 */
const LF = 10;
const QUOTE = 34;

/** The end of a record, or that the text ends before the record does. */
export type Scan =
  | { readonly kind: 'complete'; readonly end: number }
  /** `openQuote`: position of the quote that was still open when the text ended; -1 when none was. */
  | { readonly kind: 'incomplete'; readonly openQuote: number };

/**
 * @param start where the record starts
 * @param delimiter character code
 * @param last whether the file ends with the text; then a record may end without a newline
 * @returns the position of the newline that ends the record, or the text's length at the end of the file
 */
export function scanRecord(text: string, start: number, delimiter: number, last: boolean): Scan {
  let at = start;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      const close = closingQuote(text, at);
      if (close === -1 || (close + 1 === text.length && !last)) return { kind: 'incomplete', openQuote: at };
      at = close + 1;
    }
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === LF) return { kind: 'complete', end: at };
      at++;
      if (code === delimiter) break;
    }
    if (at < text.length) continue;
    return last ? { kind: 'complete', end: text.length } : { kind: 'incomplete', openQuote: -1 };
  }
}

/** Position of the quote that closes the field opened at `open`; -1 when there is none. A doubled quote is text. */
export function closingQuote(text: string, open: number): number {
  let at = open + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return -1;
    if (text.charCodeAt(quote + 1) !== QUOTE) return quote;
    at = quote + 2;
  }
}

/** Number of newlines in a part of the text. */
export function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
