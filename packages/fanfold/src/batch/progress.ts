/**
 * How far runs are. Nothing is counted while they run: what a chunk has left when it is done is what is told, so that the
 * numbers are durable and go on after a restart. Each account is read once.
 */
import type { Execution } from '../interpreter/execution.ts';
import { isClosed } from '../interpreter/execution.ts';
import type { BatchRuns, RunProgress } from '../ports/batch-runs.ts';
import type { Executions } from '../ports/executions.ts';
import type { Objects } from '../ports/objects.ts';
import { executionArn } from '../state-machine-arn.ts';
import { addCounts, type ChunkAccount, type Counts, NOTHING, type RunAccount } from './account.ts';
import { type SourceRef, sourceOf } from './event.ts';
import { readRunManifest, type RunManifest } from './manifest.ts';
import { readJson } from './object-text.ts';
import { type RunPlace, runPlace } from './run-place.ts';

export interface BatchRunsParams {
  readonly executions: Pick<Executions, 'describe' | 'list'>;
  readonly objects: Objects;
  /** Names of the batches, as they are now. */
  readonly batches: () => readonly string[];
  /** The state machine of a batch. */
  readonly arnOf: (batch: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What speed is measured over. */
const WINDOW_MS = 20_000;
const MOST_KEPT = 32;
const PAGE = 1000;
const MOST_LISTED = 20;

/** What is known of a run that is under way. */
interface Known {
  readonly manifest: RunManifest;
  /** When its chunks were begun. */
  readonly since: number;
  readonly done: Set<number>;
  counts: Counts;
  bytes: number;
  /** The chunks of the last seconds. */
  recent: { readonly at: number; readonly records: number; readonly bytes: number }[];
}

export function createBatchRuns({ executions, objects, batches, arnOf, now }: BatchRunsParams): BatchRuns {
  const kept = new Map<string, Known>();

  const look = async (execution: Execution, batch: string): Promise<RunProgress> => {
    const { name: run, arn, status, startedAt, stoppedAt } = execution;
    const source = sourceIn(execution);
    const base = { batch, run, executionArn: arn, status, startedAt, stoppedAt, source: refOf(source) };
    if (!source) return { ...base, ...unknown(isClosed(execution)) };
    const place = runPlace(source.bucket, batch, run);
    const account = isClosed(execution) ? accountIn(execution) : undefined;
    if (account) return { ...base, ...ended(account, (stoppedAt ?? now()) - startedAt) };
    const known = kept.get(arn) ?? (await open(objects, place));
    if (!known) return { ...base, ...unknown(isClosed(execution)) };
    kept.delete(arn);
    if (!isClosed(execution)) kept.set(arn, known);
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(oldest);
    await catchUp(objects, place, known);
    return { ...base, ...standing(known, now(), isClosed(execution)) };
  };
  return {
    get batches() {
      return batches();
    },
    progress: async ({ batch, run }) => look(await executions.describe(executionArn(arnOf(batch), run)), batch),
    list: async ({ batch, status, limit = MOST_LISTED }) => {
      const stateMachineArn = arnOf(batch);
      const page = await executions.list({ stateMachineArn, limit, ...(status && { status }) });
      return Promise.all(page.executions.map(async ({ arn }) => look(await executions.describe(arn), batch)));
    },
  };
}

type Standing = Pick<RunProgress, 'stage' | 'records' | 'chunks' | 'bytes' | 'recordsPerSecond' | 'secondsLeft'>;

function unknown(closed: boolean): Standing {
  return {
    stage: closed ? 'ended' : 'splitting',
    records: { total: null, ...NOTHING },
    chunks: { total: null, done: 0 },
    bytes: { total: null, done: 0 },
    recordsPerSecond: null,
    secondsLeft: null,
  };
}

function ended({ chunks, source, ...account }: RunAccount, milliseconds: number): Standing {
  const { read, written, filtered, rejected, emitted } = account;
  return {
    stage: 'ended',
    records: { total: read, read, written, filtered, rejected, emitted },
    chunks: { total: chunks, done: chunks },
    bytes: { total: source.bytes, done: source.bytes },
    recordsPerSecond: perSecond(read, milliseconds),
    secondsLeft: null,
  };
}

function standing(known: Known, now: number, closed: boolean): Standing {
  const { manifest, counts, done, bytes } = known;
  const total = textBytes(manifest);
  known.recent = known.recent.filter(({ at }) => at > now - WINDOW_MS);
  const span = Math.min(WINDOW_MS, Math.max(1, now - known.since));
  const recently = known.recent.reduce((sum, { records }) => sum + records, 0);
  const bytesPerSecond = perSecond(
    known.recent.reduce((sum, chunk) => sum + chunk.bytes, 0),
    span,
  );
  const isProcessed = done.size === manifest.chunks.length;
  const isMoving = !closed && !isProcessed && bytesPerSecond !== null && bytesPerSecond > 0;
  return {
    stage: closed ? 'ended' : isProcessed ? 'publishing' : 'processing',
    records: { total: manifest.records, ...counts },
    chunks: { total: manifest.chunks.length, done: done.size },
    bytes: { total, done: bytes },
    recordsPerSecond: closed || recently === 0 ? null : perSecond(recently, span),
    secondsLeft: isMoving ? Math.ceil((total - bytes) / bytesPerSecond) : null,
  };
}

function perSecond(count: number, milliseconds: number): number | null {
  return milliseconds > 0 ? Math.round((count * 1000) / milliseconds) : null;
}

async function open(objects: Objects, place: RunPlace): Promise<Known | undefined> {
  const info = await objects.head(place.manifest);
  const manifest = info && (await readRunManifest(objects, place));
  if (!manifest) return undefined;
  const known: Known = {
    manifest,
    since: info.lastModified.getTime(),
    done: new Set(),
    counts: NOTHING,
    bytes: 0,
    recent: [],
  };
  // Once the run was published, what its chunks have left is gone.
  const account = await readJson<RunAccount>(objects, place.account);
  if (!account) return known;
  const { read, written, filtered, rejected, emitted } = account;
  const bytes = textBytes(manifest);
  const done = new Set(manifest.chunks.map(({ index }) => index));
  return { ...known, done, bytes, counts: { read, written, filtered, rejected, emitted } };
}

function textBytes({ chunks }: RunManifest): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Reads the accounts of chunks that were not done before. Once the run was published they are gone, and not looked for. */
async function catchUp(objects: Objects, place: RunPlace, known: Known): Promise<void> {
  const { manifest, done } = known;
  let lowest = 0;
  while (done.has(lowest)) lowest++;
  if (lowest >= manifest.chunks.length) return;
  const { bucket } = place.manifest;
  const accounts = new Map(
    manifest.chunks.flatMap(({ index }) => (done.has(index) ? [] : [[place.chunkAccount(index).key, index] as const])),
  );
  let after: string | undefined = place.chunkAccount(lowest).key.replace(/\.json$/, '');
  while (after !== undefined) {
    const page = await objects.list({ bucket, prefix: place.chunks, after, limit: PAGE });
    for (const { key, lastModified } of page.objects) {
      const index = accounts.get(key);
      const account = index === undefined ? undefined : await readJson<ChunkAccount>(objects, { bucket, key });
      if (index === undefined || !account || done.has(index)) continue;
      const bytes = manifest.chunks[index]?.byteLength ?? 0;
      done.add(index);
      known.counts = addCounts(known.counts, account);
      known.bytes += bytes;
      known.recent.push({ at: lastModified.getTime(), records: account.read, bytes });
    }
    after = page.next;
  }
}

function sourceIn({ input }: Execution): SourceRef | undefined {
  try {
    return sourceOf(input.json);
  } catch {
    return undefined;
  }
}

function refOf(source: SourceRef | undefined): RunProgress['source'] {
  return source ? { bucket: source.bucket, key: source.key } : null;
}

function accountIn({ status, output }: Execution): RunAccount | undefined {
  return status === 'SUCCEEDED' && output ? (output.json as unknown as RunAccount) : undefined;
}
