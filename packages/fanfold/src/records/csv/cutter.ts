/**
 * Cuts bytes into CSV records, window by window, synchronously. What a window ends in the middle of is carried to the
 * next. Knows no header: how many fields a record must have is told with `expectFields`.
 *
 * Speed comes from doing nothing per byte in JavaScript: the window becomes one string of a character per byte, newlines
 * and quotes are found by indexOf, and only records that have a quote go through the scanner.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { RecordError } from '../record-error.ts';
import { type Fields, splitQuoted, wrongCount } from './fields.ts';
import { countNewlines, scanRecord } from './scan.ts';
import type { CsvEntry } from './types.ts';

const CR = 13;
const NOTHING: Buffer = Buffer.alloc(0);
const BOM: Buffer = Buffer.from([0xef, 0xbb, 0xbf]);
// oxlint-disable-next-line no-control-regex -- a character per byte, and the first half of them is ASCII
const NOT_ASCII = /[^\x00-\x7f]/;

export interface CsvCutter {
  /** From now on a record with another number of fields is a reject. */
  expectFields(count: number): void;
  /** Takes in the next bytes. @param isLast whether the file ends with them */
  feed(bytes: Buffer, isLast: boolean): void;
  /** The records that end in the bytes so far, at most `limit` of them. */
  cut(limit?: number): CsvEntry[];
  /**
   * Looks at what is left over.
   *
   * @throws RecordError RecordTooLarge, and at the end of the file UnterminatedQuote
   */
  check(): void;
}

/** Bytes being cut, and the same as text of a character per byte. */
interface View {
  readonly bytes: Buffer;
  readonly text: string;
  readonly ascii: boolean;
  readonly utf8: boolean;
}

/** @param delimiter one ASCII character */
export function createCsvCutter(delimiter: string, maxRecordBytes: number): CsvCutter {
  const delimiterCode = delimiter.charCodeAt(0);
  let fieldCount: number | undefined;
  let carry = NOTHING;
  let offset = 0;
  let line = 1;
  let started = false;
  let last = false;
  let openQuoteLine: number | undefined;

  function feed(bytes: Buffer, isLast: boolean): void {
    last = isLast;
    carry = carry.length === 0 ? bytes : Buffer.concat([carry, bytes]);
    if (!started) skipBom();
  }

  function skipBom(): void {
    const first = carry.subarray(0, BOM.length);
    if (first.length < BOM.length && !last && BOM.subarray(0, first.length).equals(first)) return;
    started = true;
    if (!first.equals(BOM)) return;
    carry = carry.subarray(BOM.length);
    offset += BOM.length;
  }

  function cut(limit = Number.POSITIVE_INFINITY): CsvEntry[] {
    if (!started) return [];
    const view = openView(carry);
    const { text } = view;
    const entries: CsvEntry[] = [];
    let start = 0;
    let quote = nextOrEnd(text, '"', 0);
    openQuoteLine = undefined;
    while (start < text.length && entries.length < limit) {
      let end = nextOrEnd(text, '\n', start);
      if (quote < start) quote = nextOrEnd(text, '"', start);
      const quoted = quote < end;
      if (quoted) {
        const scan = scanRecord(text, start, delimiterCode, last);
        if (scan.kind === 'incomplete') {
          if (scan.openQuote !== -1) openQuoteLine = line + countNewlines(text, start, scan.openQuote);
          break;
        }
        end = scan.end;
      } else if (end === text.length && !last) break;
      const stop = end > start && text.charCodeAt(end - 1) === CR && end < text.length ? end - 1 : end;
      if (stop > start) entries.push(entry(view, start, stop, quoted));
      line += quoted ? 1 + countNewlines(text, start, end) : 1;
      start = end + 1;
    }
    start = Math.min(start, text.length);
    offset += start;
    carry = view.bytes.subarray(start);
    return entries;
  }

  function entry(view: View, start: number, stop: number, quoted: boolean): CsvEntry {
    const byteLength = stop - start;
    const place = { line, byteOffset: offset + start, byteLength };
    if (byteLength > maxRecordBytes) throw tooLarge(line, byteLength, undefined);
    const raw = decode(view, start, stop);
    if (raw === undefined) {
      const text = view.bytes.toString('utf8', start, stop);
      return { kind: 'reject', code: 'InvalidUtf8', reason: 'The record is not valid UTF-8.', ...place, raw: text };
    }
    const result = fieldsOf(raw, quoted);
    if (result.kind === 'broken') return { kind: 'reject', code: result.code, reason: result.reason, ...place, raw };
    return { kind: 'record', fields: result.fields, line, byteOffset: place.byteOffset, byteLength };
  }

  function fieldsOf(raw: string, quoted: boolean): Fields {
    const result: Fields = quoted ? splitQuoted(raw, delimiter) : { kind: 'fields', fields: raw.split(delimiter) };
    if (result.kind === 'broken' || fieldCount === undefined || result.fields.length === fieldCount) return result;
    return wrongCount(result.fields.length, fieldCount);
  }

  function check(): void {
    if (last && openQuoteLine !== undefined)
      throw new RecordError(
        'UnterminatedQuote',
        `The quote opened in line ${openQuoteLine} is never closed: the file ends inside the quoted field of the record that starts in line ${line}. Close the quote, or double it if it is text.`,
        openQuoteLine,
      );
    if (carry.length > maxRecordBytes) throw tooLarge(line, carry.length, openQuoteLine);
  }

  function tooLarge(at: number, bytes: number, quoteLine: number | undefined): RecordError {
    const hint =
      quoteLine === undefined
        ? 'Check the line endings, or raise maxRecordBytes.'
        : `The quote opened in line ${quoteLine} is probably never closed; if it is, raise maxRecordBytes.`;
    const size = `at least ${bytes} bytes, at most ${maxRecordBytes} are allowed`;
    return new RecordError('RecordTooLarge', `The record that starts in line ${at} is too large: ${size}. ${hint}`, at);
  }

  return {
    feed,
    cut,
    check,
    expectFields: (count) => {
      fieldCount = count;
    },
  };
}

function openView(bytes: Buffer): View {
  const ascii = isAscii(bytes);
  return { bytes, text: bytes.toString('latin1'), ascii, utf8: ascii || isUtf8(bytes) };
}

/** The text of a part of the window; undefined when it is not UTF-8. */
function decode(view: View, start: number, stop: number): string | undefined {
  const text = view.text.slice(start, stop);
  if (view.ascii || !NOT_ASCII.test(text)) return text;
  if (!view.utf8 && !isUtf8(view.bytes.subarray(start, stop))) return undefined;
  return view.bytes.toString('utf8', start, stop);
}

function nextOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}
