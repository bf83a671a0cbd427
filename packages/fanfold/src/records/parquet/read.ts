/**
 * Reads Parquet in a thread of its own. The decoder may loop for ever on a damaged file, or take all memory for a count that
 * is a lie: a thread can be ended, and with it goes the file alone.
 */
import { Worker } from 'node:worker_threads';
import type { Json } from '../../json.ts';
import { type ByteSource, readPart } from '../byte-source.ts';
import { RecordError } from '../record-error.ts';
import type { FromParquetWorker, ParquetWorkerData, ToParquetWorker } from './parquet-worker.ts';
import type { ParquetOptions, ParquetRecord } from './decode.ts';

export interface ReadParquetOptions extends ParquetOptions {
  /** How long the decoder may be at one row group, in milliseconds. @defaultValue 120,000 */
  readonly patience?: number;
  /** Memory of the decoder, in megabytes. @defaultValue 1024 */
  readonly maxMegabytes?: number;
}

const PATIENCE = 120_000;
const MAX_MEGABYTES = 1024;

/**
 * The records of a Parquet file in its order, many at a time. The thread ends with the reading, however that ends.
 *
 * @throws RecordError BrokenParquet, RecordTooLarge, BadOption; what the source throws
 */
export async function* readParquet(
  source: ByteSource,
  { patience = PATIENCE, maxMegabytes = MAX_MEGABYTES, ...options }: ReadParquetOptions = {},
): AsyncGenerator<readonly ParquetRecord[], void, void> {
  const entry = import.meta.url.endsWith('.ts') ? './parquet-worker.ts' : './parquet-worker.js';
  const workerData: ParquetWorkerData = { size: source.size, options };
  const resourceLimits = { maxOldGenerationSizeMb: maxMegabytes };
  const worker = new Worker(new URL(entry, import.meta.url), { workerData, resourceLimits });
  let answer = Promise.withResolvers<FromParquetWorker>();
  worker.on('message', (message: FromParquetWorker) => answer.resolve(message));
  worker.on('error', (error) => answer.reject(failureOf(error, maxMegabytes)));
  worker.on('exit', (code) => answer.reject(unread(`the thread that reads it has ended with exit code ${code}`)));
  const post = (message: ToParquetWorker): void => worker.postMessage(message);
  /** Its next message. */
  const received = async (): Promise<FromParquetWorker> => {
    const timer = setTimeout(() => answer.reject(tooLong(patience)), patience);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      answer = Promise.withResolvers();
      answer.promise.catch(() => {});
    }
  };
  try {
    for (;;) {
      const message = await received();
      if (message.kind === 'end') return;
      if (message.kind === 'failed') throw new RecordError(message.code, message.message);
      if (message.kind === 'batch') {
        const values = JSON.parse(message.values) as readonly Json[];
        yield values.map((value, offset) => ({ value, index: message.first + offset }));
        post({ kind: 'next' });
      } else post({ kind: 'part', bytes: await readPart(source, message.start, message.end) });
    }
  } finally {
    await worker.terminate();
  }
}

function tooLong(patience: number): RecordError {
  return new RecordError(
    'BrokenParquet',
    `The Parquet file cannot be read: nothing came of a row group for ${patience / 1000} seconds. It is damaged; write it again.`,
  );
}

/** What else the thread dies of is the file's fault too: nothing else is in it. */
function unread(what: string, cause?: unknown): RecordError {
  return new RecordError(
    'BrokenParquet',
    `The Parquet file cannot be read: ${what}. It is damaged; write it again.`,
    undefined,
    { cause },
  );
}

function failureOf(error: unknown, maxMegabytes: number): RecordError {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY')
    return unread(error instanceof Error ? error.message : String(error), error);
  return new RecordError(
    'RecordTooLarge',
    `A row group of the Parquet file takes more than ${maxMegabytes} MB of memory. Write smaller row groups.`,
    undefined,
    { cause: error },
  );
}
