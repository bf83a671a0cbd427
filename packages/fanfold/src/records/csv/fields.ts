import type { CsvDialect } from './dialect.ts';
import { closingQuote, indexBefore } from './scan.ts';
import type { CsvReject, CsvRejectCode } from './types.ts';

/** The fields of a record, or why it has none. */
export type Fields =
  | {
      readonly kind: 'fields';
      readonly fields: string[];
      readonly quotedEmpty: readonly number[];
      /** How many there were, where some were filled up. */
      readonly cutAt?: number;
    }
  | {
      readonly kind: 'broken';
      readonly code: CsvRejectCode;
      readonly reason: string;
      /** Of a record that is too short: those that are there. */
      readonly there?: Pick<CsvReject, 'fields' | 'quotedEmpty'>;
    };

type Broken = Extract<Fields, { kind: 'broken' }>;

export const NO_FIELDS: readonly number[] = [];

/** Splits one record that has quotes or escapes in it. The text is whole and has no line ending. */
export function splitSpecial(text: string, dialect: CsvDialect): Fields {
  const { delimiter, quote, escape } = dialect;
  const isLenient = dialect.quotes === 'lenient';
  const find = { quoteText: quote ?? '', escapeText: escape };
  const fields: string[] = [];
  let quotedEmpty: number[] | undefined;
  let at = 0;
  for (;;) {
    const isQuoted = quote !== null && text[at] === quote;
    const close = isQuoted ? closingQuote(text, at + 1, find).at : -1;
    if (isQuoted && close === -1) return broken('UnterminatedQuote', fields.length, 'has a quote that is never closed');
    const next = nextDelimiter(text, isQuoted ? close + 1 : at, delimiter, escape);
    const end = next === -1 ? text.length : next;
    if (isQuoted) {
      if (end !== close + 1 && !(isLenient && text.slice(close + 1, end).trim() === ''))
        return broken('TextAfterQuote', fields.length, 'has text after its closing quote');
      if (close === at + 1) (quotedEmpty ??= []).push(fields.length);
      fields.push(unescape(undouble(text.slice(at + 1, close), quote, escape), escape));
    } else {
      const field = text.slice(at, end);
      if (!isLenient && quote !== null && hasBare(field, quote, escape))
        return broken('QuoteInField', fields.length, 'has a quote inside an unquoted field');
      fields.push(unescape(field, escape));
    }
    if (next === -1) return { kind: 'fields', fields, quotedEmpty: quotedEmpty ?? NO_FIELDS };
    at = next + delimiter.length;
  }
}

/** Brings a record to the header's number of fields, as far as the dialect does. */
export function fitCount(found: Fields, expected: number, dialect: CsvDialect): Fields {
  if (found.kind === 'broken' || found.fields.length === expected) return found;
  const { fields, quotedEmpty } = found;
  if (fields.length < expected) {
    if (dialect.missingFields === 'reject')
      return { ...wrongCount('TooFewFields', fields.length, expected), there: { fields, quotedEmpty } };
    return { ...found, fields: [...fields, ...Array<string>(expected - fields.length).fill('')], cutAt: fields.length };
  }
  if (dialect.extraFields === 'reject') return wrongCount('TooManyFields', fields.length, expected);
  return { ...found, fields: fields.slice(0, expected), quotedEmpty: quotedEmpty.filter((index) => index < expected) };
}

function wrongCount(code: CsvRejectCode, found: number, expected: number): Broken {
  return { kind: 'broken', code, reason: `The record has ${count(found)}, the header ${count(expected)}.` };
}

function broken(code: CsvRejectCode, index: number, what: string): Broken {
  return { kind: 'broken', code, reason: `Field ${index + 1} ${what}.` };
}

function nextDelimiter(text: string, from: number, delimiter: string, escape: string | null): number {
  let at = from;
  let found = text.indexOf(delimiter, at);
  while (escape !== null && found !== -1) {
    const escaped = indexBefore(text, escape, at, found);
    if (escaped === -1) return found;
    at = escaped + 2;
    if (found < at) found = text.indexOf(delimiter, at);
  }
  return found;
}

/** Whether a quote stands in the field that is not escaped. */
function hasBare(field: string, quote: string, escape: string | null): boolean {
  if (!field.includes(quote)) return false;
  if (escape === null) return true;
  for (let at = 0; at < field.length; at++) {
    if (field[at] === escape) at++;
    else if (field[at] === quote) return true;
  }
  return false;
}

/** An escaped quote is left alone: `\""` is an escaped quote and then another. */
function undouble(text: string, quote: string, escape: string | null): string {
  if (!text.includes(quote)) return text;
  if (escape === null || !text.includes(escape)) return text.replaceAll(quote + quote, quote);
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    plain += char;
    if (char === escape && at + 1 < text.length) plain += text[++at];
    else if (char === quote && text[at + 1] === quote) at++;
  }
  return plain;
}

function unescape(text: string, escape: string | null): string {
  if (escape === null || !text.includes(escape)) return text;
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] === escape) at++;
    plain += text[at] ?? '';
  }
  return plain;
}

function count(fields: number): string {
  return fields === 1 ? '1 field' : `${fields} fields`;
}
