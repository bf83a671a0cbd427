/** What the chunks of a run have left, in the order of the manifest, checked against their accounts while it is read. */
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { BlockRing } from './block-ring.ts';
import { addCounts, type ChunkAccount, type ChunkPart, type Counts, imbalance, NOTHING } from './account.ts';
import { createPartCheck } from './chunk-part.ts';
import { BatchError } from './errors.ts';
import type { RunEvent } from './event.ts';
import { type ChunkRange, readRunManifest, type RunManifest } from './manifest.ts';
import { readJson } from './object-text.ts';
import { readAhead } from './read-ahead.ts';
import { type RunPlace, runPlace } from './run-place.ts';

export interface ChunkResults {
  /** Read once, when it is asked for: what is of one chunk needs none. @throws BatchError Fanfold.ChunkDamaged when it is gone */
  manifest(): Promise<RunManifest>;
  readonly place: RunPlace;
  /** @throws BatchError Fanfold.DoesNotAddUp, Fanfold.ChunkDamaged */
  total(): Promise<Counts>;
  /** Of all chunks, in the order of the manifest. @throws BatchError Fanfold.ChunkDamaged */
  accounts(): AsyncGenerator<ChunkAccount, void, void>;
  /** The bytes that all chunks have given to a sink. @param ring holds them @throws BatchError Fanfold.ChunkDamaged */
  outputs(sink: number, ring?: BlockRing): AsyncGenerator<Uint8Array, void, void>;
  /** The bytes that one chunk has given to a sink. @throws BatchError Fanfold.ChunkDamaged */
  chunkOutput(index: number, sink: number): AsyncGenerator<Uint8Array, void, void>;
  rejects(): AsyncGenerator<Uint8Array, void, void>;
  /** The items of all rejects. @throws BatchError Fanfold.ChunkDamaged */
  errors(): AsyncGenerator<Uint8Array, void, void>;
  /** The groups that one chunk has kept for totals. @throws BatchError Fanfold.ChunkDamaged */
  chunkTotals(index: number, totals: number): AsyncGenerator<Uint8Array, void, void>;
  /** The groups of the run. @throws BatchError Fanfold.ChunkDamaged */
  totals(index: number, part: ChunkPart): AsyncGenerator<Uint8Array, void, void>;
}

/** Each is a small object: reading one is waiting. */
const ACCOUNTS_AT_ONCE = 64;
/** They are gone through to count, and once for each sink. Of a larger file the others are read each time. */
const ACCOUNTS_KEPT = 1000;

/** Of the run whose results this worker has read last: an account is written once, and what counts hands on to what folds. */
let kept: { readonly run: string; readonly accounts: Map<number, ChunkAccount> } | undefined;

function accountsKept(run: string): Map<number, ChunkAccount> {
  if (kept?.run !== run) kept = { run, accounts: new Map() };
  return kept.accounts;
}

