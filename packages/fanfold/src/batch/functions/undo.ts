/** `fanfold-undo`: a chunk could not be loaded whole: its items are removed from the tables, or marked. */
import type { FunctionContext } from '../../ports/functions.ts';
import { messageOf } from '../cause.ts';
import { openChunkResults } from '../chunk-results.ts';
import type { ChunkEvent } from '../event.ts';
import { undo } from '../replaced.ts';

export interface UndoEvent extends ChunkEvent {
  readonly failure: { readonly Error?: string; readonly Cause?: string };
}

const LONGEST_CAUSE = 1000;

export async function handler(
  { chunk, failure, settings, ...event }: UndoEvent,
  { objects, tables }: FunctionContext,
): Promise<{ readonly items: number }> {
  const { onChunkFailure: how } = settings;
  let items = 0;
  if (how === 'keep') return { items };
  const { place, chunkOutput } = openChunkResults(objects, { ...event, settings }, event.source.bucket);
  const cause = `${failure.Error ?? 'unknown'}: ${messageOf(failure.Cause ?? '')}`.slice(0, LONGEST_CAUSE);
  for (const [index, sink] of settings.sinks.entries()) {
    if (sink.kind !== 'table') continue;
    items += await undo({
      objects,
      tables,
      table: sink.table,
      to: place.chunkReplaced(chunk.index, index),
      lines: chunkOutput(chunk.index, index),
      how,
      mark: { failed_run: { S: event.run }, failed_cause: { S: cause } },
    });
  }
  return { items };
}
