/** The input file of a run: which object it is, and how it is read. */
import type { ObjectRef, Objects } from 'fanfold';
import { type CsvReader, checkDelimiter, openCsv, RecordError } from 'fanfold/records';
import { headerProblem } from './columns.ts';

/** The input as a whole cannot be processed. The message says what, where, the value and the next move. */
export class InvalidInputFile extends Error {
  override readonly name = 'InvalidInputFile';
}

/** What the trigger passes on: one record of an S3 notification, and three settings. */
export interface SplitEvent {
  readonly Records: {
    readonly s3: {
      readonly bucket: { readonly name: string };
      /** The key is URL-encoded, with `+` for a space. */
      readonly object: { readonly key: string; readonly eTag?: string };
    };
  };
  readonly inputArchiveFolder?: string;
  readonly fileChunkSize?: number | string;
  readonly fileDelimiter?: string;
}

export interface InputFile extends ObjectRef {
  /** The version that the run is about. */
  readonly eTag: string;
  readonly delimiter: string;
}

/** @throws InvalidInputFile when the object is gone or was replaced since it was reported; RecordError for the delimiter */
export async function findInput(objects: Objects, event: SplitEvent): Promise<InputFile> {
  const delimiter = checkDelimiter(event.fileDelimiter ?? ',');
  const { bucket, object } = event.Records.s3;
  const key = decodeKey(object.key);
  const info = await objects.head({ bucket: bucket.name, key });
  if (!info) throw new InvalidInputFile(`${key} is not in bucket ${bucket.name}. Upload it again.`);
  const reported = object.eTag?.replaceAll('"', '');
  if (reported !== undefined && reported !== info.eTag)
    throw new InvalidInputFile(
      `${key} in bucket ${bucket.name} was replaced after this run was started (eTag ${reported}, now ${info.eTag}). The upload that replaced it has a run of its own.`,
    );
  return { bucket: bucket.name, key, eTag: info.eTag, delimiter };
}

/**
 * Reads the input once and gives the reader to `use`.
 *
 * @throws InvalidInputFile for whatever is wrong with the file as a whole
 */
export async function readInput<T>(
  objects: Objects,
  input: InputFile,
  use: (reader: CsvReader) => Promise<T>,
): Promise<T> {
  const { bucket, key, delimiter, eTag } = input;
  const { info, body } = await objects.get({ bucket, key });
  if (info.eTag !== eTag)
    throw new InvalidInputFile(`${key} in bucket ${bucket} was replaced while it was read. Start the run again.`);
  try {
    const reader = await openCsv(body, { delimiter, expectedHeader: (names) => headerProblem(names, delimiter) });
    try {
      return await use(reader);
    } finally {
      await reader.batches.return();
    }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new InvalidInputFile(`${key} in bucket ${bucket} cannot be processed. ${error.message}`, { cause: error });
  }
}

/** Records in a chunk. @throws Error when the setting is not a whole number from 1 */
export function chunkSizeOf(event: SplitEvent): number {
  const size = Number(event.fileChunkSize ?? 600);
  if (Number.isSafeInteger(size) && size >= 1) return size;
  throw new Error(`fileChunkSize is ${JSON.stringify(event.fileChunkSize)}. Set it to a whole number from 1.`);
}

/** A key as it is, from the form it has in a notification. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw new InvalidInputFile(
      `The object key ${JSON.stringify(encoded)} is not URL-encoded. Pass it as S3 reports it.`,
    );
  }
}
