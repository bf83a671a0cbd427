/** The thread that decodes one Parquet file. Its bytes are asked of the thread that started it, part by part. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { RecordErrorCode } from '../record-error.ts';
import { RecordError } from '../record-error.ts';
import { decodeParquet, type ParquetOptions } from './decode.ts';

export interface ParquetWorkerData {
  /** Of the file, in bytes. */
  readonly size: number;
  readonly options: ParquetOptions;
}

export type ToParquetWorker =
  /** The part that was asked for. */
  { readonly kind: 'part'; readonly bytes: Uint8Array } | { readonly kind: 'next' };

export type FromParquetWorker =
  | { readonly kind: 'read'; readonly start: number; readonly end: number }
  /** Records as the text of one JSON array: copied as text, names like `__proto__` stay what they are. */
  | { readonly kind: 'batch'; readonly first: number; readonly values: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly code: RecordErrorCode; readonly message: string };

const found = parentPort;
if (!found) throw new Error('This module is the entry of a thread; use readParquet.');
const port = found;

const { size, options } = workerData as ParquetWorkerData;
const post = (message: FromParquetWorker): void => port.postMessage(message);
const received = async (): Promise<ToParquetWorker> => ((await once(port, 'message')) as [ToParquetWorker])[0];

async function* read(start: number, end: number): AsyncGenerator<Uint8Array, void, void> {
  post({ kind: 'read', start, end });
  const answer = await received();
  if (answer.kind === 'part') yield answer.bytes;
}

try {
  for await (const records of decodeParquet({ size, read }, options)) {
    post({
      kind: 'batch',
      first: records[0]?.index ?? 0,
      values: JSON.stringify(records.map(({ value }) => value)),
    });
    await received();
  }
  post({ kind: 'end' });
} catch (error) {
  if (!(error instanceof RecordError)) throw error;
  post({ kind: 'failed', code: error.code, message: error.message });
}
port.close();
