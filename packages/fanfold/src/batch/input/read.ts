/** Reads the records of a file or of one chunk of it, whatever its format. */
import {
  type CsvEntry,
  type CsvRecord,
  detectEncoding,
  type EncodingName,
  type JsonEntry,
  type JsonRecord,
  openCsv,
  peek,
  readCsv,
  readJsonItems,
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
}

export interface OpenedRecords {
  /** Names of the columns, in the file's order; empty where records are JSON. */
  readonly header: readonly string[];
  /** As it was found. */
  readonly encoding: Exclude<EncodingName, 'auto'>;
  /** To be read once, and to its end or `return`ed. */
  readonly batches: AsyncGenerator<readonly InputEntry[], void, void>;
}

const LONGEST_MARK = 3;

/** Opens a file at its beginning. @throws RecordError as the reader of its format, also from the batches */
export async function openRecords(text: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<OpenedRecords> {
  const { format, delimiter, columns, pointer } = options;
  if (format === 'csv') {
    if (!columns) return openCsv(text, { delimiter });
    // A file of rejects has a header also where its input has none.
    const head = Buffer.from(rejectHeader(columns, delimiter));
    const { first, all } = await peek(text, head.length);
    return openCsv(all, { delimiter, header: first.equals(head) ? 'first' : columns });
  }
  const { first, all } = await peek(text, LONGEST_MARK);
  const encoding = detectEncoding(first).name;
  const batches =
    format === 'jsonl' ? readJsonLines(all, { encoding }) : readJsonItems(all, { encoding, pointer: pointer ?? '' });
  return { header: [], encoding, batches };
}

/** What is known of a file that was opened, for its chunks. */
export interface ChunkReadOptions extends Pick<ReadOptions, 'format' | 'delimiter'> {
  readonly header: readonly string[];
  readonly encoding: Exclude<EncodingName, 'auto'>;
  readonly start: Start;
}

/** Reads the bytes of a chunk. @throws RecordError */
export async function* readChunk(
  bytes: AsyncIterable<Uint8Array>,
  { format, delimiter, header, encoding, start }: ChunkReadOptions,
): AsyncGenerator<readonly InputEntry[], void, void> {
  switch (format) {
    case 'csv':
      return yield* readCsv(bytes, { delimiter, header, encoding, start });
    case 'jsonl':
      return yield* readJsonLines(bytes, { encoding, start });
    case 'json':
      return yield* readJsonItems(bytes, { encoding, start });
    default:
      return format satisfies never;
  }
}
