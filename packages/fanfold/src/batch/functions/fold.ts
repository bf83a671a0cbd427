/**
 * `fanfold-fold`: one object for each sink, from the chunks' outputs in the order of the manifest (I6). The run's account
 * is written behind them: where it is, the run was published, and what its chunks have left can go.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Counts, PublishedObject, PublishedOutput, RunAccount } from '../account.ts';
import { createBlockRing } from '../block-ring.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import type { StoreEvent, TotalsResult } from '../event.ts';
import { putJson, readJson } from '../object-text.ts';
import { publish } from '../publish.ts';
import type { PublishedBy } from '../published.ts';
import { outputKey, runPlace } from '../run-place.ts';
import type { SinkSettings } from '../settings.ts';
import { framed, frameOf } from '../sink-format.ts';
import { totalsText } from '../totals/text.ts';

export interface PublishEvent extends StoreEvent {
  readonly counts: Counts;
  readonly rejects: PublishedObject | null;
}

/** One is written, the next one is hashed, one is read behind it, and one is to spare. */
const BLOCKS_IN_USE = 4;

export async function handler(event: PublishEvent, { objects }: FunctionContext): Promise<RunAccount> {
  const { batch, run, source } = event;
  const place = runPlace(source.bucket, batch, run);
  const before = await readJson<RunAccount>(objects, place.account);
  const account = before ?? (await publishAll(objects, event));
  const published: PublishedBy = { run, key: source.key };
  await Promise.all([
    putJson(objects, place.published(source.sha256), published),
    putJson(objects, place.account, account),
  ]);
  const left = [place.chunks, place.maps, place.allSorted, place.allTotals];
  await Promise.all([...left.map((prefix) => clear(objects, source.bucket, prefix)), objects.delete(place.input)]);
  return account;
}

async function publishAll(objects: Objects, event: PublishEvent): Promise<RunAccount> {
  const { batch, run, source, settings, counts, rejects, totals } = event;
  const { bucket, key, bytes, sha256 } = source;
  const results = openChunkResults(objects, event, bucket);
  const outputs: PublishedOutput[] = [];
  for (const [index, sink] of settings.sinks.entries()) {
    const emitted = await emittedTo(results, index);
    // What packs them holds on to as many as it likes.
    const ring = sink.kind === 'object' && sink.gzip ? undefined : createBlockRing(BLOCKS_IN_USE);
    outputs.push(await publishSink(objects, event, { sink, emitted, text: () => results.outputs(index, ring) }));
  }
  for (const [index, own] of settings.totals.entries()) {
    const part = totals[index] as TotalsResult;
    for (const sink of own.sinks) {
      const text = (): AsyncIterable<Uint8Array> => totalsText(results.totals(index, part), own, sink);
      const output = await publishSink(objects, event, { sink, emitted: part.records, text });
      outputs.push({ ...output, totals: own.name });
    }
  }
  await objects.put({ ...results.place.accounts, body: accountsText(results) });
  return {
    batch,
    run,
    source: { bucket, key, bytes, sha256 },
    ...counts,
    chunks: (await results.manifest()).chunks.length,
    outputs,
    ...(settings.totals.length > 0 && { totals: totalsAccounts(event) }),
    rejects,
  };
}

/** As JSON with a line for each chunk. */
async function* accountsText({ accounts }: ChunkResults): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const account of accounts()) {
    yield Buffer.from(`${isFirst ? '[' : ','}\n${JSON.stringify(account)}`);
    isFirst = false;
  }
  yield Buffer.from(isFirst ? '[]\n' : '\n]\n');
}

function totalsAccounts({ settings, totals }: PublishEvent): NonNullable<RunAccount['totals']> {
  return Object.fromEntries(
    settings.totals.map(({ name }, index) => {
      const { records, all } = totals[index] as TotalsResult;
      return [name, { records, all }] as const;
    }),
  );
}

async function emittedTo({ accounts }: ChunkResults, sink: number): Promise<number> {
  let emitted = 0;
  for await (const { outputs } of accounts()) emitted += outputs[sink]?.emitted ?? 0;
  return emitted;
}

interface Publishing {
  readonly sink: SinkSettings;
  readonly emitted: number;
  readonly text: () => AsyncIterable<Uint8Array>;
}

async function publishSink(
  objects: Objects,
  { batch, run, source }: PublishEvent,
  { sink, emitted, text }: Publishing,
): Promise<PublishedOutput> {
  if (sink.kind === 'table') return { kind: 'table', table: sink.table, emitted };
  if (sink.kind === 'http') return { kind: 'http', url: sink.url, emitted };
  const published = await publish(objects, {
    to: { bucket: sink.bucket, key: outputKey(sink.object, { batch, run, key: source.key }) },
    format: sink.format,
    compression: sink.gzip ? 'gzip' : 'none',
    body: framed(frameOf(sink), text()),
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
