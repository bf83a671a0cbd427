/** The files of a new project with one batch, made from a sample of the file that it is for. */
import { isUtf8 } from 'node:buffer';
import {
  type Compression,
  compressionOf,
  type CsvEntry,
  decompress,
  type EncodingName,
  markedEncoding,
  openCsv,
  peek,
} from '../records/index.ts';
import { PACKED_SUFFIXES } from './input/format.ts';
import { REJECT_COLUMNS } from './reject.ts';

export interface ScaffoldParams {
  readonly name: string;
  /** A CSV file with a header; compressed or not. */
  readonly sample: AsyncIterable<Uint8Array>;
  /** What the project is to depend on. */
  readonly version: string;
}

/** Records that are looked at. */
const MOST = 1000;

/** So much of the sample says how it is written, in bytes: more than the records that are looked at have, as a rule. */
const BEGINNING = 1_048_576;
const LONGEST_MAGIC = 4;
/** Of a file without a byte order mark that is not UTF-8. */
const OTHER_ENCODING = 'windows-1252';

export interface Scaffold {
  /** The texts of the files, by their paths. */
  readonly texts: ReadonlyMap<string, string>;
  /** The name that the sample is to have beside them. */
  readonly sampleFile: string;
}

/** @throws RecordError for a sample that cannot be read */
export async function scaffold({ name, sample, version }: ScaffoldParams): Promise<Scaffold> {
  const raw = await peek(sample, LONGEST_MAGIC);
  const sampleFile = `sample.csv${packedSuffix(compressionOf(raw.first))}`;
  const { first, all } = await peek(decompress(raw.all), BEGINNING);
  const encoding = guessEncoding(first);
  const delimiter = guessDelimiter(first, encoding);
  const { header, batches } = await openCsv(all, { delimiter, ...(encoding !== undefined && { encoding }) });
  const records: (readonly string[])[] = [];
  for await (const entries of batches) {
    records.push(
      ...entries
        .slice(0, MOST - records.length)
        .flatMap((entry: CsvEntry) => (entry.kind === 'record' ? [entry.fields] : [])),
    );
    if (records.length >= MOST) break;
  }
  const columns = header.flatMap((column, index) =>
    REJECT_COLUMNS.includes(column) ? [] : [guessColumn(column, textsOf(records, index))],
  );
  const texts = new Map([
    [
      'package.json',
      `${JSON.stringify({ name, private: true, type: 'module', dependencies: { fanfold: `^${version}` } }, null, 2)}\n`,
    ],
    ['fanfold.config.ts', configText(name)],
    [`${name}.batch.ts`, batchText(name, sourceText(delimiter, encoding), columns)],
    ['.gitignore', 'node_modules/\n.fanfold/\ninbox/\noutbox/\n'],
    ['README.md', readmeText(name, sampleFile)],
  ]);
  return { texts, sampleFile };
}

function packedSuffix(compression: Compression): string {
  return compression === 'none' ? '' : PACKED_SUFFIXES[compression];
}

type GuessedEncoding = Exclude<EncodingName, 'auto'> | undefined;

/** Undefined where a file says it by itself, or is UTF-8. */
function guessEncoding(first: Buffer): GuessedEncoding {
  if (markedEncoding(first) || first.length === 0) return undefined;
  const [one, two] = first;
  if (two === 0 && one !== 0) return 'utf-16le';
  if (one === 0 && two !== 0 && two !== undefined) return 'utf-16be';
  // Of its last character the beginning of a longer file may have a part.
  const isText = (first.length < BEGINNING ? [0] : [0, 1, 2, 3]).some((cut) =>
    isUtf8(first.subarray(0, first.length - cut)),
  );
  return isText ? undefined : OTHER_ENCODING;
}

