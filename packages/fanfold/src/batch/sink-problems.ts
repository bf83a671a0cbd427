/** What is wrong with the sinks of a batch and with its totals, as sentences. */
import { type AnyDefinition } from './any-definition.ts';
import type { HttpSink, ObjectSink, Sink } from './definition.ts';
import { loopProblems, show, templateProblems, wholeNumber } from './problem-texts.ts';
import { totalsSettings } from './sink-settings.ts';
import { totalsColumns } from './totals/settings.ts';

const SINK_SETTINGS: Readonly<Record<'object' | 'table' | 'url', readonly string[]>> = {
  object: ['object', 'bucket', 'format', 'columns', 'csv', 'gzip', 'when'],
  table: ['table', 'columns', 'when'],
  url: ['url', 'method', 'deliver', 'records', 'format', 'columns', 'csv', 'headers', 'timeoutSeconds', 'when'],
};
const CSV_STYLE: Readonly<Record<string, readonly unknown[]>> = {
  header: [true, false],
  newline: ['\n', '\r\n'],
  quote: ['needed', 'all'],
};
const TOTALS_SETTINGS: readonly string[] = ['by', 'count', 'sum', 'min', 'max', 'when', 'sinks'];

/** @param known the columns of a CSV file, where the sink does not say */
export function* sinkProblems(
  at: string,
  sink: Sink<never>,
  definition: AnyDefinition,
  known: readonly string[] | undefined,
): Generator<string> {
  const kind = (['object', 'table', 'url'] as const).find(
    (name) => typeof (sink as unknown as Readonly<Record<string, unknown>>)[name] === 'string',
  );
  if (kind === undefined) return yield `${at} names neither an object nor a table nor a URL.`;
  for (const name of Object.keys(sink))
    if (!SINK_SETTINGS[kind].includes(name))
      yield `${at}.${name} is not a setting of such a sink; known are ${SINK_SETTINGS[kind].join(', ')}.`;
  if ('object' in sink) {
    yield* templateProblems(`${at}.object`, sink.object);
    yield* loopProblems(`${at}.object`, sink.bucket ?? definition.source.bucket, sink.object, definition);
    yield* columnProblems(at, { format: 'csv', ...sink }, known);
  }
  if ('url' in sink) {
    yield* endpointProblems(at, sink);
    yield* columnProblems(at, { format: 'json', ...sink }, known);
  }
}

function* endpointProblems(
  at: string,
  { url, method = 'POST', deliver = 'records', records, format, timeoutSeconds, headers = {} }: HttpSink<never>,
): Generator<string> {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) yield `${at}.url is ${show(url)}. Use https:// or http://.`;
  else if (parsed.username !== '' || parsed.password !== '')
    yield `${at}.url holds a password. Leave it out, and give a header with a secret.`;
  if (!['POST', 'PUT', 'PATCH'].includes(method)) yield `${at}.method is ${show(method)}. Use POST, PUT or PATCH.`;
  if (!['records', 'output'].includes(deliver)) yield `${at}.deliver is ${show(deliver)}. Use records or output.`;
  if (deliver === 'records' && format === 'csv')
    yield `${at}.format is csv, which is delivered as a whole only. Set deliver to "output", or use json or jsonl.`;
  yield* wholeNumber(`${at}.records`, records, 10_000);
  yield* wholeNumber(`${at}.timeoutSeconds`, timeoutSeconds, 600);
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      yield `${at}.headers has ${show(name)}, which is no name of a header.`;
    if (typeof value === 'string' ? /[\r\n\0]/.test(value) : typeof value?.secret !== 'string')
      yield `${at}.headers.${name} is neither a text in one line nor { secret: "…" }.`;
  }
}

export function* totalsProblems({ totals = {}, ...definition }: AnyDefinition): Generator<string> {
  for (const [name, own] of Object.entries(totals)) {
    const at = `totals.${name}`;
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
      yield `${at} has no fitting name. Use letters, digits, hyphens and underscores.`;
    for (const setting of Object.keys(own))
      if (!TOTALS_SETTINGS.includes(setting))
        yield `${at}.${setting} is not a setting; known are ${TOTALS_SETTINGS.join(', ')}.`;
    const [made] = totalsSettings({ ...definition, totals: { [name]: own } });
    const columns = made ? totalsColumns(made) : [];
    const twice = columns.find((column, index) => columns.indexOf(column) !== index);
    if (twice !== undefined) yield `${at} has the column ${show(twice)} twice. Name one of them differently.`;
    for (const [index, sink] of (own.sinks ?? []).entries()) {
      const place = `${at}.sinks[${index}]`;
      yield* sinkProblems(place, sink as Sink<never>, { ...definition, totals }, columns);
      if ('when' in sink) yield `${place}.when is of outputs. Use ${at}.when.`;
      for (const column of sink.columns ?? [])
        if (!columns.includes(column)) yield `${place}.columns has ${show(column)}; known are ${columns.join(', ')}.`;
    }
  }
}

function* columnProblems(
  at: string,
  sink: Pick<ObjectSink<never>, 'format' | 'columns' | 'csv'>,
  known: readonly string[] | undefined,
): Generator<string> {
  const { format = 'csv', columns, csv } = sink;
  if (csv && format !== 'csv') yield `${at}.csv is of CSV, and ${at}.format is ${format}.`;
  for (const [name, value] of Object.entries(csv ?? {}))
    if (!(CSV_STYLE[name] ?? []).includes(value))
      yield `${at}.csv.${name} is ${show(value)}. Known are header: true or false, newline: "\\n" or "\\r\\n", quote: "needed" or "all".`;
  if (!['csv', 'jsonl', 'json'].includes(format)) yield `${at}.format is ${show(format)}. Use csv, jsonl or json.`;
  if (format === 'csv' && columns === undefined && known === undefined)
    yield `${at}.columns is missing. A CSV file needs the names of its columns, in their order.`;
  if (columns?.length === 0) yield `${at}.columns is empty. Name at least one.`;
  if (columns && new Set(columns).size < columns.length) yield `${at}.columns names a column twice.`;
}
