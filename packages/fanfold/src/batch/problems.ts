/** What is wrong with the definition of a batch, as sentences; everything that would go wrong in every run. */
import { checkDialect, checkEncoding, encodingOf, type EncodingName } from '../records/index.ts';
import { type AnyDefinition, schemaColumns } from './any-definition.ts';
import type { NotifyDefinition, SkipLimit, SourceDefinition } from './definition.ts';
import { ruleProblems } from './column-rules.ts';
import { defaultRejects, type InputFormat, suffixesOf } from './input/format.ts';
import { loopProblems, show, templateProblems, wholeNumber } from './problem-texts.ts';
import { isStandardSchema, type Schema } from './schema.ts';
import { sinkProblems, totalsProblems } from './sink-problems.ts';

/** As on AWS: seven days. */
const MOST_LINK_SECONDS = 604_800;

/** A worker holds some records at a time, and each several times over. */
const LARGEST_RECORD = 67_108_864;

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

export function* findProblems(definition: AnyDefinition): Generator<string> {
  const { name, source, sinks, chunk = {}, concurrency, notify } = definition;
  if (typeof name !== 'string' || !NAME.test(name))
    yield `name is ${show(name)}. Use 1 to 80 letters, digits, hyphens and underscores.`;
  if (typeof source?.bucket !== 'string')
    return yield 'source.bucket is missing. Name the bucket that files arrive in.';
  yield* unknownSettings(definition);
  yield* expressionProblems(definition, '');
  yield* workProblems(definition);
  yield* textProblems(source);
  yield* formatProblems(source);
  if (source.archive === '' || source.error === '')
    yield 'source.archive and source.error are key prefixes, such as "done/". Leave them out and the file stays.';
  yield* uniqueProblems(definition.unique);
  yield* wholeNumber('chunk.records', chunk.records);
  yield* wholeNumber('chunk.bytes', chunk.bytes);
  yield* wholeNumber('chunk.timeoutSeconds', chunk.timeoutSeconds, 900);
  yield* wholeNumber('concurrency', concurrency);
  yield* limitProblems(definition.skipLimit ?? {});
  yield* schemaProblems(definition.schema);
  if (!Array.isArray(sinks) || sinks.length === 0)
    return yield 'sinks is empty. Name an object, a table or a URL to write to.';
  for (const [index, sink] of sinks.entries())
    yield* sinkProblems(`sinks[${index}]`, sink, definition, schemaColumns(definition));
  yield* totalsProblems(definition);
  yield* samePlaces(definition);
  const { onChunkFailure = 'keep' } = definition;
  if (!['keep', 'remove', 'mark'].includes(onChunkFailure))
    yield `onChunkFailure is ${show(onChunkFailure)}. Use keep, remove or mark.`;
  const rejects = definition.rejects?.object;
  if (rejects !== undefined) yield* templateProblems('rejects.object', rejects);
  yield* loopProblems(
    'rejects.object',
    definition.rejects?.bucket ?? source.bucket,
    rejects ?? defaultRejects(source.format ?? 'csv'),
    definition,
  );
  yield* notifyProblems(notify ?? {});
}

/** Of two that write the same object only the last one would be left. */
function* samePlaces({ source, sinks, totals = {}, rejects }: AnyDefinition): Generator<string> {
  const objects: readonly (readonly [at: string, sink: object])[] = [
    ...sinks.map((sink, index) => [`sinks[${index}]`, sink] as const),
    ...Object.entries(totals).flatMap(([name, own]) =>
      (own.sinks ?? []).map((sink, index) => [`totals.${name}.sinks[${index}]`, sink] as const),
    ),
    ...(rejects?.object === undefined ? [] : [['rejects', rejects] as const]),
  ];
  const seen = new Map<string, string>();
  for (const [at, sink] of objects) {
    const { object, bucket = source.bucket } = sink as { readonly object?: unknown; readonly bucket?: string };
    if (typeof object !== 'string') continue;
    const place = JSON.stringify([bucket, object]);
    const first = seen.get(place);
    if (first !== undefined)
      yield `${at}.object is ${show(object)}, as is ${first}.object. Give each a key of its own.`;
    else seen.set(place, at);
  }
}

