/**
 * `fanfold-load`: puts the items that chunks give to tables, in their order, or those of totals. Doing it again puts the same
 * items. Where a chunk that fails is to be undone, it comes alone, and what its items replace is kept first.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import type { StoreEvent } from '../event.ts';
import { keepReplaced } from '../replaced.ts';
import { loadItems } from '../load-items.ts';
import { totalsText } from '../totals/text.ts';

export async function handler(event: StoreEvent, context: FunctionContext): Promise<{ readonly items: number }> {
  const results = openChunkResults(context.objects, event, event.source.bucket);
  if (event.items) return { items: await loadChunks(event, event.items, results, context) };
  if (event.chunk) return { items: await loadChunk(event, event.chunk.index, results, context) };
  return { items: await loadTotals(event, results, context) };
}

async function loadChunks(
  { settings }: StoreEvent,
  chunks: NonNullable<StoreEvent['items']>,
  { chunkOutput }: ChunkResults,
  { tables }: FunctionContext,
): Promise<number> {
  let items = 0;
  for (const [index, sink] of settings.sinks.entries()) {
    if (sink.kind !== 'table') continue;
    const lines = async function* (): AsyncGenerator<Uint8Array> {
      for (const { chunk } of chunks) yield* chunkOutput(chunk.index, index);
    };
    items += await loadItems(tables, sink.table, lines());
  }
  return items;
}

async function loadChunk(
  { settings }: StoreEvent,
  chunk: number,
  { chunkOutput, place }: ChunkResults,
  { objects, tables }: FunctionContext,
): Promise<number> {
  let items = 0;
  for (const [index, sink] of settings.sinks.entries()) {
    if (sink.kind !== 'table') continue;
    const lines = (): AsyncIterable<Uint8Array> => chunkOutput(chunk, index);
    if (settings.onChunkFailure === 'remove')
      await keepReplaced({ objects, tables, table: sink.table, to: place.chunkReplaced(chunk, index), lines: lines() });
    items += await loadItems(tables, sink.table, lines());
  }
  return items;
}

async function loadTotals(
  { settings, totals }: StoreEvent,
  results: ChunkResults,
  { tables }: FunctionContext,
): Promise<number> {
  let items = 0;
  for (const [index, own] of settings.totals.entries()) {
    const part = totals[index];
    for (const sink of part ? own.sinks : []) {
      if (sink.kind !== 'table' || !part) continue;
      const description = await tables.describe(sink.table);
      items += await loadItems(tables, sink.table, totalsText(results.totals(index, part), own, sink, description));
    }
  }
  return items;
}
