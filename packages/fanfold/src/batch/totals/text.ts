/** The records of totals, as the text that a sink wants: what a chunk would have given it. */
import type { TableDescription } from '../../ports/tables.ts';
import { createByteWriter } from '../byte-writer.ts';
import type { SinkSettings } from '../settings.ts';
import { formatOf } from '../sink-format.ts';
import type { TotalsRecord } from './definition.ts';
import { totalsRecord } from './groups.ts';
import { readGroups } from './merge.ts';
import type { TotalsSettings } from './settings.ts';

/** Bytes are given many records at a time. */
const CHUNK = 65_536;

/** @param table of the sink, where it is one */
export async function* totalsText(
  groups: AsyncIterable<Uint8Array>,
  settings: TotalsSettings,
  sink: SinkSettings,
  table?: TableDescription,
): AsyncGenerator<Uint8Array, void, void> {
  const format = formatOf(sink, { tables: new Map(table ? [[table.table, table]] : []) });
  const isJson = sink.kind !== 'table' && sink.format !== 'csv';
  const to = createByteWriter();
  const take = (): Uint8Array => {
    const bytes = Buffer.from(to.bytes());
    to.rewind(0);
    return bytes;
  };
  for await (const group of readGroups(groups)) {
    const record = totalsRecord(group, settings);
    format(isJson ? withRawNumbers(record) : record, to);
    if (to.length >= CHUNK) yield take();
  }
  if (to.length > 0) yield take();
  to.release();
}

/** Whole numbers that no number of JavaScript holds, with all their digits. */
function withRawNumbers(record: TotalsRecord): object {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, typeof value === 'bigint' ? rawJson(String(value)) : value]),
  );
}

const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