/** A name may stand before it, and the address in angle brackets. */
const ADDRESS = /^[^\p{Cc}]*[^\s\p{Cc}]@[^\s\p{Cc}]+$/u;

function* notifyProblems({ success, failure, linkSeconds }: NotifyDefinition): Generator<string> {
  for (const [when, people] of Object.entries({ success, failure })) {
    if (people?.length === 0) yield `notify.${when} is empty. Name an address or a topic, or leave it out.`;
    for (const each of people ?? [])
      if (typeof each === 'string') {
        if (!ADDRESS.test(each))
          yield `notify.${when} has ${show(each)}, which is no address. Use one such as "ops@example.com".`;
      } else if (typeof each?.topic !== 'string' || each.topic === '')
        yield `notify.${when} has ${show(each)}. Use an address, or { topic: "…" }.`;
  }
  yield* wholeNumber('notify.linkSeconds', linkSeconds, MOST_LINK_SECONDS);
  if (linkSeconds !== undefined && !success?.some((each) => typeof each === 'string'))
    yield 'notify.linkSeconds is of mails that tell of success, and notify.success names nobody who gets one.';
}

/** What may be said of each part; anything else would be dropped in silence. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': [
    'name',
    'source',
    'schema',
    'unique',
    'chunk',
    'concurrency',
    'lookups',
    'process',
    'sinks',
    'totals',
    'rejects',
    'skipLimit',
    'onChunkFailure',
    'notify',
  ],
  source: [
    'bucket',
    'prefix',
    'suffix',
    'format',
    'delimiter',
    'quote',
    'encoding',
    'maxRecordBytes',
    'columns',
    'rules',
    'pointer',
    'marker',
    'archive',
    'error',
    'order',
    'sameFile',
  ],
  chunk: ['records', 'bytes', 'timeoutSeconds'],
  rejects: ['object', 'bucket', 'table'],
  skipLimit: ['records', 'percent'],
  notify: ['from', 'success', 'failure', 'linkSeconds'],
};

function* unknownSettings(definition: AnyDefinition): Generator<string> {
  const parts = definition as unknown as Readonly<Record<string, object | undefined>>;
  for (const [at, known] of Object.entries(KNOWN)) {
    for (const name of Object.keys((at === '' ? definition : parts[at]) ?? {}))
      if (!known.includes(name))
        yield `${at === '' ? name : `${at}.${name}`} is not a setting; known are ${known.join(', ')}.`;
  }
}

/** Settings are written into a state machine, where such a text would be evaluated. */
function* expressionProblems(value: unknown, at: string): Generator<string> {
  if (typeof value === 'string' && value.startsWith('{%')) yield `${at} begins with {%, which no text of a batch may.`;
  if (typeof value !== 'object' || value === null || at === 'schema' || at === 'lookups') return;
  for (const [name, inner] of Object.entries(value))
    yield* expressionProblems(inner, at === '' ? name : `${at}.${name}`);
}

/** What the names end with that a run keeps. */
const WORK: readonly string[] = [
  '.json',
  '.rejects',
  '.errors',
  '.repeats',
  '/input',
  ...Array.from({ length: 100 }, (_, index) => [`.${index}`, `.t${index}`, `.b${index}`, `/${index}`]).flat(),
];

/** What a run keeps beside its source must not start the next run. */
function* workProblems({ source }: AnyDefinition): Generator<string> {
  const { prefix = '' } = source;
  const inside = '.fanfold/'.startsWith(prefix) || prefix.startsWith('.fanfold/');
  if (inside && suffixesOf(source).some((suffix) => WORK.some((name) => name.endsWith(suffix))))
    yield `source has neither a prefix nor a suffix that tells files from what a run keeps below .fanfold/. Give it a prefix, such as "in/".`;
}

