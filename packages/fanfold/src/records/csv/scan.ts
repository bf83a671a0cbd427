/**
 * Finds where a CSV record ends. Works on a view, so that positions are byte offsets, and can go on where a view ended.
 * Quotes count only where a field starts: one inside an unquoted field neither opens nor closes anything, so that a stray
 * quote costs its own record and not the rest of the file.
 */
import type { CsvDialect } from './dialect.ts';

const LF = 10;
const CR = 13;
const NONE = -1;

/** Where a scan stands: at the start of a field, in one without quotes (or behind the closing one), inside quotes. */
export type ScanState = 'field' | 'plain' | 'quoted';

/** The end of a record, or that the text ends before the record does. */
export type Scan =
  /** `end`: position of its line ending, or the text's length at the end of the file. */
  | { readonly kind: 'complete'; readonly end: number }
  /** Go on at `at` in `state`. `openQuote`: where the quote stands that is open; -1 when none is, or it came before. */
  | { readonly kind: 'incomplete'; readonly at: number; readonly state: ScanState; readonly openQuote: number };

/** A dialect as it looks in a view, in character codes. */
export interface ScanDialect {
  readonly delimiter: string;
  readonly quote: number;
  readonly quoteText: string;
  readonly escape: number;
  readonly escapeText: string | null;
  readonly crEnds: boolean;
}

/** @param pattern how a text looks in the view */
export function scanDialect(dialect: CsvDialect, pattern: (text: string) => string): ScanDialect {
  const { quote, escape } = dialect;
  return {
    delimiter: pattern(dialect.delimiter),
    quote: quote?.charCodeAt(0) ?? NONE,
    quoteText: quote ?? '',
    escape: escape?.charCodeAt(0) ?? NONE,
    escapeText: escape,
    crEnds: dialect.newline === 'any',
  };
}

/**
 * @param start where the record starts, or where an earlier scan of it says to go on
 * @param last whether the file ends with the text; then a record may end without a line ending
 */
export function scanRecord(
  text: string,
  start: number,
  dialect: ScanDialect,
  last: boolean,
  from: ScanState = 'field',
): Scan {
  const { delimiter, quote, escape, crEnds } = dialect;
  const first = delimiter.charCodeAt(0);
  const { length } = text;
  let state = from;
  let openQuote = NONE;
  let at = start;
  for (;;) {
    if (state === 'field') {
      if (at >= length && !last) return incomplete(at, 'field', NONE);
      state = 'plain';
      if (text.charCodeAt(at) === quote) {
        openQuote = at;
        at++;
        state = 'quoted';
      }
    }
    if (state === 'quoted') {
      const close = closingQuote(text, at, dialect);
      if (close.at === -1) return incomplete(close.resume, 'quoted', openQuote);
      if (close.at + 1 === length && !last) return incomplete(close.at, 'quoted', openQuote);
      at = close.at + 1;
      state = 'plain';
    }
    for (;;) {
      if (at >= length) return last ? { kind: 'complete', end: length } : incomplete(at, 'plain', NONE);
      const code = text.charCodeAt(at);
      if (code === LF) return { kind: 'complete', end: at };
      if (code === CR && crEnds) {
        if (at + 1 === length && !last) return incomplete(at, 'plain', NONE);
        return { kind: 'complete', end: at };
      }
      if (code === first) {
        if (delimiter.length === 1 || text.startsWith(delimiter, at)) {
          at += delimiter.length;
          state = 'field';
          break;
        }
        if (!last && at + delimiter.length > length) return incomplete(at, 'plain', NONE);
      }
      if (code === escape) {
        if (at + 1 === length && !last) return incomplete(at, 'plain', NONE);
        const next = text.charCodeAt(at + 1);
        at += next === LF || next === CR ? 1 : 2;
      } else at++;
    }
  }
}

function incomplete(at: number, state: ScanState, openQuote: number): Scan {
  return { kind: 'incomplete', at, state, openQuote };
}

/**
 * Position of the quote that closes a field, looked for from `start` inside it; -1 when there is none, and `resume` is
 * where to look again. A doubled or escaped quote is text.
 */
export function closingQuote(
  text: string,
  start: number,
  { quoteText, escapeText }: Pick<ScanDialect, 'quoteText' | 'escapeText'>,
): { readonly at: number; readonly resume: number } {
  // A CR at the end is looked at again with what follows it, so that CRLF is counted as one line.
  const none = { at: -1, resume: text.endsWith('\r') ? text.length - 1 : text.length };
  let at = start;
  let quote = text.indexOf(quoteText, at);
  for (;;) {
    if (quote !== -1 && quote < at) quote = text.indexOf(quoteText, at);
    const escape = escapeText === null ? -1 : indexBefore(text, escapeText, at, quote);
    if (escape !== -1) {
      if (escape + 1 >= text.length) return { at: -1, resume: escape };
      at = escape + 2;
      continue;
    }
    if (quote === -1) return none;
    if (text[quote + 1] !== quoteText) return { at: quote, resume: quote };
    at = quote + 2;
  }
}

/** Where a character stands between; what is behind is not looked at, or many fields would cost their square. @param end -1: the text's */
export function indexBefore(text: string, char: string, start: number, end: number): number {
  const found = text.slice(start, end === -1 ? undefined : end).indexOf(char);
  return found === -1 ? -1 : start + found;
}
