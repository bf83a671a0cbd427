/** A reject as the item of a table: there once for each rejected record of a run, whatever its own key is. */
import type { KeyAttribute, TableDescription } from '../ports/tables.ts';
import { itemText } from './item.ts';
import type { SourceInfo } from './manifest.ts';
import { fieldNames, type Reject, reasonText } from './reject.ts';

const KEYS: readonly (readonly [partition: string, sort?: string])[] = [['id:S'], ['run:S', 'offset:N']];
/** Of a record that makes its item too large the beginning is kept. */
const LONGEST_TEXT = 10_000;

/** Why rejects cannot go into a table with this key, or undefined. */
export function rejectsTableProblem(partitionKey: KeyAttribute, sortKey: KeyAttribute | undefined): string | undefined {
  const text = (key: KeyAttribute | undefined): string | undefined => key && `${key.name}:${key.type}`;
  if (KEYS.some(([partition, sort]) => partition === text(partitionKey) && sort === text(sortKey))) return undefined;
  return 'its key must be "id", or "run" and behind it "offset" of type N.';
}

export interface RejectItemParams {
  readonly run: string;
  readonly source: Pick<SourceInfo, 'bucket' | 'key' | 'header'>;
  readonly table: TableDescription;
}

export function rejectItemText(reject: Reject, { run, source, table }: RejectItemParams): string {
  const { fields, json, text, line, byteOffset, code } = reject;
  const place = { id: `${run}/${byteOffset}`, run, offset: byteOffset, line, file: `${source.bucket}/${source.key}` };
  const words = { code, field: fieldNames(reject), reason: reasonText(reject) };
  const whole = text ?? json;
  const record = fields && Object.fromEntries(source.header.map((name, index) => [name, fields[index] ?? '']));
  try {
    const own = { ...(record && { record }), ...(whole !== undefined && { text: whole }) };
    return itemText({ ...place, ...words, ...own }, table);
  } catch {
    const own = { ...words, text: whole ?? fields?.join(',') ?? '' };
    const cut = Object.entries(own).map(
      ([name, value]) => [name, value.slice(0, LONGEST_TEXT).toWellFormed()] as const,
    );
    return itemText({ ...place, ...Object.fromEntries(cut) }, table);
  }
}
