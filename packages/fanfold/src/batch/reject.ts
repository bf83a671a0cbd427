/**
 * A rejected record, and the file of rejects: the columns of the input and those that say why, so that it can be corrected
 * and dropped again as it is. These columns are left out when it is read again.
 */
import { formatCsvRecord } from '../records/index.ts';

export interface Reject {
  /** Of the input; absent when the record could not be taken apart. */
  readonly fields?: readonly string[];
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

/** What the columns of the reasons are named, behind those of the input. */
export const REJECT_COLUMNS: readonly string[] = [
  'reject_reason',
  'reject_code',
  'reject_field',
  'reject_line',
  'reject_offset',
  'reject_text',
];

/** Where the columns are that belong to the records: in a file of rejects that was dropped again, not all. */
export function ownColumns(header: readonly string[]): readonly number[] {
  return header.flatMap((name, index) => (REJECT_COLUMNS.includes(name) ? [] : [index]));
}

export function rejectHeader(header: readonly string[], delimiter: string): string {
  const own = ownColumns(header).map((index) => header[index] as string);
  return formatCsvRecord([...own, ...REJECT_COLUMNS], { delimiter });
}

/** @param own where the columns are that belong to the records */
export function formatReject(reject: Reject, own: readonly number[], delimiter: string): string {
  const { fields, text = '', line, byteOffset, code, reasons } = reject;
  const reason = reasons
    .map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`))
    .join('; ');
  const columns = own.map((index) => fields?.[index] ?? '');
  const field = [...new Set(reasons.flatMap(({ field }) => (field === undefined ? [] : [field])))].join(' ');
  return formatCsvRecord([...columns, reason, code, field, String(line), String(byteOffset), text], { delimiter });
}
