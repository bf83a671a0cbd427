/** The files of a new project with one batch, made from a sample of the file that it is for. */
import { type CsvEntry, openCsv } from '../records/index.ts';

export interface ScaffoldParams {
  readonly name: string;
  /** The beginning of a CSV file with a header. */
  readonly sample: AsyncIterable<Uint8Array>;
  /** The first line of the sample, to guess the delimiter by. */
  readonly firstLine: string;
  /** What the project is to depend on. */
  readonly version: string;
}

/** Records that are looked at. */
const MOST = 1000;

/** @returns the texts of the files, by their paths @throws RecordError for a sample that cannot be read */
export async function scaffold({
  name,
  sample,
  firstLine,
  version,
}: ScaffoldParams): Promise<ReadonlyMap<string, string>> {
  const delimiter = guessDelimiter(firstLine);
  const { header, batches } = await openCsv(sample, { delimiter });
  const records: (readonly string[])[] = [];
  for await (const entries of batches) {
    records.push(
      ...entries
        .slice(0, MOST - records.length)
        .flatMap((entry: CsvEntry) => (entry.kind === 'record' ? [entry.fields] : [])),
    );
    if (records.length >= MOST) break;
  }
  const columns = header.map((column, index) =>
    guessColumn(
      column,
      records.map((fields) => fields[index] ?? ''),
    ),
  );
  return new Map([
    [
      'package.json',
      `${JSON.stringify({ name, private: true, type: 'module', dependencies: { fanfold: `^${version}` } }, null, 2)}\n`,
    ],
    ['fanfold.config.ts', configText(name)],
    [`${name}.batch.ts`, batchText(name, delimiter, columns)],
    ['.gitignore', 'node_modules/\n.fanfold/\ninbox/\noutbox/\n'],
    ['README.md', readmeText(name)],
  ]);
}

function guessDelimiter(line: string): string {
  const counts = [',', ';', '\t', '|'].map((character) => ({ character, count: line.split(character).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).character;
}

interface Column {
  readonly name: string;
  readonly schema: string;
  readonly required: boolean;
}

/** The first that all texts of a column fit. Numbers with leading zeros are no numbers: they would lose them. */
const KINDS: readonly { readonly schema: string; readonly fits: RegExp }[] = [
  { schema: `{ type: 'integer' }`, fits: /^-?(?:0|[1-9]\d{0,14})$/ },
  { schema: `{ type: 'number' }`, fits: /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/ },
  { schema: `{ type: 'boolean' }`, fits: /^(?:true|false)$/ },
  { schema: `{ type: 'string', format: 'date' }`, fits: /^\d{4}-\d{2}-\d{2}$/ },
];

function guessColumn(name: string, texts: readonly string[]): Column {
  const given = texts.filter((text) => text !== '');
  const required = texts.length > 0 && given.length === texts.length;
  const kind = given.length > 0 ? KINDS.find(({ fits }) => given.every((text) => fits.test(text))) : undefined;
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

function batchText(name: string, delimiter: string, columns: readonly Column[]): string {
  const names = (list: readonly Column[]): string => list.map((column) => quoted(column.name)).join(', ');
  const properties = columns.map((column) => `      ${key(column.name)}: ${column.schema},\n`).join('');
  return `import { batch } from 'fanfold/batch';

export default batch({
  name: '${name}',
  // What is dropped into inbox/files/in/ while 'fanfold dev' runs, or given to 'fanfold run'.
  source: { bucket: 'files', prefix: 'in/', ${delimiter === ',' ? '' : `delimiter: ${quoted(delimiter)}, `}archive: 'done/', error: 'failed/' },
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

function readmeText(name: string): string {
  return `# ${name}

    npx fanfold run ${name} sample.csv --sample 100    a look at what would come of it; nothing is published
    npx fanfold run ${name} sample.csv                 one run, with its account
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
