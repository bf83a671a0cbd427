/** The first records of a file, processed as in a run, in this thread; nothing is kept. */
import type { Objects } from '../ports/objects.ts';
import type { TableDescription, Tables } from '../ports/tables.ts';
import { type CsvEntry, openCsv } from '../records/index.ts';
import type { Counts } from './account.ts';
import type { Batch } from './batch.ts';
import { createChunkRun } from './chunk-run.ts';
import { openLookups } from './lookups.ts';
import { rejectHeader } from './reject.ts';
import type { SinkSettings } from './settings.ts';
import { frameOf } from './sink-format.ts';
import { createValidator } from './validator.ts';

export interface PreviewParams {
  readonly batch: Batch;
  readonly file: AsyncIterable<Uint8Array>;
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
  const { source, sinks } = batch.settings;
  const { delimiter, columns } = source;
  const { signal } = new AbortController();
  const { header, batches } = await openCsv(file, { delimiter, ...(columns && { header: columns }) });
  const run = createChunkRun({
    batch,
    sinks,
    tables: await describe(tables, sinks),
    header,
    delimiter,
    validator: await createValidator(batch.definition.schema, header),
    deadly: new Map(),
    lookups: openLookups(batch.definition.lookups, `${batch.name}/preview`, { objects, tables, signal }),
    context: { batch: batch.name, run: 'preview', objects, tables, signal },
  });
  let read = 0;
  for await (const entries of batches) {
    const wanted: readonly CsvEntry[] = entries.slice(0, records - read);
    await run.add(wanted, read);
    read += wanted.length;
    if (read >= records) break;
  }
  const { counts, outputs, rejects } = run.finish();
  return {
    counts,
    outputs: sinks.map((sink, index) => ({ sink, text: framed(sink, outputs[index]?.writer.text() ?? '') })),
    rejects: counts.rejected > 0 ? rejectHeader(header, delimiter) + rejects.text() : '',
  };
}

function framed(sink: SinkSettings, text: string): string {
  if (sink.kind === 'table') return text;
  const { before, skip, after } = frameOf(sink);
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
