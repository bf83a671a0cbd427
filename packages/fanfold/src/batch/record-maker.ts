/** Makes records of the fields of a file: members by the names of their columns, empty cells as their policy has them. */
import { type CsvRecord, EMPTY_CELLS, emptyCell, type EmptyMeaning, type EmptyPolicy } from '../records/index.ts';
import type { Coercion } from './coerce.ts';
import type { Reason } from './reject.ts';

export interface Column {
  /** Among the fields. */
  readonly index: number;
  readonly name: string;
  readonly coerce?: Coercion | undefined;
}

/** A record of a file, or no more than its fields. */
export type ReadRecord = Pick<CsvRecord, 'fields' | 'built'> & Partial<CsvRecord>;

/** The record, or why there is none. */
export type MakeRecord = (read: ReadRecord) => object | readonly Reason[];

/** @param cut finds the end of records that are too short, where it does not show */
export function recordMaker(
  columns: readonly Column[],
  policy?: EmptyPolicy,
  cut?: (read: ReadRecord) => ReadRecord,
): MakeRecord {
  if (policy === undefined && !cut) return (read) => read.built ?? recordOf(columns, read.fields);
  const { words = ['NULL'], ...meanings } = policy ?? {};
  const nothing = new Set(words);
  return (given) => {
    const read = cut ? cut(given) : given;
    const record: Record<string, unknown> = {};
    const reasons: Reason[] = [];
    for (const column of columns) {
      const kind = emptyCell(read, column.index, nothing);
      const meaning: EmptyMeaning =
        kind === undefined ? 'text' : (meanings[kind] ?? (kind === 'cut' ? 'reject' : 'text'));
      if (meaning === 'text') take(record, column, read.fields[column.index] as string);
      else if (meaning === 'null') put(record, column.name, null);
      else if (meaning === 'reject' && kind) reasons.push({ field: column.name, message: EMPTY_CELLS[kind] });
    }
    return reasons.length > 0 ? reasons : record;
  };
}

function recordOf(columns: readonly Column[], fields: readonly string[]): object {
  const record: Record<string, unknown> = {};
  for (const column of columns) take(record, column, fields[column.index] as string);
  return record;
}

function take(record: Record<string, unknown>, { name, coerce }: Column, text: string): void {
  const value = coerce ? coerce(text) : text;
  if (value !== undefined) put(record, name, value);
}

function put(record: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  else record[name] = value;
}
