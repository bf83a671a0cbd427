/**
 * `fanfold-chunk`: reads its own byte range of the input, processes the records and keeps what came of it. Its account is
 * written last: where it is, the chunk is done, and is not done again.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import { readCsv } from '../../records/index.ts';
import type { ChunkAccount, Counts } from '../account.ts';
import { imbalance } from '../account.ts';
import { accountOf, type ChunkRun, createChunkRun } from '../chunk-run.ts';
import { BatchError } from '../errors.ts';
import type { ChunkEvent } from '../event.ts';
import { loadBatch } from '../load-batch.ts';
import { putJson, readJson } from '../object-text.ts';
import { runPlace } from '../run-place.ts';
import { createValidator } from '../validator.ts';
import { inputChanged } from '../input-changed.ts';

export async function handler(event: ChunkEvent, context: FunctionContext): Promise<Counts> {
  const { source, chunk, settings, run } = event;
  const { objects, tables, signal } = context;
  const place = runPlace(source.bucket, event.batch, run);
  const done = await readJson<ChunkAccount>(objects, place.chunkAccount(chunk.index));
  if (done) return countsOf(done);

  const batch = await loadBatch(event.batch);
  const { header } = source;
  const { delimiter } = settings.source;
  const chunkRun = createChunkRun({
    batch,
    sinks: settings.sinks,
    header,
    delimiter,
    validator: await createValidator(batch.definition.schema, header),
    lookUp: async (records) => records.map(() => ({})),
    context: { batch: event.batch, run, objects, tables, signal },
  });
  await readRange(event, context, chunkRun);
  const finished = chunkRun.finish();
  const wrong = imbalance(finished.counts, chunk.records);
  if (wrong !== undefined)
    throw new BatchError('Fanfold.DoesNotAddUp', `Chunk ${chunk.index} does not add up: ${wrong}.`);

  const account = accountOf(chunk.index, finished);
  for (const [sink, { writer }] of finished.outputs.entries())
    await writer.put(objects, place.chunkOutput(chunk.index, sink));
  if (account.rejectsSha256 !== null) await finished.rejects.put(objects, place.chunkRejects(chunk.index));
  await putJson(objects, place.chunkAccount(chunk.index), account);
  return countsOf(account);
}

async function readRange(
  { source, chunk, settings }: ChunkEvent,
  { objects, signal }: FunctionContext,
  chunkRun: ChunkRun,
): Promise<void> {
  const { bucket, key, eTag, header, encoding } = source;
  const { byteOffset, byteLength, firstLine } = chunk;
  const range = { start: byteOffset, end: byteOffset + byteLength - 1 };
  const { info, body } = await objects.get({ bucket, key, range });
  if (info.eTag !== eTag) throw inputChanged(key, false);
  const { delimiter } = settings.source;
  for await (const entries of readCsv(body, { delimiter, header, encoding, start: { line: firstLine, byteOffset } })) {
    signal.throwIfAborted();
    await chunkRun.add(entries);
  }
}

function countsOf({ read, written, filtered, rejected, emitted }: ChunkAccount): Counts {
  return { read, written, filtered, rejected, emitted };
}
