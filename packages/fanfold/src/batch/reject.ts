/**
 * A rejected record, and the file of rejects: the records of the input, in its format, with the members that say why, so
 * that it can be corrected and dropped again as it is. These members are left out when it is read again.
 */
import { isObject, type Json } from '../json.ts';
import { type CsvFormat, type EncodingName, formatCsvCell, formatCsvRecord } from '../records/index.ts';
import type { BatchSettings } from './settings.ts';
import type { ReadRecord } from './record-maker.ts';
import type { Frame } from './sink-format.ts';
import type { TextFormat } from './input/format.ts';

export interface Reject {
  /** Of a record with columns, as far as it could be taken apart. */
  readonly fields?: readonly string[];
  /** Indexes of the fields that are empty in quotes, which is not the same as empty. */
  readonly quotedEmpty?: readonly number[];
  /** Of a record with columns: how many of its fields are there, where it is too short or could not be taken apart. */
  readonly cutAt?: number;
  /** Of a record that is JSON: its text, as it stands in the file. */
  readonly json?: string;
  /** The text of a record that could not be taken apart. */
  readonly text?: string;
  readonly line: number;
  readonly byteOffset: number;
  /** Short, for programs: `TooFewFields`, `Invalid`, or the name of the error that `process` has thrown. */
  readonly code: string;
  /** What is wrong, all of it. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  /** The column it is about. */
  readonly field?: string;
  readonly message: string;
}

/** What the members of the reasons are named, behind those of the input. */
export const REJECT_COLUMNS: readonly string[] = [
  'reject_reason',
  'reject_code',
  'reject_field',
  'reject_input',
  'reject_line',
  'reject_offset',
  'reject_text',
  'reject_cut',
];

const BYTE_ORDER_MARK = '\ufeff';

/** How a file of rejects is written. */
export interface RejectFormat extends Frame {
  format(reject: Reject): string;
}

export interface RejectFormatParams {
  readonly format: TextFormat;
  /** Of a CSV file; empty for others. */
  readonly header: readonly string[];
  /** How the batch reads files, and so how this one is to be written. */
  readonly settings: Pick<BatchSettings['source'], 'delimiter' | 'quote' | 'encoding'>;
  /** Of the input: enough of it is kept to find the run that has published the rest. */
  readonly sha256: string;
}

export function rejectFormat({ format, header, settings, sha256 }: RejectFormatParams): RejectFormat {
  const input = sha256.slice(0, 16);
  const mark = isUtf8(settings.encoding) ? '' : BYTE_ORDER_MARK;
  switch (format) {
    case 'csv': {
      const own = ownColumns(header);
      const again = againOf(header);
      return {
        before: mark + rejectHeader(header, settings),
        skip: 0,
        after: '',
        format: (reject) => csvReject(again(reject), input, own, settings),
      };
    }
    case 'jsonl':
      return { before: mark, skip: 0, after: '', format: (reject) => `${jsonReject(reject, input)}\n` };
    case 'json':
      return { before: `${mark}[`, skip: 1, after: '\n]\n', format: (reject) => `,\n${jsonReject(reject, input)}` };
    default:
      return format satisfies never;
  }
}

/** Where the columns are that belong to the records: in a file of rejects that was dropped again, not all. */
export function ownColumns(header: readonly string[]): readonly number[] {
  return header.flatMap((name, index) => (REJECT_COLUMNS.includes(name) ? [] : [index]));
}

/**
 * Of a file of rejects that was dropped again: a record that was too short is so again, and one that could not be taken apart is
 * too short, unless somebody has written something into the cells that were not there. Undefined for any other file.
 */
export function cutAgain(header: readonly string[]): ((read: ReadRecord) => ReadRecord) | undefined {
  const column = header.indexOf('reject_cut');
  if (column === -1) return undefined;
  const own = ownColumns(header);
  return (read) => {
    const { fields, quotedEmpty = [] } = read;
    const there = fields[column] ?? '';
    const behind = /^\d+$/.test(there) ? own.slice(Number(there)) : [];
    const isCut = behind.every((index) => (fields[index] ?? '') === '' && !quotedEmpty.includes(index));
    return { fields, quotedEmpty, ...(isCut && behind[0] !== undefined && { cutAt: behind[0] }) };
  };
}

