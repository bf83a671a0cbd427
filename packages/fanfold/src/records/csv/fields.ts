import { closingQuote } from './scan.ts';
import type { CsvRejectCode } from './types.ts';

/** The fields of a record, or why it has none. */
export type Fields =
  | { readonly kind: 'fields'; readonly fields: readonly string[] }
  | { readonly kind: 'broken'; readonly code: CsvRejectCode; readonly reason: string };

/** Splits one record that has quotes in it. The text is whole and has no line ending. */
export function splitQuoted(text: string, delimiter: string): Fields {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = text.charAt(at) === '"';
    const close = quoted ? closingQuote(text, at) : -1;
    const next = text.indexOf(delimiter, quoted ? close + 1 : at);
    const end = next === -1 ? text.length : next;
    if (!quoted) {
      const field = text.slice(at, end);
      if (field.includes('"')) return broken('QuoteInField', fields.length, 'has a quote inside an unquoted field');
      fields.push(field);
    } else {
      if (end !== close + 1) return broken('TextAfterQuote', fields.length, 'has text after its closing quote');
      fields.push(undouble(text.slice(at + 1, close)));
    }
    if (next === -1) return { kind: 'fields', fields };
    at = next + 1;
  }
}

/** Says that a record has another number of fields than the header. */
export function wrongCount(found: number, expected: number): Fields {
  const code = found < expected ? 'TooFewFields' : 'TooManyFields';
  return { kind: 'broken', code, reason: `The record has ${count(found)}, the header ${count(expected)}.` };
}

function broken(code: CsvRejectCode, index: number, what: string): Fields {
  return { kind: 'broken', code, reason: `Field ${index + 1} ${what}.` };
}

function undouble(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}

function count(fields: number): string {
  return fields === 1 ? '1 field' : `${fields} fields`;
}