export function openChunkResults(objects: Objects, { batch, run }: RunEvent, bucket: string): ChunkResults {
  const place = runPlace(bucket, batch, run);
  let read: Promise<RunManifest> | undefined;
  const manifest = (): Promise<RunManifest> => (read ??= readManifest(objects, place));

  const known = accountsKept(`${batch}/${run}`);

  const account = async (index: number): Promise<ChunkAccount> => {
    const before = known.get(index);
    if (before) return before;
    const ref = place.chunkAccount(index);
    const found = await readJson<ChunkAccount>(objects, ref);
    if (found) {
      if (known.size < ACCOUNTS_KEPT) known.set(index, found);
      return found;
    }
    throw damaged(`Chunk ${index} is missing: the manifest has it, but ${ref.key} is not in the bucket ${ref.bucket}`);
  };
  async function* accounts(): AsyncGenerator<ChunkAccount, void, void> {
    const { chunks } = await manifest();
    for (let from = 0; from < chunks.length; from += ACCOUNTS_AT_ONCE)
      yield* await Promise.all(chunks.slice(from, from + ACCOUNTS_AT_ONCE).map(({ index }) => account(index)));
  }
  async function* outputsOf(
    from: AsyncIterable<ChunkAccount> | Iterable<ChunkAccount>,
    sink: number,
    ring?: BlockRing,
  ): AsyncGenerator<OpenPart, void, void> {
    for await (const { index, outputs } of from) {
      const part = outputs[sink];
      if (part && part.bytes > 0)
        yield await openPart(objects, place.chunkOutput(index, sink), part, `Chunk ${index}`, ring);
    }
  }
  return {
    manifest,
    place,
    accounts,
    total: async () => {
      let total = NOTHING;
      let at = 0;
      const { chunks, records: all } = await manifest();
      for await (const counts of accounts()) {
        const { index, records } = chunks[at++] as ChunkRange;
        const wrong = imbalance(counts, records);
        if (wrong !== undefined)
          throw new BatchError('Fanfold.DoesNotAddUp', `Chunk ${index} does not add up: ${wrong}. Start a new run.`);
        total = addCounts(total, counts);
      }
      const wrong = imbalance(total, all);
      if (wrong !== undefined)
        throw new BatchError('Fanfold.DoesNotAddUp', `The run does not add up: ${wrong}. Start a new run.`);
      return total;
    },
    outputs: async function* (sink, ring) {
      for await (const part of readAhead(outputsOf(accounts(), sink, ring))) yield* checked(part);
    },
    chunkOutput: async function* (index, sink) {
      for await (const part of outputsOf([await account(index)], sink)) yield* checked(part);
    },
    chunkTotals: async function* (index, totals) {
      const part = (await account(index)).totals[totals];
      if (part && part.bytes > 0)
        yield* checked(await openPart(objects, place.chunkTotals(index, totals), part, `Chunk ${index}`));
    },
    totals: async function* (index, part) {
      yield* checked(await openPart(objects, place.totals(index), part, `Totals ${index}`));
    },
    errors: async function* () {
      for await (const { index, errors } of accounts())
        if (errors) yield* checked(await openPart(objects, place.chunkErrors(index), errors, `Chunk ${index}`));
    },
    rejects: async function* () {
      for await (const { index, rejects } of accounts())
        if (rejects) yield* checked(await openPart(objects, place.chunkRejects(index), rejects, `Chunk ${index}`));
    },
  };
}

async function readManifest(objects: Objects, place: RunPlace): Promise<RunManifest> {
  const found = await readRunManifest(objects, place);
  if (found) return found;
  const { manifest } = place;
  throw damaged(`The manifest ${manifest.key} is gone from the bucket ${manifest.bucket}`);
}

interface OpenPart {
  readonly ref: ObjectRef;
  readonly part: ChunkPart;
  /** Whose it is, in words. */
  readonly what: string;
  readonly body: AsyncIterable<Uint8Array>;
}

async function openPart(
  objects: Objects,
  ref: ObjectRef,
  part: ChunkPart,
  what: string,
  ring?: BlockRing,
): Promise<OpenPart> {
  return { ref, part, what, body: await bodyOf(objects, ref, what, ring) };
}

async function* checked({ ref, part, what, body }: OpenPart): AsyncGenerator<Uint8Array, void, void> {
  const check = createPartCheck();
  let length = 0;
  for await (const bytes of body) {
    length += bytes.length;
    check.update(bytes);
    yield bytes;
  }
  if (length !== part.bytes || check.value() !== part.crc32)
    throw damaged(`${what} was altered: ${ref.key} in the bucket ${ref.bucket} is not what was written`);
}

async function bodyOf(
  objects: Objects,
  ref: ObjectRef,
  what: string,
  ring?: BlockRing,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await objects.get({ ...ref, ...(ring && { allocate: ring }) })).body;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'NoSuchKey')
      throw damaged(`${what} is missing: ${ref.key} is gone from the bucket ${ref.bucket}`);
    throw error;
  }
}

function damaged(what: string): BatchError {
  return new BatchError('Fanfold.ChunkDamaged', `${what}. Nothing was published; start a new run.`);
}
