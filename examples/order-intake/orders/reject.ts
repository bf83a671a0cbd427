/** Rejects of one chunk, kept as JSON lines: with the record where it could be read, with its text where it could not. */
import type { ObjectRef, Objects } from 'fanfold';
import { formatCsvRecord } from 'fanfold/records';
import { ORDER_COLUMNS, type OrderFields } from './columns.ts';
import { readText } from './objects.ts';

export type Reject =
  | { readonly line: number; readonly reason: string; readonly record: OrderFields }
  | { readonly line: number; readonly reason: string; readonly raw: string };

/** Puts the rejects of a chunk, when there are any. */
export async function putRejects(objects: Objects, ref: ObjectRef, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return;
  const body = rejects.map((reject) => `${JSON.stringify(reject)}\n`).join('');
  await objects.put({ ...ref, body, contentType: 'application/x-ndjson' });
}

/** The rejects of a chunk; none when there is no such object. */
export async function readRejects(objects: Objects, ref: ObjectRef): Promise<readonly Reject[]> {
  const text = await readText(objects, ref);
  return (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Reject);
}

/** The first eight fields alone, of whatever else a record carries by now. */
export function orderFields(record: OrderFields): OrderFields {
  return Object.fromEntries(ORDER_COLUMNS.map(({ field }) => [field, record[field]])) as OrderFields;
}

/**
 * A reject as a CSV record: the input's columns, then line and reason. Of a broken record the columns are not known:
 * they stay empty and its text stands in the reason.
 */
export function formatReject(reject: Reject, header: readonly string[], delimiter: string): string {
  const fields = header.map((name) => {
    const column = ORDER_COLUMNS.find((candidate) => candidate.header === name);
    return column && 'record' in reject ? reject.record[column.field] : '';
  });
  const reason = 'raw' in reject ? `${reject.reason} Its text is: ${reject.raw}` : reject.reason;
  return formatCsvRecord([...fields, String(reject.line), reason], { delimiter, quote: 'all' });
}
