/** What becomes of odd settings, files and items of distributed Maps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import type { Limits } from '../../interpreter/limits.ts';
import { call, failed } from '../driver.fixture.ts';
import { FileRig, mapOfFile, READER, WRITER } from './files.fixture.ts';

let files: FileRig;
beforeAll(() => {
  files = new FileRig();
});
afterAll(() => files.close());

interface Case {
  readonly state: JsonObject;
  readonly file?: string;
  readonly input?: JsonObject;
  readonly limits?: Limits;
  readonly ends: unknown;
}

let runs = 0;

/** Runs a Map over a file. @returns the ARN of the execution */
async function play({
  state,
  file = 'n\n1\n2\n3\n',
  input = {},
  limits = 'local',
}: Omit<Case, 'ends'>): Promise<string> {
  files.use({
    limits,
    functions: { work: (event) => ((event as { n?: unknown }).n === '2' ? failed('Boom', 'why') : [event]) },
  });
  const { states, ...rest } = state;
  await files.put('rows.csv', file);
  await files.rig.put('m', mapOfFile(rest, 'EXPRESS', states as JsonObject | undefined));
  const arn = await files.rig.start('m', `run${++runs}`, { key: 'rows.csv', ...input });
  await files.settle();
  expect(files.rig.fatal).toEqual([]);
  return arn;
}

function table(cases: Readonly<Record<string, Case>>): void {
  it.each(Object.entries(cases))('%s', async (_, { ends, ...rest }) => {
    expect(await files.endOf(await play(rest))).toEqual(ends);
  });
}

const ROWS = [{ n: '1' }, { n: '2' }, { n: '3' }];
const read = (ReaderConfig: JsonObject): JsonObject => ({ ItemReader: { ...READER, ReaderConfig } });
const CSV = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

/** Failed when its state was entered. */
function entering(cause: string): object {
  const where = "An error occurred while executing the state 'Each' (entered at the event id #2).";
  return { status: 'FAILED', error: 'States.Runtime', cause: `${where} ${cause}` };
}

function unread(cause: string): object {
  return { status: 'FAILED', error: 'States.ItemReaderFailed', cause: expect.stringContaining(cause) as string };
}

describe('numbers that a path leads to', () => {
  const batch = (field: string): JsonObject => ({ ItemBatcher: { [field]: '$.v' } });
  const wrong = (field: string, value: string, kind = 'integer'): object =>
    entering(`The ${field} field refers to value "${value}" which is not a valid ${kind}: $.v`);
  const one = (v: Json, state: JsonObject, ends: unknown): Case => ({ state, input: { v }, ends });
  table({
    'as many items in a batch': one(2, batch('MaxItemsPerBatchPath'), [
      { Items: ROWS.slice(0, 2) },
      { Items: ROWS.slice(2) },
    ]),
    'no items in a batch': one(0, batch('MaxItemsPerBatchPath'), wrong('MaxItemsPerBatchPath', '0')),
    'no bytes in a batch': one(0, batch('MaxInputBytesPerBatchPath'), wrong('MaxInputBytesPerBatchPath', '0')),
    'half an item in a batch': one(0.5, batch('MaxItemsPerBatchPath'), wrong('MaxItemsPerBatchPath', '0.5')),
    'a batch of what is no number': one(null, batch('MaxItemsPerBatchPath'), wrong('MaxItemsPerBatchPath', 'null')),
    'a batch of what is not there': {
      state: batch('MaxItemsPerBatchPath'),
      ends: entering("Invalid path '$.v' : No results for path: $['v']"),
    },
    'any concurrency': one(0, { MaxConcurrencyPath: '$.v' }, ROWS),
    'a concurrency of a text': one('many', { MaxConcurrencyPath: '$.v' }, wrong('MaxConcurrencyPath', 'many')),
    'a tolerance of more than all': one(
      100.5,
      { ToleratedFailurePercentagePath: '$.v' },
      entering('ToleratedFailurePercentage must be between 0 and 100.'),
    ),
    'a tolerance of a text': one(
      'x',
      { ToleratedFailurePercentagePath: '$.v' },
      wrong('ToleratedFailurePercentagePath', 'x', 'float'),
    ),
    'all items': one(0, read({ ...CSV, MaxItemsPath: '$.v' }), ROWS),
    'items of a truth value': one(true, read({ ...CSV, MaxItemsPath: '$.v' }), wrong('MaxItemsPath', 'true')),
  });
});

