/** Whether an object is what a manifest says of it. */
import { createHash, type Hash } from 'node:crypto';
import type { ObjectInfo, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { decompress, openCsvPlaces, readJsonItems, readJsonLinePlaces, RecordError } from '../../records/index.ts';
import type { NamedFile } from './manifest.ts';

/** What is wrong with the size; undefined when nothing is, or the manifest says none. */
export function sizeProblem({ size }: NamedFile, object: ObjectInfo, maxBytes: number = Infinity): string | undefined {
  if (size !== undefined && object.size !== size) return `it has ${object.size} bytes, and is to have ${size}`;
  return object.size > maxBytes ? `it has ${object.size} bytes, and ${maxBytes} is the most that is taken` : undefined;
}

/**
 * Reads the object once for its checksums and once for its records, where the manifest says any. Memory does not grow with it.
 *
 * @returns what is wrong with them; undefined when nothing is
 */
export async function contentProblem(
  file: NamedFile,
  object: ObjectInfo,
  objects: Pick<Objects, 'get'>,
): Promise<string | undefined> {
  return (await digestProblem(file, object, objects)) ?? (await recordsProblem(file, object, objects));
}

const REPLACED = 'it was replaced or removed while it was read';

async function digestProblem(
  file: NamedFile,
  object: ObjectInfo,
  objects: Pick<Objects, 'get'>,
): Promise<string | undefined> {
  if (file.digests.length === 0) return undefined;
  const hashes = file.digests.map(({ name }) => createHash(name));
  const body = await openVersion(object, objects);
  if (!body) return REPLACED;
  for await (const bytes of body) for (const hash of hashes) hash.update(bytes);
  for (const [i, { name, hex }] of file.digests.entries()) {
    const found = (hashes[i] as Hash).digest('hex');
    if (found !== hex) return `its ${name} is ${found}, and is to be ${hex}`;
  }
  return undefined;
}

async function recordsProblem(
  { records: expected }: NamedFile,
  object: ObjectInfo,
  objects: Pick<Objects, 'get'>,
): Promise<string | undefined> {
  if (expected === undefined) return undefined;
  const count = COUNTS.find(([ending]) => ending.test(object.key))?.[1];
  if (!count) return 'its records cannot be counted: that is for keys that end with .csv, .jsonl, .ndjson or .json';
  const body = await openVersion(object, objects);
  if (!body) return REPLACED;
  try {
    let records = 0;
    for await (const some of count(decompress(body))) records += some.length;
    return records === expected ? undefined : `it has ${records} records, and is to have ${expected}`;
  } catch (error) {
    if (error instanceof RecordError) return `its records cannot be counted: ${error.message}`;
    throw error;
  }
}

type Count = (text: AsyncIterable<Uint8Array>) => AsyncIterable<readonly unknown[]>;

/** How records are counted, by the end of the key. What is broken counts as one; a header of CSV does not. */
const COUNTS: readonly (readonly [ending: RegExp, count: Count])[] = [
  [/\.csv(\.gz|\.zst)?$/i, csvRecords],
  [/\.(jsonl|ndjson)(\.gz|\.zst)?$/i, (text) => readJsonLinePlaces(text)],
  [/\.json(\.gz|\.zst)?$/i, (text) => readJsonItems(text, { pointer: '' })],
];

async function* csvRecords(text: AsyncIterable<Uint8Array>): AsyncGenerator<readonly unknown[]> {
  const { batches } = await openCsvPlaces(text, { unclearNames: 'keep' });
  yield* batches;
}

/** The bytes of that version; undefined when another one, or none, is there now. */
export async function openVersion(
  { bucket, key, sequencer, versionId }: ObjectInfo,
  objects: Pick<Objects, 'get'>,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    const { info, body } = await objects.get({ bucket, key, ...(versionId !== undefined && { versionId }) });
    if (info.sequencer === sequencer) return body;
    // A body that was not begun is closed by its end.
    await (body as AsyncIterableIterator<Uint8Array>).return?.();
  } catch (error) {
    if (!(error instanceof ServiceError && GONE.has(error.code))) throw error;
  }
  return undefined;
}

const GONE: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed']);
