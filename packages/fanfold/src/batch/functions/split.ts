/** `fanfold-split`: reads the input once, says where its chunks are, and pins it. Nothing is copied. */
import { createHash, type Hash } from 'node:crypto';
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import { formatManifest, gatherRanges, RecordError } from '../../records/index.ts';
import { NOTHING, type RunAccount } from '../account.ts';
import type { PublishedBy } from '../published.ts';
import { fillsCut } from '../column-rules.ts';
import { BatchError } from '../errors.ts';
import { inputChanged } from '../input-changed.ts';
import { type SourceRef, type SplitEvent, sourceOf } from '../event.ts';
import { objectSource } from '../input/object-source.ts';
import { type OpenedFile, openFile } from '../input/open-file.ts';
import type { TextFormat } from '../input/format.ts';
import { openPlaces, openRecords } from '../input/read.ts';
import { readRunManifest, type RunManifest, type SourceInfo } from '../manifest.ts';
import { readJson } from '../object-text.ts';
import { type RunPlace, runPlace } from '../run-place.ts';
import type { BatchSettings } from '../settings.ts';
import { recordKey } from '../unique/record-key.ts';
import { createRepeatFinder } from '../unique/repeats.ts';

export interface SplitResult {
  readonly source: SourceInfo;
  /** Where the chunks are listed, and where the results of their executions go: keys of the source's bucket. */
  readonly place: { readonly manifest: string; readonly maps: string };
  /** Of a run that has nothing to do: another one has published the same content. */
  readonly published: RunAccount | null;
}

export async function handler(event: SplitEvent, { objects }: FunctionContext): Promise<SplitResult> {
  const { batch, run, settings } = event;
  const ref = sourceOf(event.input);
  const place = runPlace(ref.bucket, batch, run);
  const before = await readRunManifest(objects, place);
  const manifest = before ?? (await split(objects, ref, settings, place));
  await checkVersion(objects, ref, manifest.source.eTag);
  const same = await publishedBefore(objects, event, manifest.source);
  const { source } = manifest;
  const result = { source, place: { manifest: place.manifest.key, maps: place.maps.slice(0, -1) } };
  if (same !== undefined && settings.source.sameFile === 'skip')
    return { ...result, published: nothingDone(event, source, same) };
  if (same !== undefined && settings.source.sameFile === 'fail')
    throw new BatchError(
      'Fanfold.SameFile',
      `${ref.key} has the content of ${same.key}, which the run ${same.run} has published. Nothing was done; the batch's sameFile says so.`,
    );
  if (!before)
    await objects.put({ ...place.manifest, body: formatManifest(manifest), contentType: 'application/json' });
  return { ...result, published: null };
}

function nothingDone({ batch, run }: SplitEvent, source: SourceInfo, { run: sameAs }: PublishedBy): RunAccount {
  const { bucket, key, bytes, sha256 } = source;
  return {
    batch,
    run,
    source: { bucket, key, bytes, sha256 },
    ...NOTHING,
    chunks: 0,
    outputs: [],
    rejects: null,
    sameAs,
  };
}

async function publishedBefore(
  objects: Objects,
  { batch, run, settings }: SplitEvent,
  { bucket, sha256 }: SourceInfo,
): Promise<PublishedBy | undefined> {
  if (settings.source.sameFile === 'run') return undefined;
  const found = await readJson<PublishedBy>(objects, runPlace(bucket, batch, run).published(sha256));
  return found && found.run !== run ? found : undefined;
}

/** @throws BatchError Fanfold.InputChanged when the file is gone or another one has its key */
async function checkVersion(objects: Objects, { bucket, key }: SourceRef, eTag: string): Promise<void> {
  const now = await objects.head({ bucket, key });
  if (now?.eTag !== eTag) throw inputChanged(key, now === undefined);
}

async function split(objects: Objects, ref: SourceRef, settings: BatchSettings, place: RunPlace): Promise<RunManifest> {
  const { bucket, key } = ref;
  const info = await objects.head({ bucket, key });
  if (!info || (ref.eTag !== undefined && ref.eTag !== info.eTag)) throw inputChanged(key, !info);
  const { eTag, size: bytes } = info;
  const source = objectSource(objects, info);
  try {
    const file = await openFile(source, settings.source.format);
    const hash = createHash('sha256');
    const text = file.isPlain
      ? { key, eTag, size: bytes, body: hashed(file.text, hash) }
      : await unpack(objects, file, place);
    if (!file.isPlain) for await (const part of source.read(0, bytes)) hash.update(part);
    const end = file.format === 'json' ? null : text.size;
    const { header, encoding, records, chunks } = await gather(objects, text.body, file.format, end, settings, place);
    return {
      version: 1,
      source: {
        bucket,
        key,
        eTag,
        bytes,
        sha256: hash.digest('hex'),
        compression: file.compression,
        text: { key: text.key, eTag: text.eTag, format: file.format },
        header,
        encoding,
      },
      records,
      chunks,
    };
  } catch (error) {
    if (error instanceof RecordError)
      throw new BatchError('Fanfold.BadFile', `${key} cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

type Gathered = Pick<RunManifest, 'records' | 'chunks'> & Pick<SourceInfo, 'header' | 'encoding'>;

/** Records are taken apart only where they are compared. @param end as `gatherRanges` */
async function gather(
  objects: Objects,
  text: AsyncIterable<Uint8Array>,
  format: TextFormat,
  end: number | null,
  { source, chunk, unique }: BatchSettings,
  place: RunPlace,
): Promise<Gathered> {
  const options = { ...source, format, fillsCut: fillsCut(source.rules) };
  if (!unique) {
    const { header, encoding, batches } = await openPlaces(text, options);
    const { records, ranges } = await gatherRanges(batches, chunk, end);
    return { header, encoding, records, chunks: ranges };
  }
  const { header, encoding, batches } = await openRecords(text, options);
  const keyOf = recordKey({ unique, format, header, ...(source.rules && { rules: source.rules }) });
  const repeats = createRepeatFinder({ objects, place, keyOf });
  const { records, ranges } = await gatherRanges(repeats.seen(batches), chunk, end);
  return { header, encoding, records, chunks: await repeats.mark(ranges) };
}

/** Chunks are read from anywhere: what cannot be is unpacked first, beside the run. */
async function unpack(
  objects: Objects,
  { text }: OpenedFile,
  place: RunPlace,
): Promise<{
  readonly key: string;
  readonly eTag: string;
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}> {
  const info = await objects.put({ ...place.input, body: text });
  return { key: info.key, eTag: info.eTag, size: info.size, body: objectSource(objects, info).read(0, info.size) };
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    hash.update(bytes);
    yield bytes;
  }
}
