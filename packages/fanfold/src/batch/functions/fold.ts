/**
 * `fanfold-fold`: one object for each sink, from the chunks' outputs in the order of the manifest (I6). The run's account
 * is written behind them: where it is, the run was published, and what its chunks have left can go.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Counts, PublishedObject, PublishedOutput, RunAccount } from '../account.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import type { FoldEvent } from '../event.ts';
import { putJson, readJson } from '../object-text.ts';
import { publish } from '../publish.ts';
import type { PublishedBy } from '../published.ts';
import { outputKey, runPlace } from '../run-place.ts';
import type { SinkSettings } from '../settings.ts';
import { framed, frameOf } from '../sink-format.ts';

export interface PublishEvent extends FoldEvent {
  readonly counts: Counts;
  readonly rejects: PublishedObject | null;
}

export async function handler(event: PublishEvent, { objects }: FunctionContext): Promise<RunAccount> {
  const { batch, run, source } = event;
  const place = runPlace(source.bucket, batch, run);
  const before = await readJson<RunAccount>(objects, place.account);
  const account = before ?? (await publishAll(objects, event));
  const published: PublishedBy = { run, key: source.key };
  await putJson(objects, place.published(source.sha256), published);
  await putJson(objects, place.account, account);
  await clear(objects, source.bucket, place.chunks);
  await objects.delete(place.input);
  return account;
}

async function publishAll(objects: Objects, event: PublishEvent): Promise<RunAccount> {
  const { batch, run, source, settings, counts, rejects } = event;
  const { bucket, key, bytes, sha256 } = source;
  const results = await openChunkResults(objects, event, bucket);
  const outputs: PublishedOutput[] = [];
  for (const [index, sink] of settings.sinks.entries())
    outputs.push(await publishSink(objects, event, results, sink, index));
  return {
    batch,
    run,
    source: { bucket, key, bytes, sha256 },
    ...counts,
    chunks: results.manifest.chunks.length,
    outputs,
    rejects,
  };
}

async function publishSink(
  objects: Objects,
  { batch, run, source }: PublishEvent,
  results: ChunkResults,
  sink: SinkSettings,
  index: number,
): Promise<PublishedOutput> {
  let emitted = 0;
  for (const chunk of results.manifest.chunks)
    emitted += (await results.account(chunk.index)).outputs[index]?.emitted ?? 0;
  if (sink.kind === 'table') return { kind: 'table', table: sink.table, emitted };
  const published = await publish(objects, {
    to: { bucket: sink.bucket, key: outputKey(sink.object, { batch, run, key: source.key }) },
    format: sink.format,
    compression: sink.gzip ? 'gzip' : 'none',
    body: framed(frameOf(sink), results.outputs(index)),
  });
  return { kind: 'object', ...published, emitted };
}

/** Removes what the chunks have left. Doing it again finds the rest. */
async function clear(objects: Objects, bucket: string, prefix: string): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await objects.list({ bucket, prefix, ...(after !== undefined && { after }) });
    await Promise.all(page.objects.map(({ key }) => objects.delete({ bucket, key })));
    if (page.next === undefined) return;
    after = page.next;
  }
}
