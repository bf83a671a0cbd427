/**
 * Reads Parquet, one row group at a time: that is what memory holds, and files are written so. Records have a number, from
 * 0, where text files have lines.
 *
 * Known limit: the decoder may loop for ever on some damaged files. What comes from outside is read with `readParquet`, in a
 * thread that can be ended.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import type { Json } from '../../json.ts';
import { type ByteSource, readPart } from '../byte-source.ts';
import { checkCount } from '../limits.ts';
import { RecordError } from '../record-error.ts';
import { toObject } from './values.ts';

export interface ParquetRecord {
  readonly value: Json;
  /** Number of the record in the file, from 0. */
  readonly index: number;
}

export interface ParquetOptions {
  /** Largest row group, in bytes before compression; a larger one is refused. @defaultValue 1,073,741,824 */
  readonly maxRowGroupBytes?: number;
  /** Records for each batch. @defaultValue 1000 */
  readonly batchRecords?: number;
}

const MAX_ROW_GROUP_BYTES = 1_073_741_824;
const BATCH_RECORDS = 1000;
const MAGIC = 'PAR1';

/** Snappy is built in. What is longer than the page says is cut off by the codec and refused by the reader. */
const CODECS: Compressors = {
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};

/**
 * The records of a Parquet file in its order, many at a time.
 *
 * @throws RecordError BrokenParquet, RecordTooLarge for a row group, BadOption
 */
export async function* decodeParquet(
  source: ByteSource,
  options: ParquetOptions = {},
): AsyncGenerator<readonly ParquetRecord[], void, void> {
  const most = checkCount('maxRowGroupBytes', options.maxRowGroupBytes ?? MAX_ROW_GROUP_BYTES);
  const batchRecords = checkCount('batchRecords', options.batchRecords ?? BATCH_RECORDS, 'records');
  const file = {
    byteLength: source.size,
    slice: async (start: number, end = source.size) => arrayBuffer(await readPart(source, start, end)),
  };
  await checkMagic(source);
  const metadata = await guarded(() => parquetMetadataAsync(file));
  const names = await guarded(async () => columnNames(metadata));
  let index = 0;
  for (const [number, group] of metadata.row_groups.entries()) {
    const bytes = Number(group.total_byte_size);
    if (bytes > most)
      throw new RecordError(
        'RecordTooLarge',
        `Row group ${number} of the Parquet file has ${bytes} bytes, at most ${most} are allowed. Write smaller row groups.`,
      );
    const rowEnd = index + Number(group.num_rows);
    let rows: readonly (readonly unknown[])[] = [];
    await guarded(() =>
      parquetRead({
        file,
        metadata,
        compressors: CODECS,
        rowFormat: 'array',
        rowStart: index,
        rowEnd,
        onComplete: (found: unknown[][]) => {
          rows = found;
        },
      }),
    );
    if (rows.length !== rowEnd - index)
      throw broken(`row group ${number} has ${rows.length} of its ${rowEnd - index} records`);
    for (let at = 0; at < rows.length; at += batchRecords) {
      const first = index + at;
      yield rows.slice(at, at + batchRecords).map((row, offset) => ({
        value: toObject(names.map((name, column): [string, unknown] => [name, row[column]])),
        index: first + offset,
      }));
    }
    index = rowEnd;
  }
}

function columnNames(metadata: FileMetaData): readonly string[] {
  const total = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
  if (total !== metadata.num_rows) throw new Error(`it says ${metadata.num_rows} records, its row groups ${total}`);
  // Counts that do not fit would be believed by the decoder, however many they are.
  for (const { num_rows, columns } of metadata.row_groups)
    if (num_rows < 0n || columns.some((column) => (column.meta_data?.num_values ?? 0n) < num_rows))
      throw new Error(`a row group says ${num_rows} records, its columns have fewer values`);
  const nested = metadata.schema.find(({ name }) => name === '__proto__');
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (nested && !names.includes('__proto__')) throw new Error('a nested column is named "__proto__"');
  return names;
}

async function checkMagic(source: ByteSource): Promise<void> {
  if (source.size < 12) throw broken(`it has ${source.size} bytes`);
  const first = await readPart(source, 0, MAGIC.length);
  if (first.toString('latin1') !== MAGIC) throw broken(`it does not start with ${MAGIC}`);
}

async function guarded<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RecordError) throw error;
    throw broken((error as Error).message, error as Error);
  }
}

function broken(what: string, cause?: Error): RecordError {
  return new RecordError(
    'BrokenParquet',
    `The Parquet file cannot be read: ${what}. Check that it is Parquet, whole, and compressed with snappy, gzip, brotli or zstd.`,
    undefined,
    cause && { cause },
  );
}

function arrayBuffer(buffer: Buffer): ArrayBuffer {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer;
}
