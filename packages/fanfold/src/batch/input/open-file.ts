/** A file as a stream of text with a record in each place: decompressed, and Parquet as JSON Lines. */
import {
  type ByteSource,
  type Compression,
  compressionOf,
  decompress,
  readParquet,
  readPart,
} from '../../records/index.ts';
import type { InputFormat, TextFormat } from './format.ts';

export interface OpenedFile {
  /** Of the text. */
  readonly format: TextFormat;
  readonly compression: Compression;
  /** Whether the text is the file itself, so that places in it are places in the file. */
  readonly isPlain: boolean;
  /** To be read once. Memory does not grow with the file's size. @throws RecordError BrokenCompression, BrokenParquet */
  readonly text: AsyncIterable<Uint8Array>;
}

const PARQUET_MAGIC = 'PAR1';
/** A value that may stand on a line of JSON: rejects of a Parquet file that were dropped again. */
const OBJECT = /^\s*\{/;
const LONGEST_MAGIC = 4;

export async function openFile(source: ByteSource, format: InputFormat): Promise<OpenedFile> {
  const { size } = source;
  const first = await readPart(source, 0, Math.min(LONGEST_MAGIC, size));
  if (format === 'parquet' && (first.toString('latin1') === PARQUET_MAGIC || !OBJECT.test(first.toString('latin1'))))
    return { format: 'jsonl', compression: 'none', isPlain: false, text: parquetLines(source) };
  const compression = compressionOf(first);
  const isPlain = compression === 'none';
  const bytes = source.read(0, size);
  return {
    format: format === 'parquet' ? 'jsonl' : format,
    compression,
    isPlain,
    text: isPlain ? bytes : decompress(bytes, compression),
  };
}

async function* parquetLines(source: ByteSource): AsyncGenerator<Uint8Array, void, void> {
  for await (const records of readParquet(source))
    yield Buffer.from(records.map(({ value }) => `${JSON.stringify(value)}\n`).join(''));
}