describe('CSV', () => {
  const given = (...CSVHeaders: string[]): JsonObject =>
    read({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders });
  const by = (CSVDelimiter: string, sign: string): Case => ({
    state: read({ ...CSV, CSVDelimiter }),
    file: `a${sign}b\n1${sign}"2${sign}3"\n`,
    ends: [{ a: '1', b: `2${sign}3` }],
  });
  table({
    'with fewer names than columns': { state: given('a'), file: '1,2\n3\n', ends: [{ a: '1' }, { a: '3' }] },
    'with more names than columns': { state: given('a', 'b'), file: '1\n', ends: [{ a: '1', b: '' }] },
    'with commas': by('COMMA', ','),
    'with pipes': by('PIPE', '|'),
    'with semicolons': by('SEMICOLON', ';'),
    'with spaces': by('SPACE', ' '),
    'with tabs': by('TAB', '\t'),
    'of a header alone': { state: {}, file: 'a,b\n', ends: [] },
    'of nothing': { state: {}, file: '', ends: unread('The file is empty: it has no header.') },
  });
});

describe('JSON', () => {
  const at = (ItemsPointer: string): JsonObject => read({ InputType: 'JSON', ItemsPointer });
  const file = '{"a":[0,{"b/c":[1,2]}]}';
  table({
    'in an array of an array': { state: at('/a/1/b~1c'), file, ends: [1, 2] },
    'of members in an array': { state: at('/a/1'), file, ends: [{ Key: 'b/c', Value: [1, 2] }] },
    'at a place that is not there': { state: at('/a/2'), file, ends: unread('The pointer "/a/2" leads nowhere') },
    'at a number': { state: at('/a/0'), file, ends: unread('not to an array or an object') },
    'of nothing': { state: read({ InputType: 'JSON' }), file: '', ends: unread('it is empty') },
    'of no items': { state: read({ InputType: 'JSON' }), file: '[]', ends: [] },
    'of no items in batches': {
      state: { ...read({ InputType: 'JSON' }), ItemBatcher: { MaxItemsPerBatch: 3 } },
      file: '[]',
      ends: [],
    },
    'Lines of nothing': { state: read({ InputType: 'JSONL' }), file: '', ends: [] },
  });
});

describe('what is nested too deeply fails its own execution, and nothing else', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const tooDeep = expect.objectContaining({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('too large or nested too deeply') as string,
  }) as object;
  table({
    'in JSON Lines': {
      state: read({ InputType: 'JSONL' }),
      file: `1\n${nested(50_000)}\n`,
      ends: unread('line 2: The line is nested deeper than 1000 levels.'),
    },
    'in JSON': {
      state: read({ InputType: 'JSON' }),
      file: `[1,${nested(50_000)}]`,
      ends: unread('a value is nested deeper than 1000 levels'),
    },
    'as deep as may be': {
      state: read({ InputType: 'JSONL' }),
      file: `${nested(1000)}\n`,
      ends: [JSON.parse(nested(1000))],
    },
  });

  const inline = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemsPath: '$.list',
        ItemProcessor: { StartAt: 'Keep', States: { Keep: { Type: 'Pass', End: true } } },
        End: true,
      },
    },
  };
  it.each<[string, Json]>([
    ['items', mapOfFile({ ItemReader: undefined, ItemsPath: '$.list' } as unknown as JsonObject)],
    ['what an ItemSelector takes', mapOfFile({ ItemSelector: { 'x.$': '$.list' } })],
    ['a BatchInput', mapOfFile({ ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'x.$': '$.list' } } })],
    ['items of a Map that is not distributed', inline],
  ])('in the input of an execution: %s', async (_, definition) => {
    files.use({});
    await files.put('rows.csv', 'n\n1\n');
    await files.rig.put('m', definition);
    const input = `{"key":"rows.csv","list":[1,${nested(50_000)}]}`;
    const arn = await files.rig.start('m', `run${++runs}`, {}, { input });
    await files.settle();
    expect(files.rig.fatal).toEqual([]);
    expect(await files.endOf(arn)).toEqual(tooDeep);
  });
});