/** A reject of a record that was one before: what was not there then is so again, and its text is kept. */
function againOf(header: readonly string[]): (reject: Reject) => Reject {
  const cut = cutAgain(header);
  const column = header.indexOf('reject_text');
  if (!cut) return (reject) => reject;
  return (reject) => {
    const { fields, quotedEmpty = [] } = reject;
    if (!fields || reject.cutAt !== undefined) return reject;
    const { cutAt } = cut({ fields, quotedEmpty });
    const text = fields[column] ?? '';
    return cutAt === undefined ? reject : { ...reject, cutAt, ...(text !== '' && { text }) };
  };
}

/** A record as it was before it was rejected. */
export function ownMembers(value: Json): Json {
  if (!isObject(value) || !Object.hasOwn(value, 'reject_code')) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !REJECT_COLUMNS.includes(name)));
}

/** Whether it is a reject that could not be taken apart, and that nobody has corrected. */
export function isUncorrected(value: Json): boolean {
  if (!isObject(value) || !Object.hasOwn(value, 'reject_code') || !Object.hasOwn(value, 'reject_text')) return false;
  return Object.keys(value).every((name) => REJECT_COLUMNS.includes(name));
}

export function rejectHeader(header: readonly string[], settings: CsvSettings): string {
  const own = ownColumns(header).map((index) => header[index] as string);
  return formatCsvRecord([...own, ...REJECT_COLUMNS], csvFormat(settings));
}

type CsvSettings = Pick<BatchSettings['source'], 'delimiter' | 'quote'>;

function csvFormat({ delimiter, quote }: CsvSettings): CsvFormat {
  return { delimiter, ...(quote !== undefined && { mark: quote }) };
}

/** Whether text without a byte order mark is read as UTF-8. */
function isUtf8(encoding: EncodingName = 'auto'): boolean {
  return encoding === 'auto' || encoding === 'utf-8';
}

function csvReject(reject: Reject, input: string, own: readonly number[], settings: CsvSettings): string {
  const { fields, quotedEmpty = [], text = '', line, byteOffset, code, cutAt } = reject;
  const { delimiter, quote = '"' } = settings;
  const there = cutAt === undefined ? '' : String(own.filter((index) => index < cutAt).length);
  const columns = own.map((index) =>
    quotedEmpty.includes(index) ? quote + quote : formatCsvCell(fields?.[index] ?? '', delimiter, quote),
  );
  const why = [reasonText(reject), code, fieldNames(reject), input, String(line), String(byteOffset), text, there];
  return [...columns, formatCsvRecord(why, csvFormat(settings))].join(delimiter);
}

function jsonReject(reject: Reject, input: string): string {
  const { json, text, line, byteOffset, code } = reject;
  const value = json === undefined ? undefined : (JSON.parse(json) as Json);
  const isRecord = value !== undefined && isObject(value);
  const before = isRecord && isUncorrected(value) ? value['reject_text'] : undefined;
  const why = JSON.stringify({
    reject_reason: reasonText(reject),
    reject_code: code,
    reject_field: fieldNames(reject),
    reject_input: input,
    reject_line: line,
    reject_offset: byteOffset,
    ...(text !== undefined && { reject_text: text }),
    ...(json !== undefined && !isRecord && { reject_text: json }),
    ...(before !== undefined && { reject_text: before }),
  });
  if (json === undefined || !isRecord) return why;
  // As it was written: numbers that no number of JavaScript holds keep their digits.
  const own = Object.hasOwn(value, 'reject_code') ? JSON.stringify(ownMembers(value)) : json;
  const isEmpty = Object.keys(value).every((name) => REJECT_COLUMNS.includes(name));
  return isEmpty ? why : `${own.slice(0, own.lastIndexOf('}')).trimEnd()},${why.slice(1)}`;
}

/** Everything that is wrong with it, in one line. */
export function reasonText({ reasons }: Reject): string {
  return reasons.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`)).join('; ');
}

export function fieldNames({ reasons }: Reject): string {
  return [...new Set(reasons.flatMap(({ field }) => (field === undefined ? [] : [field])))].join(' ');
}
