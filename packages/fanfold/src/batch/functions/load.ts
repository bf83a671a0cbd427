/** `fanfold-load`: puts the items that a chunk gives to tables, in their order. Doing it again puts the same items. */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Item, Tables } from '../../ports/tables.ts';
import { openChunkResults } from '../chunk-results.ts';
import type { ChunkEvent } from '../event.ts';

const MOST_AT_ONCE = 2000;

export async function handler(
  event: ChunkEvent,
  { objects, tables }: FunctionContext,
): Promise<{ readonly items: number }> {
  const results = await openChunkResults(objects, event, event.source.bucket);
  let items = 0;
  for (const [sink, settings] of event.settings.sinks.entries())
    if (settings.kind === 'table')
      items += await load(tables, settings.table, results.chunkOutput(event.chunk.index, sink));
  return { items };
}

async function load(tables: Tables, table: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  const lines = Buffer.concat(parts).toString('utf8').split('\n').slice(0, -1);
  for (let from = 0; from < lines.length; from += MOST_AT_ONCE) {
    const items = lines.slice(from, from + MOST_AT_ONCE).map((line) => JSON.parse(line) as Item);
    await tables.putMany({ table, items });
  }
  return lines.length;
}
