/** The first records of a file, processed as in a run, in this thread; nothing is kept. */
import type { Objects } from '../ports/objects.ts';
import type { TableDescription, Tables } from '../ports/tables.ts';
import type { ByteSource } from '../records/index.ts';
import type { Counts } from './account.ts';
import type { Batch } from './batch.ts';
import { createChunkRun } from './chunk-run.ts';
import { createChunkTally } from './chunk-tally.ts';
import { openFile } from './input/open-file.ts';
import { openRecords } from './input/read.ts';
import { itemsOf } from './item-lines.ts';
import { fillsCut } from './column-rules.ts';
import { createRunInput } from './input/run-input.ts';
import { openLookups } from './lookups.ts';
import { recordKey } from './unique/record-key.ts';
import { allSinks, type SinkSettings } from './settings.ts';
import { type Frame, frameOf } from './sink-format.ts';

export interface PreviewParams {
  readonly batch: Batch;
  readonly file: ByteSource;
  /** The most records to read. */
  readonly records: number;
  readonly objects: Objects;
  readonly tables: Tables;
}

export interface Preview {
  readonly counts: Counts;
  /** What would go to each sink, as text. */
  readonly outputs: readonly { readonly sink: SinkSettings; readonly text: string }[];
  /** The file of rejects; empty when there are none. */
  readonly rejects: string;
}

/** @throws RecordError, and BatchError as the functions of a run */
export async function preview({ batch, file, records, objects, tables }: PreviewParams): Promise<Preview> {
  const { source, sinks, totals, unique } = batch.settings;
  const described = await describe(tables, allSinks(batch.settings));
  const { signal } = new AbortController();
  const { format, text } = await openFile(file, source.format);
  const { header, batches } = await openRecords(text, { ...source, format, fillsCut: fillsCut(source.rules) });
  const input = await createRunInput(batch.definition.schema, {
    ...(source.rules && { rules: source.rules }),
    settings: source,
    format,
    header,
    sha256: '',
  });
  const repeats = new Map<number, number>();
  const run = createChunkRun({
    batch,
    sinks,
    tables: described,
    input,
    tally: createChunkTally({ totals, definition: batch.definition, tables: described }),
    deadly: new Map(),
    unique: { names: unique ?? [], repeats },
    lookups: openLookups(batch.definition.lookups, `${batch.name}/preview`, { objects, tables, signal }),
    context: { batch: batch.name, run: 'preview', objects, tables, signal },
  });
  const keyOf = unique && recordKey({ unique, format, header, ...(source.rules && { rules: source.rules }) });
  const firsts = new Map<string, number>();
  let read = 0;
  for await (const entries of batches) {
    const wanted = entries.slice(0, records - read);
    for (const [index, entry] of wanted.entries()) {
      const key = keyOf?.(entry);
      if (key === undefined) continue;
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, entry.line);
      else repeats.set(read + index, first);
    }
    await run.add(wanted, read);
    read += wanted.length;
    if (read >= records) break;
  }
  const { counts, outputs, rejects } = run.finish();
  return {
    counts,
    outputs: sinks.map((sink, index) => ({ sink, text: framed(sink, outputs[index]?.writer.text() ?? '') })),
    rejects: counts.rejected > 0 ? framedText(input.rejects, rejects.text()) : '',
  };
}

function framed(sink: SinkSettings, text: string): string {
  if (sink.kind === 'table') return itemsOf(text);
  if (sink.kind === 'http' && sink.deliver === 'records') return text;
  return framedText(frameOf(sink), text);
}

function framedText({ before, skip, after }: Frame, text: string): string {
  return before + text.slice(skip) + after;
}

async function describe(
  tables: Tables,
  sinks: readonly SinkSettings[],
): Promise<ReadonlyMap<string, TableDescription>> {
  const names = sinks.flatMap((sink) => (sink.kind === 'table' ? [sink.table] : []));
  const found = await Promise.all(names.map((name) => tables.describe(name)));
  return new Map(found.flatMap((description) => (description ? [[description.table, description] as const] : [])));
}
