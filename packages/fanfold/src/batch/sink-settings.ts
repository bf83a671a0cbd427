/** The settings of sinks and of totals, with what they are where nothing is said. */
import { type AnyDefinition, schemaColumns } from './any-definition.ts';
import type { Sink } from './definition.ts';
import type { HttpSinkSettings, ObjectSinkSettings, SinkSettings } from './settings.ts';
import type { TotalsDefinition } from './totals/definition.ts';
import { totalsColumns, type TotalsSettings } from './totals/settings.ts';

const HTTP = { method: 'POST', deliver: 'records', records: 100, format: 'json', timeoutSeconds: 30 } as const;

/** @param columns of a CSV file, where the sink does not say */
export function sinkSettings(sink: Sink<never>, bucket: string, columns: readonly string[] | undefined): SinkSettings {
  if ('table' in sink) return { kind: 'table', table: sink.table, ...(sink.columns && { columns: sink.columns }) };
  const format = sink.format ?? ('url' in sink ? HTTP.format : 'csv');
  const chosen = sink.columns ?? (format === 'csv' ? columns : undefined);
  const named = { format, ...(chosen && { columns: chosen }), ...(sink.csv && { csv: sink.csv }) };
  if ('url' in sink) {
    const { url, method, deliver, records, headers = {}, timeoutSeconds } = sink;
    return {
      kind: 'http',
      url,
      ...named,
      method: method ?? HTTP.method,
      deliver: deliver ?? HTTP.deliver,
      records: records ?? HTTP.records,
      headers,
      timeoutSeconds: timeoutSeconds ?? HTTP.timeoutSeconds,
    } satisfies HttpSinkSettings;
  }
  return {
    kind: 'object',
    bucket: sink.bucket ?? bucket,
    object: sink.object,
    ...named,
    gzip: sink.gzip ?? false,
  } satisfies ObjectSinkSettings;
}

export function outputSinks(definition: AnyDefinition): readonly SinkSettings[] {
  return definition.sinks.map((sink) => sinkSettings(sink, definition.source.bucket, schemaColumns(definition)));
}

export function totalsSettings({ totals = {}, source }: AnyDefinition): readonly TotalsSettings[] {
  return Object.entries(totals).map(([name, own]) => {
    const { by = [], count = 'count', sum, min, max, sinks = [] } = own as TotalsDefinition<Record<string, unknown>>;
    const plain = { name, by, count, sum: columnsOf(sum), min: columnsOf(min), max: columnsOf(max), sinks: [] };
    const columns = totalsColumns(plain);
    return { ...plain, sinks: sinks.map((sink) => sinkSettings(sink as Sink<never>, source.bucket, columns)) };
  });
}

function columnsOf(named: Readonly<Record<string, string>> = {}): TotalsSettings['sum'] {
  return Object.entries(named).map(([name, member]) => ({ name, member }));
}
