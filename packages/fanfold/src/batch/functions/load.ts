/** `fanfold-load`: puts the items that a chunk gives to tables, in their order. Doing it again puts the same items. */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Tables } from '../../ports/tables.ts';
import { openChunkResults } from '../chunk-results.ts';
import type { ChunkEvent } from '../event.ts';

const MOST_AT_ONCE = 4000;
const LF = 10;

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
  const lines = Buffer.concat(parts);
  let items = 0;
  for (let start = 0; start < lines.length;) {
    const { end, count } = endOfItems(lines, start);
    await tables.putLines({ table, lines: lines.subarray(start, end) });
    items += count;
    start = end;
  }
  return items;
}

/** Where a transaction's worth of items ends, each on two lines. */
function endOfItems(lines: Buffer, start: number): { readonly end: number; readonly count: number } {
  let end = start;
  let count = 0;
  for (; count < MOST_AT_ONCE && end < lines.length; count++) end = lines.indexOf(LF, lines.indexOf(LF, end) + 1) + 1;
  return { end, count };
}