function* textProblems({ delimiter, quote, encoding = 'auto', maxRecordBytes }: SourceDefinition): Generator<string> {
  yield* wholeNumber('source.maxRecordBytes', maxRecordBytes, LARGEST_RECORD);
  if (quote === null || quote === '') yield `source.quote is ${show(quote)}. Use one character, or leave it out.`;
  const checks: readonly (readonly [at: string, check: () => unknown])[] = [
    ['source.delimiter', () => checkDialect({ delimiter: delimiter ?? ',', quote: quote ?? '"' })],
    ['source.encoding', () => checkInEncoding(delimiter ?? ',', checkEncoding(encoding))],
  ];
  for (const [at, check] of checks)
    try {
      check();
    } catch (error) {
      yield `${at}: ${(error as Error).message}`;
    }
}

function checkInEncoding(text: string, encoding: EncodingName): void {
  if (encoding !== 'auto') encodingOf(encoding).pattern(text);
}

const FORMATS: readonly InputFormat[] = ['csv', 'jsonl', 'json', 'parquet'];

function* formatProblems({
  format = 'csv',
  columns,
  rules,
  delimiter,
  quote,
  encoding,
  pointer,
  suffix,
  marker,
  order = 'sequential',
}: SourceDefinition): Generator<string> {
  if (!['sequential', 'folder', 'key'].includes(order))
    yield `source.order is ${show(order)}. Use sequential, folder or key, or leave it out.`;
  if (!FORMATS.includes(format)) yield `source.format is ${show(format)}. Use ${FORMATS.join(', ')}.`;
  for (const [name, value] of Object.entries({ columns, delimiter, quote, rules }))
    if (value !== undefined && format !== 'csv') yield `source.${name} is of CSV, and source.format is ${format}.`;
  if (encoding !== undefined && format === 'parquet') yield 'source.encoding is of text, and source.format is parquet.';
  yield* ruleProblems(rules ?? {}, 'source.rules');
  if (pointer !== undefined && format !== 'json') yield `source.pointer is of JSON, and source.format is ${format}.`;
  if (pointer !== undefined && pointer !== '' && !pointer.startsWith('/'))
    yield `source.pointer is ${show(pointer)}. A JSON pointer begins with a slash, such as "/orders".`;
  if (marker === '') yield 'source.marker is empty. Name what is behind the name of a file, such as ".done".';
  if (suffix?.length === 0 && suffix !== '') yield 'source.suffix is empty. Name at least one, or leave it out.';
}

function* uniqueProblems(unique: AnyDefinition['unique']): Generator<string> {
  if (unique === undefined) return;
  const isList = Array.isArray(unique) && unique.every((name) => typeof name === 'string' && name !== '');
  if (!isList || unique.length === 0) yield `unique is ${show(unique)}. List names of columns, such as ["id"].`;
  else if (new Set(unique).size < unique.length) yield `unique names a column twice: ${unique.join(', ')}.`;
}

function* limitProblems({ records, percent }: SkipLimit): Generator<string> {
  if (records !== undefined && !(Number.isSafeInteger(records) && records >= 0))
    yield `skipLimit.records is ${show(records)}. Use a whole number from 0.`;
  if (percent !== undefined && !(percent >= 0 && percent <= 100))
    yield `skipLimit.percent is ${show(percent)}. Use a number from 0 to 100.`;
}

function* schemaProblems(schema: Schema | undefined): Generator<string> {
  if (schema === undefined || isStandardSchema(schema)) return;
  if (schema.type !== 'object' || typeof schema.properties !== 'object' || schema.properties === null)
    yield 'schema is neither a JSON Schema with type "object" and properties, nor a Standard Schema (zod, valibot, arktype…).';
}
