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
  markedEncoding,
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
  /** Around the fields of a CSV file. @defaultValue '"' */
  readonly quote?: string;
  /** Of text without a byte order mark. @defaultValue UTF-8 */
  readonly encoding?: EncodingName;
  readonly maxRecordBytes?: number;
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
  const { bytes, encoding } = await detected(text, options);
  const isLines = options.format === 'jsonl';
  return {
    header: [],
    encoding,
    batches: isLines ? readJsonLines(bytes, { encoding, ...limitOf(options) }) : items(bytes, encoding, options),
  };
}

/** Opens a file at its beginning, only to see where its records are. @throws RecordError as `openRecords` */
export async function openPlaces(text: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenedRecords<Place>> {
  if (options.format === 'csv') {
    const { bytes, csv } = await csvOptions(text, options);
    return openCsvPlaces(bytes, csv);
  }
  const { bytes, encoding } = await detected(text, options);
  const isLines = options.format === 'jsonl';
  return {
    header: [],
    encoding,
    batches: isLines ? readJsonLinePlaces(bytes, { encoding, ...limitOf(options) }) : items(bytes, encoding, options),
  };
}

async function csvOptions(
  text: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly csv: CsvOptions }> {
  const { bytes, encoding } = await detected(text, options);
  const own: CsvOptions = { ...dialectOf(options), encoding };
  const { columns } = options;
  if (!columns) return { bytes, csv: own };
  // A file of rejects has a header also where its input has none.
  const head = Buffer.from(rejectHeader(columns, options));
  const { first, all } = await peek(bytes, LONGEST_MARK + head.length);
  const mark = hasMark(first) ? LONGEST_MARK : 0;
  const isRejects = first.subarray(mark, mark + head.length).equals(head);
  return { bytes: all, csv: { ...own, header: isRejects ? 'first' : columns } };
}

/** Of UTF-8, which a file of rejects is written in. */
function hasMark(first: Buffer): boolean {
  return markedEncoding(first)?.name === 'utf-8';
}

function dialectOf({ delimiter, quote, fillsCut, ...options }: ChunkText): CsvOptions {
  return {
    delimiter,
    ...(quote !== undefined && { quote }),
    ...(fillsCut && { missingFields: 'fill' }),
    ...limitOf(options),
  };
}

function limitOf({ maxRecordBytes }: Pick<ReadOptions, 'maxRecordBytes'>): { readonly maxRecordBytes?: number } {
  return maxRecordBytes === undefined ? {} : { maxRecordBytes };
}

type Detected = OpenedRecords['encoding'];

/** A byte order mark goes before what was said: a file of rejects has one where it would be taken for something else. */
async function detected(
  text: AsyncIterable<Uint8Array>,
  { encoding = 'auto' }: Pick<ReadOptions, 'encoding'>,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly encoding: Detected }> {
  const { first, all } = await peek(text, LONGEST_MARK);
  const found = encoding === 'auto' ? detectEncoding(first).name : (markedEncoding(first)?.name ?? encoding);
  return { bytes: all, encoding: found };
}

function items(
  bytes: AsyncIterable<Uint8Array>,
  encoding: Detected,
  { pointer = '', ...options }: ReadOptions,
): AsyncGenerator<readonly JsonRecord[], void, void> {
  return readJsonItems(bytes, { encoding, pointer, members: 'refuse', ...limitOf(options) });
}

/** How the text of a chunk is read. */
type ChunkText = Pick<ReadOptions, 'delimiter' | 'quote' | 'maxRecordBytes' | 'fillsCut'>;

/** What is known of a file that was opened, for its chunks. */
export interface ChunkReadOptions extends ChunkText, Pick<ReadOptions, 'format'> {
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
  { format, header, encoding, start, build, ...text }: ChunkReadOptions,
): AsyncGenerator<CutRecords, void, void> {
  switch (format) {
    case 'csv':
      return yield* readCsvWindows(bytes, {
        ...dialectOf(text),
        header,
        encoding,
        start,
        ...(build && { build }),
      });
    case 'jsonl':
      return yield* cutBefore(readJsonLines(bytes, { encoding, start, ...limitOf(text) }));
    case 'json':
      return yield* cutBefore(readJsonItems(bytes, { encoding, start, ...limitOf(text) }));
    default:
      return format satisfies never;
  }
}

async function* cutBefore(
  batches: AsyncGenerator<readonly InputEntry[], void, void>,
): AsyncGenerator<CutRecords, void, void> {
  for await (const entries of batches) yield () => [...entries];
}
