/**
 * `fanfold-send`: gives outputs to HTTP endpoints. Of a chunk, its records a few at a time, in their order; of a run, what
 * goes there whole, and its totals. Sent again after a crash, everything has the key that it had before.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import type { StoreEvent } from '../event.ts';
import { send } from '../http-request.ts';
import { readLines } from '../read-lines.ts';
import type { HttpSinkSettings, SinkSettings } from '../settings.ts';
import { framed, frameOf } from '../sink-format.ts';
import { totalsText } from '../totals/text.ts';

export async function handler(
  event: StoreEvent,
  { objects, signal }: FunctionContext,
): Promise<{ readonly requests: number }> {
  const results = openChunkResults(objects, event, event.source.bucket);
  const { settings, chunk } = event;
  let requests = 0;
  const deliver: Deliver = async (name, sink, part, text) => {
    const key = `${event.batch}/${event.run}/${name}/${part}`;
    if (sink.deliver === 'output') {
      await send({ sink, idempotencyKey: key, body: () => framed(frameOf(sink), text()), signal });
      requests++;
      return;
    }
    let number = 0;
    for await (const body of bodies(sink, text())) {
      await send({ sink, idempotencyKey: `${key}/${number++}`, body: () => body, signal });
      requests++;
    }
  };
  for (const [index, sink] of settings.sinks.entries()) {
    if (!isHttp(sink)) continue;
    const name = String(index);
    if (chunk && sink.deliver === 'records')
      await deliver(name, sink, String(chunk.index), () => results.chunkOutput(chunk.index, index));
    if (!chunk && sink.deliver === 'output') await deliver(name, sink, 'all', () => results.outputs(index));
  }
  if (!chunk) await sendTotals(event, results, deliver);
  return { requests };
}

/** @param text begins anew each time */
type Deliver = (
  name: string,
  sink: HttpSinkSettings,
  part: string,
  text: () => AsyncIterable<Uint8Array>,
) => Promise<void>;

async function sendTotals({ settings, totals }: StoreEvent, results: ChunkResults, deliver: Deliver): Promise<void> {
  for (const [index, own] of settings.totals.entries()) {
    const part = totals[index];
    if (!part) continue;
    for (const [at, sink] of own.sinks.entries()) {
      if (!isHttp(sink)) continue;
      await deliver(`${own.name}.${at}`, sink, 'all', () => totalsText(results.totals(index, part), own, sink));
    }
  }
}

function isHttp(sink: SinkSettings): sink is HttpSinkSettings {
  return sink.kind === 'http';
}

/** The bodies of requests with a few records each, from lines of JSON. */
async function* bodies(
  { format, records }: HttpSinkSettings,
  text: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const body = (lines: readonly string[]): Uint8Array<ArrayBuffer> =>
    Buffer.from(format === 'jsonl' ? `${lines.join('\n')}\n` : `[${lines.join(',\n')}]`);
  let open: string[] = [];
  for await (const line of readLines(text)) {
    open.push(line);
    if (open.length < records) continue;
    yield body(open);
    open = [];
  }
  if (open.length > 0) yield body(open);
}
