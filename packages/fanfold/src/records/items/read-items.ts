/**
 * The items in a file, as AWS Step Functions reads them: the records of CSV, the lines of JSON Lines, the elements of a JSON
 * array or the members of an object. A file with one broken item is refused: nothing is left out in silence (I9).
 */
import { type Json, setKey } from '../../json.ts';
import { STEP_FUNCTIONS_CSV } from '../csv/dialect.ts';
import { openCsv } from '../csv/read.ts';
import { readJsonItems } from '../json/read.ts';
import { readJsonLines } from '../jsonl/read.ts';
import { RecordError } from '../record-error.ts';
import type { Item, ItemFormat } from './item-format.ts';

/** As AWS names them. */
const DELIMITERS: Readonly<Record<NonNullable<ItemFormat['CSVDelimiter']>, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

/** Largest item, in bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

const LIMITS = { maxRecordBytes: MOST_BYTES } as const;

/** How text is written; Parquet is not. */
export type TextItemFormat = Omit<ItemFormat, 'InputType'> & {
  readonly InputType?: Exclude<ItemFormat['InputType'], 'PARQUET'>;
};

/**
 * The items of a text in its order, many at a time.
 *
 * @param text bytes, not compressed
 * @throws RecordError for a file, or an item in it, that is broken
 */
export function readItems(text: AsyncIterable<Uint8Array>, format: TextItemFormat): AsyncGenerator<readonly Item[]> {
  switch (format.InputType) {
    case 'CSV':
      return csvItems(text, format);
    case 'JSONL':
      return lines(text);
    case undefined:
    case 'JSON':
      return elements(text, format.ItemsPointer ?? '');
    default:
      throw format.InputType satisfies never;
  }
}

/** As on AWS a short row has empty texts for what is missing, and of a long one the rest is left out. */
async function* csvItems(
  text: AsyncIterable<Uint8Array>,
  { CSVHeaderLocation, CSVHeaders = [], CSVDelimiter = 'COMMA' }: TextItemFormat,
): AsyncGenerator<readonly Item[]> {
  if (CSVHeaderLocation === undefined)
    throw new RecordError(
      'BadOption',
      'Nothing says what the columns are named: CSVHeaderLocation is missing. Use FIRST_ROW, or GIVEN and CSVHeaders.',
    );
  const { header, batches } = await openCsv(text, {
    ...STEP_FUNCTIONS_CSV,
    ...LIMITS,
    delimiter: DELIMITERS[CSVDelimiter],
    header: CSVHeaderLocation === 'GIVEN' ? CSVHeaders : 'first',
    unclearNames: 'keep',
  });
  for await (const entries of batches)
    yield entries.map((entry) => {
      if (entry.kind === 'record') return { value: itemOf(header, entry.fields) };
      throw broken('CSV', entry);
    });
}

function itemOf(headers: readonly string[], fields: readonly string[]): Json {
  const item: Record<string, Json> = {};
  for (let i = 0; i < headers.length; i++) setKey(item, headers[i] as string, fields[i] ?? '');
  return item;
}

async function* lines(text: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Item[]> {
  for await (const entries of readJsonLines(text, LIMITS))
    yield entries.map((entry) => {
      if (entry.kind === 'record') return { value: entry.value };
      throw broken('JSON Lines', entry);
    });
}

async function* elements(text: AsyncIterable<Uint8Array>, pointer: string): AsyncGenerator<readonly Item[]> {
  for await (const records of readJsonItems(text, { ...LIMITS, pointer }))
    yield records.map(({ key, value }) => (key === undefined ? { value } : { key, value }));
}

function broken(name: string, { line, reason }: { readonly line: number; readonly reason: string }): RecordError {
  return new RecordError('BrokenRecord', `The ${name} file is broken in line ${line}: ${reason}`, line);
}