describe('sizes', () => {
  const lines = read({ InputType: 'JSONL' });
  const large = { a: 'x'.repeat(100) };
  const half = JSON.stringify('x'.repeat(140_000));
  const whole = JSON.stringify({ a: 'x'.repeat(270_000) });
  const tooLarge = (what: string): object => ({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: `The state/task 'Each' ${what} with a size exceeding the maximum number of bytes service limit.`,
  });
  table({
    'an item of more bytes than a batch has is a batch of its own': {
      state: { ...lines, ItemBatcher: { MaxInputBytesPerBatch: 50 } },
      file: `{"a":1}\n${JSON.stringify(large)}\n{"a":2}\n`,
      ends: [{ Items: [{ a: 1 }] }, { Items: [large] }, { Items: [{ a: 2 }] }],
    },
    'an item of more bytes than an input may have': {
      state: { ...lines, ItemBatcher: { MaxItemsPerBatch: 2 } },
      file: `1\n${whole}\n`,
      limits: 'aws',
      ends: tooLarge('provided parameters'),
    },
    'results of more bytes than an output may have': {
      state: lines,
      file: `${half}\n${half}\n`,
      limits: 'aws',
      ends: tooLarge('returned a result'),
    },
    'the same where they are dropped': {
      state: { ...lines, ResultPath: null },
      file: `${half}\n${half}\n`,
      limits: 'aws',
      ends: { key: 'rows.csv' },
    },
  });

  it('of results do not matter where they are written to a bucket', async () => {
    const WriterConfig = { Transformation: 'COMPACT', OutputType: 'JSON' };
    const state = { ...lines, ResultWriter: { ...WRITER, WriterConfig } };
    const arn = await play({ state, file: `${half}\n${half}\n`, limits: 'aws' });
    expect(await files.manifestOf(arn)).toMatchObject({
      ResultFiles: { SUCCEEDED: [{ Size: 2 * half.length + '[,]'.length }] },
    });
  });
});

it('writes a manifest of no files where there are no items', async () => {
  const arn = await play({ state: { ...read({ InputType: 'JSON' }), ResultWriter: WRITER }, file: '[]' });
  expect((await files.manifestOf(arn)).ResultFiles).toEqual({ FAILED: [], PENDING: [], SUCCEEDED: [] });
});

describe('what a ResultWriter makes of results', () => {
  const states = { Work: call('work') } as JsonObject;
  const tolerant = { states, ToleratedFailureCount: 1 };
  const failure = expect.objectContaining({ Error: 'Boom', Input: '{"n":"2"}', Status: 'FAILED' }) as object;
  const shown = (n: string): object =>
    expect.objectContaining({ Input: `{"n":"${n}"}`, Output: `[{"n":"${n}"}]`, Status: 'SUCCEEDED' }) as object;
  const succeeded = {
    NONE: [shown('1'), shown('3')],
    COMPACT: [[{ n: '1' }], [{ n: '3' }]],
    FLATTEN: [{ n: '1' }, { n: '3' }],
  };
  const forms = Object.keys(succeeded).flatMap((Transformation) =>
    ['JSON', 'JSONL'].map((OutputType) => [Transformation as keyof typeof succeeded, OutputType] as const),
  );

  it.each(forms)('%s, %s, in files', async (Transformation, OutputType) => {
    const WriterConfig = { Transformation, OutputType };
    const arn = await play({ state: { ...tolerant, ResultWriter: { ...WRITER, WriterConfig } } });
    const { ResultFiles } = (await files.manifestOf(arn)) as unknown as ManifestOfFiles;
    const textIn = (status: 'SUCCEEDED' | 'FAILED'): Promise<string> => files.textOf(ResultFiles[status][0]?.Key ?? '');
    const text = await textIn('SUCCEEDED');
    const results = OutputType === 'JSON' ? (JSON.parse(text) as unknown) : jsonLines(text);
    expect(ResultFiles.SUCCEEDED[0]?.Key).toMatch(OutputType === 'JSON' ? /_0\.json$/ : /_0\.jsonl$/);
    expect(results).toEqual(succeeded[Transformation]);
    expect(JSON.parse(await textIn('FAILED'))).toEqual([failure]);
  });

  it.each(forms)('%s, %s, in the output of the Map', async (Transformation, OutputType) => {
    const ResultWriter = { WriterConfig: { Transformation, OutputType } };
    const arn = await play({ state: { ...tolerant, ResultWriter } });
    expect(await files.endOf(arn)).toEqual(succeeded[Transformation].toSpliced(1, 0, failure));
  });
});

