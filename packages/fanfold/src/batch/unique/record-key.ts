/** What tells a record from the others of its file, as a batch's `unique` names it. */
import { isObject, type Json, member } from '../../json.ts';
import type { ColumnRules } from '../column-rules.ts';
import { BatchError } from '../errors.ts';
import { lostNumber } from '../kept-number.ts';
import type { TextFormat } from '../input/format.ts';
import type { InputEntry } from '../input/read.ts';
import { recordMaker } from '../record-maker.ts';
import { cutAgain, ownColumns } from '../reject.ts';

/** Undefined where there is nothing to compare: the record is broken, or one of the names has no value in it. */
export type RecordKey = (entry: InputEntry) => string | undefined;

export interface RecordKeyParams {
  /** Names of columns or members, as records have them. */
  readonly unique: readonly string[];
  readonly format: TextFormat;
  /** Of a CSV file. */
  readonly header: readonly string[];
  readonly rules?: ColumnRules;
}

/** Values are compared as the file has them: texts of CSV, values of JSON. @throws BatchError Fanfold.BadFile */
export function recordKey({ unique, format, header, rules = {} }: RecordKeyParams): RecordKey {
  if (format !== 'csv')
    return (entry) => {
      if (entry.kind === 'reject' || !('value' in entry) || !isObject(entry.value)) return undefined;
      // Two of them may have become the same.
      if (lostNumber(entry.text) !== undefined) return undefined;
      const { value } = entry;
      return keyOf(unique.map((name) => member(value, name)));
    };
  const { renamed = {}, empty } = rules;
  const own = ownColumns(header);
  const columns = unique.map((name) => {
    const index = own.find((at) => {
      const inFile = header[at] as string;
      return (Object.hasOwn(renamed, inFile) ? renamed[inFile] : inFile) === name;
    });
    if (index !== undefined) return { index, name };
    throw new BatchError(
      'Fanfold.BadFile',
      `The file has no column ${name}, which is to be unique. Its columns are ${own.map((at) => header[at]).join(', ')}.`,
    );
  });
  const make = recordMaker(columns, empty, cutAgain(header));
  return (entry) => {
    if (entry.kind === 'reject' || !('fields' in entry)) return undefined;
    const record = make(entry);
    if (Array.isArray(record)) return undefined;
    return keyOf(unique.map((name) => member(record as { readonly [name: string]: Json }, name)));
  };
}

function keyOf(values: readonly (Json | undefined)[]): string | undefined {
  if (values.some((value) => value === undefined || value === null || value === '')) return undefined;
  return JSON.stringify(values);
}
