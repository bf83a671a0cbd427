/**
 * `fanfold-chunk`: reads its own byte range of the input, processes the records and keeps what came of it. Its account is
 * written last: where it is, the chunk is done, and is not done again.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import type { TableDescription, Tables } from '../../ports/tables.ts';
import type { ChunkAccount, Counts } from '../account.ts';
import type { Batch } from '../batch.ts';
import { imbalance } from '../account.ts';
import { accountOf, type ChunkRun, createChunkRun } from '../chunk-run.ts';
import { createChunkTally, putPart } from '../chunk-tally.ts';
import { crashMessage } from '../cause.ts';
import { BatchError } from '../errors.ts';
import type { ChunkEvent } from '../event.ts';
import { fillsCut } from '../column-rules.ts';
import { loadBatch } from '../load-batch.ts';
import { putJson, readJson } from '../object-text.ts';
import { openLookups } from '../lookups.ts';
import { keepPassed } from '../passed-columns.ts';
import { type RunPlace, runPlace } from '../run-place.ts';
import { rejectItemText } from '../reject-item.ts';
import { allSinks, type BatchSettings } from '../settings.ts';
import { createTurn, type Turn } from '../turn.ts';
import type { Repeat } from '../unique/repeats.ts';
import { objectSource } from '../input/object-source.ts';
import { readChunk } from '../input/read.ts';
import type { ChunkRange } from '../manifest.ts';
import { createRunInput, type RunInput } from '../input/run-input.ts';

export async function handler(event: ChunkEvent, context: FunctionContext): Promise<Counts> {
  const { source, chunk, settings, run, deadly = [], only } = event;
  const { objects, tables, signal } = context;
  const place = runPlace(source.bucket, event.batch, run);
  const done = only ? undefined : await readJson<ChunkAccount>(objects, place.chunkAccount(chunk.index));
  if (done) return countsOf(done);

  const batch = await loadBatch(event.batch);
  const input = await inputOf(event, batch);
  const described = await describeTables(tables, settings);
  const rejectsTable = described.get(settings.rejects.table ?? '');
  const turn = createTurn();
  const chunkRun = createChunkRun({
    batch,
    waits: turn.give,
    sinks: settings.sinks,
    tables: described,
    tally: createChunkTally({
      totals: settings.totals,
      definition: batch.definition,
      tables: described,
      rejectItem: rejectsTable && ((reject) => rejectItemText(reject, { run, source, table: rejectsTable })),
    }),
    input,
    unique: { names: settings.unique ?? [], repeats: await repeatsIn(objects, place, chunk) },
    deadly: new Map(deadly.map(({ record, error, cause }) => [record, crashMessage(error, cause)])),
    lookups: openLookups(batch.definition.lookups, `${event.batch}/${run}`, { objects, tables, signal }),
    context: { batch: event.batch, run, objects, tables, signal },
  });
  try {
    await readRange(event, context, { input, chunkRun, turn });
  } finally {
    turn.give();
  }
  const finished = chunkRun.finish();
  if (only) return finished.counts;
  const wrong = imbalance(finished.counts, chunk.records);
  if (wrong !== undefined)
    throw new BatchError('Fanfold.DoesNotAddUp', `Chunk ${chunk.index} does not add up: ${wrong}.`);

  const own = accountOf(chunk.index, finished);
  await Promise.all([
    ...finished.outputs.map(({ writer }, sink) => writer.put(objects, place.chunkOutput(chunk.index, sink))),
    ...(own.rejects === null ? [] : [finished.rejects.put(objects, place.chunkRejects(chunk.index))]),
  ]);
  chunkRun.release();
  const errors = finished.tally.errors();
  const account: ChunkAccount = {
    ...own,
    totals: await Promise.all(
      finished.tally.texts().map((text, at) => putPart(objects, place.chunkTotals(chunk.index, at), text)),
    ),
    errors: errors === '' ? null : await putPart(objects, place.chunkErrors(chunk.index), errors),
  };
  await putJson(objects, place.chunkAccount(chunk.index), account);
  return countsOf(account);
}

/** Of the run that this worker has served last: its chunks share what is made of its schema. */
let kept: { readonly run: string; readonly input: Promise<RunInput> } | undefined;

function inputOf({ batch: name, run, source, settings }: ChunkEvent, batch: Batch): Promise<RunInput> {
  const key = `${name}/${run}`;
  if (kept?.run !== key) {
    const input = createRunInput(batch.definition.schema, {
      ...source,
      format: source.text.format,
      settings: settings.source,
      ...(settings.source.rules && { rules: settings.source.rules }),
    });
    kept = { run: key, input };
  }
  return kept.input;
}

/** @throws BatchError Fanfold.ChunkDamaged */
async function repeatsIn(objects: Objects, place: RunPlace, chunk: ChunkRange): Promise<ReadonlyMap<number, number>> {
  if (chunk.repeats === undefined) return new Map();
  const ref = place.chunkRepeats(chunk.index);
  const found = new Map(await readJson<readonly Repeat[]>(objects, ref));
  if (found.size === chunk.repeats) return found;
  throw new BatchError(
    'Fanfold.ChunkDamaged',
    `The repeats of chunk ${chunk.index} are missing or were altered: ${ref.key} in the bucket ${ref.bucket} is not what was written. Nothing was published; start a new run.`,
  );
}

async function readRange(
  { source, chunk, settings, only }: ChunkEvent,
  { objects, signal }: FunctionContext,
  { input: { build }, chunkRun, turn }: { readonly input: RunInput; readonly chunkRun: ChunkRun; readonly turn: Turn },
): Promise<void> {
  const { bucket, text, header, encoding } = source;
  const { byteOffset, byteLength, firstLine } = chunk;
  const size = byteOffset + byteLength;
  const body = objectSource(objects, { bucket, ...text, size }).read(byteOffset, size);
  const { delimiter, quote, maxRecordBytes } = settings.source;
  const { format } = text;
  let seen = 0;
  for await (const cut of readChunk(body, {
    format,
    delimiter,
    ...(quote !== undefined && { quote }),
    ...(maxRecordBytes !== undefined && { maxRecordBytes }),
    header,
    encoding,
    start: { line: firstLine, byteOffset },
    ...(build && { build: keepPassed(build, settings.sinks) }),
    fillsCut: fillsCut(settings.source.rules),
  })) {
    await turn.take();
    signal.throwIfAborted();
    const entries = cut();
    const from = Math.max(0, (only?.from ?? 0) - seen);
    const to = Math.max(0, (only?.to ?? chunk.records) - seen);
    const first = seen;
    seen += entries.length;
    await chunkRun.add(only ? entries.slice(from, to) : entries, first + from);
  }
}

function countsOf({ read, written, filtered, rejected, emitted }: ChunkAccount): Counts {
  return { read, written, filtered, rejected, emitted };
}

/** @throws BatchError Fanfold.BadModule */
async function describeTables(
  tables: Tables,
  { rejects, ...settings }: BatchSettings,
): Promise<ReadonlyMap<string, TableDescription>> {
  const found = new Map<string, TableDescription>();
  const names = allSinks(settings).flatMap((sink) => (sink.kind === 'table' ? [sink.table] : []));
  for (const name of rejects.table === undefined ? names : [...names, rejects.table]) {
    const description = await tables.describe(name);
    if (!description) throw new BatchError('Fanfold.BadModule', `The table ${name} is not in the project any more.`);
    found.set(name, description);
  }
  return found;
}