interface ManifestOfFiles {
  readonly ResultFiles: Readonly<Record<'SUCCEEDED' | 'FAILED', readonly { readonly Key: string }[]>>;
}

function jsonLines(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('in JSONata', () => {
  const jsonata = { QueryLanguage: 'JSONata' };
  const reader = {
    Resource: READER.Resource,
    ReaderConfig: { ...CSV, MaxItems: '{% $states.input.most %}' },
    Arguments: { Bucket: 'files', Key: '{% $states.input.key %}' },
  };
  const evaluating = (cause: string): object => ({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
    cause: expect.stringContaining(cause) as string,
  });
  table({
    'every field': {
      state: {
        ...jsonata,
        ItemReader: reader,
        ItemBatcher: {
          MaxItemsPerBatch: '{% $states.input.most %}',
          BatchInput: { x: '{% $states.input.most + 1 %}' },
        },
        ItemSelector: { v: '{% $number($states.context.Map.Item.Value.n) * 10 %}' },
        MaxConcurrency: '{% 1 %}',
        ToleratedFailurePercentage: '{% 12.5 %}',
        ResultWriter: { WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' } },
        Output: '{% {"got": $states.result} %}',
      },
      input: { most: 2 },
      ends: { got: [{ BatchInput: { x: 3 }, Items: [{ v: 10 }, { v: 20 }] }] },
    },
    'items of an expression': {
      state: { ...jsonata, ItemReader: undefined as unknown as Json, Items: '{% [1..3][$ > 1] %}' },
      ends: [2, 3],
    },
    'items that are none': {
      state: { ...jsonata, ItemReader: undefined as unknown as Json, Items: '{% 7 %}' },
      ends: evaluating('Items'),
    },
    'a key that is none': {
      state: { ...jsonata, ItemReader: { ...reader, Arguments: { Bucket: 'files', Key: '{% $states.input.gone %}' } } },
      input: { most: 1 },
      ends: evaluating('gone'),
    },
    'a number of items that is none': {
      state: { ...jsonata, ItemReader: reader },
      input: { most: 'x' },
      ends: evaluating('MaxItems'),
    },
    'no items in a batch': {
      state: { ...jsonata, ItemReader: reader, ItemBatcher: { MaxItemsPerBatch: '{% 0 %}' } },
      input: { most: 1 },
      ends: evaluating('MaxItemsPerBatch'),
    },
    'a tolerance of more than all': {
      state: { ...jsonata, ItemReader: reader, ToleratedFailurePercentage: '{% 101 %}' },
      input: { most: 1 },
      ends: {
        status: 'FAILED',
        error: 'States.Runtime',
        cause: expect.stringContaining('between 0 and 100') as string,
      },
    },
  });

  it('names where results are written', async () => {
    const { Resource } = WRITER;
    const ResultWriter = { Resource, Arguments: { Bucket: 'files', Prefix: '{% "out/" & $states.input.most %}' } };
    const arn = await play({ state: { ...jsonata, ItemReader: reader, ResultWriter }, input: { most: 2 } });
    const { SUCCEEDED } = ((await files.manifestOf(arn)) as unknown as ManifestOfFiles).ResultFiles;
    expect(SUCCEEDED).toMatchObject([
      { Key: expect.stringMatching(/^out\/2\/[-0-9a-f]+\/SUCCEEDED_0\.json$/) as string },
    ]);
  });
});
