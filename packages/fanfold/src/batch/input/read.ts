/** Reads the records of a file or of one chunk of it, whatever its format. */
import {
  type BuiltColumn,
  type CsvEntry,
  type CsvOptions,
  type CsvRecord,
  detectEncoding,
  type EncodingName,
  type JsonEntry,
  type JsonRecord,
  openCsv,
  openCsvPlaces,
  type Place,
  peek,
  readCsvWindows,
  readJsonItems,
  readJsonLinePlaces,
  readJsonLines,
  type Start,
} from '../../records/index.ts';
import { rejectHeader } from '../reject.ts';
import type { TextFormat } from './format.ts';

export type InputEntry = CsvEntry | JsonEntry;
export type InputRecord = CsvRecord | JsonRecord;

/** What is known of a file before it is read. */
export interface ReadOptions {
  readonly format: TextFormat;
  readonly delimiter: string;
  /** Of a CSV file without a header. */
  readonly columns?: readonly string[];
  /** JSON pointer to the list of records in a JSON document. */
  readonly pointer?: string;
  /** Of CSV: whether records that are too short are filled up instead of rejected. */
  readonly fillsCut?: boolean;
}

export interface OpenedRecords<Entry = InputEntry> {
  /** Names of the columns, in the file's order; empty where records are JSON. */
  readonly header: readonly string[];
  /** As it was found. */
  readonly encoding: Exclude<EncodingName, 'auto'>;
  /** To be read once, and to its end or `return`ed. */
  readonly batches: AsyncGenerator<readonly Entry[], void, void>;
}

const LONGEST_MARK = 3;

/** Opens a file at its beginning. @throws RecordError as the reader of its format, also from the batches */
export async function openRecords(text: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenedRecords> {
  if (options.format === 'csv') {
    const { bytes, csv } = await csvOptions(text, options);
    return openCsv(bytes, csv);
  }
  const { bytes, encoding } = await detected(text);
  return {
    header: [],
    encoding,
    batches: options.format === 'jsonl' ? readJsonLines(bytes, { encoding }) : items(bytes, encoding, options),
  };
}

/** Opens a file at its beginning, only to see where its records are. @throws RecordError as `openRecords` */
export async function openPlaces(text: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenedRecords<Place>> {
  if (options.format === 'csv') {
    const { bytes, csv } = await csvOptions(text, options);
    return openCsvPlaces(bytes, csv);
  }
  const { bytes, encoding } = await detected(text);
  const isLines = options.format === 'jsonl';
  return {
    header: [],
    encoding,
    batches: isLines ? readJsonLinePlaces(bytes, { encoding }) : items(bytes, encoding, options),
  };
}

async function csvOptions(
  text: AsyncIterable<Uint8Array>,
  { delimiter, columns, fillsCut = false }: ReadOptions,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly csv: CsvOptions }> {
  const own: CsvOptions = { delimiter, ...(fillsCut && { missingFields: 'fill' }) };
  if (!columns) return { bytes: text, csv: own };
  // A file of rejects has a header also where its input has none.
  const head = Buffer.from(rejectHeader(columns, delimiter));
  const { first, all } = await peek(text, head.length);
  return { bytes: all, csv: { ...own, header: first.equals(head) ? 'first' : columns } };
}

type Detected = OpenedRecords['encoding'];

async function detected(
  text: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly encoding: Detected }> {
  const { first, all } = await peek(text, LONGEST_MARK);
  return { bytes: all, encoding: detectEncoding(first).name };
}

function items(
  bytes: AsyncIterable<Uint8Array>,
  encoding: Detected,
  { pointer = '' }: ReadOptions,
): AsyncGenerator<readonly JsonRecord[], void, void> {
  return readJsonItems(bytes, { encoding, pointer, members: 'refuse' });
}

/** What is known of a file that was opened, for its chunks. */
export interface ChunkReadOptions extends Pick<ReadOptions, 'format' | 'delimiter' | 'fillsCut'> {
  readonly header: readonly string[];
  readonly encoding: Exclude<EncodingName, 'auto'>;
  readonly start: Start;
  /** Of CSV: what validation takes of each column. */
  readonly build?: readonly BuiltColumn[];
}

/** Makes the records of some of a chunk's bytes: called once, and before the next are asked for. The list is the caller's. */
export type CutRecords = () => InputEntry[];

/** Reads the bytes of a chunk. What is made of them is in memory only as long as the caller keeps it. @throws RecordError */
export async function* readChunk(
  bytes: AsyncIterable<Uint8Array>,
  { format, delimiter, header, encoding, start, build, fillsCut }: ChunkReadOptions,
): AsyncGenerator<CutRecords, void, void> {
  switch (format) {
    case 'csv':
      return yield* readCsvWindows(bytes, {
        delimiter,
        header,
        encoding,
        start,
        ...(build && { build }),
        ...(fillsCut && { missingFields: 'fill' }),
      });
    case 'jsonl':
      return yield* cutBefore(readJsonLines(bytes, { encoding, start }));
    case 'json':
      return yield* cutBefore(readJsonItems(bytes, { encoding, start }));
    default:
      return format satisfies never;
  }
}

async function* cutBefore(
  batches: AsyncGenerator<readonly InputEntry[], void, void>,
): AsyncGenerator<CutRecords, void, void> {
  for await (const entries of batches) yield () => [...entries];
}