/** By the first line that is not blank, without what stands in quotes. */
function guessDelimiter(first: Buffer, encoding: GuessedEncoding = markedEncoding(first)?.name ?? 'utf-8'): string {
  const text = new TextDecoder(encoding).decode(first).replaceAll(/"[^"]*"/g, '');
  const line = text.split(/[\r\n]/).find((each) => each.trim() !== '') ?? '';
  const counts = [',', ';', '\t', '|'].map((character) => ({ character, count: line.split(character).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).character;
}

interface Column {
  readonly name: string;
  readonly schema: string;
  readonly required: boolean;
}

/**
 * The first that all texts of a column fit. Numbers with leading zeros are no numbers, nor are those with more digits than a
 * number keeps: they would lose them.
 */
const KINDS: readonly { readonly schema: string; readonly fits: (text: string) => boolean }[] = [
  { schema: `{ type: 'integer' }`, fits: (text) => /^-?(?:0|[1-9]\d{0,14})$/.test(text) },
  { schema: `{ type: 'number' }`, fits: (text) => /^(?=(?:\D?\d){1,15}$)-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) },
  { schema: `{ type: 'boolean' }`, fits: (text) => /^(?:true|false)$/.test(text) },
  { schema: `{ type: 'string', format: 'date' }`, fits: isDay },
];

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function textsOf(records: readonly (readonly string[])[], index: number): readonly string[] {
  return records.map((fields) => fields[index] ?? '');
}

function guessColumn(name: string, texts: readonly string[]): Column {
  const given = texts.filter((text) => text !== '');
  const required = texts.length > 0 && given.length === texts.length;
  const kind = given.length > 0 ? KINDS.find(({ fits }) => given.every((text) => fits(text))) : undefined;
  return {
    name,
    required,
    schema: kind?.schema ?? (required ? `{ type: 'string', minLength: 1 }` : `{ type: 'string' }`),
  };
}

function configText(name: string): string {
  return `import { defineProject } from 'fanfold';

export default defineProject({
  name: '${name}',
  batches: ['./${name}.batch.ts'],
  buckets: { files: {} },
});
`;
}

function sourceText(delimiter: string, encoding: GuessedEncoding): string {
  const settings = [
    `bucket: 'files'`,
    `prefix: 'in/'`,
    ...(delimiter === ',' ? [] : [`delimiter: ${quoted(delimiter)}`]),
    ...(encoding === undefined ? [] : [`encoding: ${quoted(encoding)}`]),
    `archive: 'done/'`,
    `error: 'failed/'`,
  ];
  return `{ ${settings.join(', ')} }`;
}

function batchText(name: string, source: string, columns: readonly Column[]): string {
  const names = (list: readonly Column[]): string => list.map((column) => quoted(column.name)).join(', ');
  const properties = columns.map((column) => `      ${key(column.name)}: ${column.schema},\n`).join('');
  return `import { batch } from 'fanfold/batch';

export default batch({
  name: '${name}',
  // What is dropped into inbox/files/in/ while 'fanfold dev' runs, or given to 'fanfold run'.
  source: ${source},
  // Guessed from the sample. What does not fit is a reject.
  schema: {
    type: 'object',
    properties: {
${properties}    },
    required: [${names(columns.filter(({ required }) => required))}],
  },
  // Return one output, a list of them, or nothing; what is thrown makes the record a reject.
  process(record) {
    return record;
  },
  sinks: [{ object: 'out/{run}.csv', columns: [${names(columns)}] }],
  // With one reject more the run fails and publishes nothing.
  skipLimit: { records: 0 },
});
`;
}

function readmeText(name: string, sampleFile: string): string {
  return `# ${name}

    npx fanfold run ${name} ${sampleFile} --sample 100    a look at what would come of it; nothing is published
    npx fanfold run ${name} ${sampleFile}                 one run, with its account
    npx fanfold dev                                    runs whatever is dropped into inbox/files/in/
    npx fanfold asl ${name}                            the state machine that the batch is
`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__'
    ? name
    : name === '__proto__'
      ? `['__proto__']`
      : quoted(name);
}

/** In single quotes, whatever it holds. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
