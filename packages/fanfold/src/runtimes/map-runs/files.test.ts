/** Map runs that read their items from a bucket, and write their results to one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { createResultSinks } from '../../services/s3/result-sinks.ts';
import { call, desk, failed, type RigOptions, sequence } from '../driver.fixture.ts';
import { FileRig, mapOfFile, READER, WRITER } from './files.fixture.ts';

type TestFunctions = NonNullable<RigOptions['functions']>;

describe('map runs over files', () => {
  let files: FileRig;
  beforeEach(() => {
    files = new FileRig();
  });
  afterEach(() => files.close());

  it.each(['STANDARD', 'EXPRESS'])('reads rows as the inputs of %s children', async (type) => {
    await files.put('rows.csv', 'n,s\n1,a\n2,b\n');
    const selector = { 'v.$': '$$.Map.Item.Value.n', 'from.$': '$$.Map.Item.Source' };
    const arn = await files.begin(mapOfFile({ ItemSelector: selector }, type));
    expect(await files.endOf(arn)).toEqual(['1', '2'].map((v) => ({ v, from: 'S3://files/rows.csv' })));
  });

  it('takes MaxItems of them', async () => {
    await files.put('rows.csv', 'n\n1\n2\n3\n');
    const reader = { ...READER, ReaderConfig: { ...READER.ReaderConfig, MaxItems: 2 } };
    expect(await files.endOf(await files.begin(mapOfFile({ ItemReader: reader })))).toEqual([{ n: '1' }, { n: '2' }]);
  });

  it.each([
    [2, [{ n: '1' }, { n: '2' }]],
    [-1, { status: 'FAILED', error: 'States.ItemReaderFailed', cause: 'field MaxItems must be positive' }],
  ])('takes MaxItemsPath: %j', async (most, ended) => {
    await files.put('rows.csv', 'n\n1\n2\n3\n');
    const reader = { ...READER, ReaderConfig: { ...READER.ReaderConfig, MaxItemsPath: '$.most' } };
    await files.rig.put('m', mapOfFile({ ItemReader: reader }));
    const arn = await files.rig.start('m', 'run', { key: 'rows.csv', most });
    await files.settle();
    expect(await files.endOf(arn)).toEqual(ended);
  });

  it('fails, and may be caught, when the object is not there', async () => {
    expect(await files.endOf(await files.begin(mapOfFile({})))).toEqual({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'The specified key does not exist: rows.csv in the bucket files',
    });
  });

  it('goes on after a crash with what it had not read, and refuses another version of the file', async () => {
    await files.put('rows.csv', 'n\n1\n2\n3\n');
    const first = desk();
    files.use({ functions: { work: first.play } });
    const states = { Work: call('work') };
    const arn = await files.begin(mapOfFile({ MaxConcurrency: 1 }, 'EXPRESS', states as JsonObject));
    first.open[0]?.answer('one');
    await files.settle();
    expect(first.open.map(({ event }) => event)).toEqual([{ n: '1' }, { n: '2' }]);
    const second = desk();
    await files.reopen({ functions: { work: second.play } });
    expect(second.open.map(({ event }) => event)).toEqual([{ n: '2' }]);

    await files.put('rows.csv', 'n\n9\n');
    await files.reopen({ functions: { work: desk().play } });
    expect(await files.endOf(arn)).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
  });

  it('writes its results and tells where', async () => {
    await files.put('rows.csv', 'n\n1\n2\n');
    const arn = await files.begin(mapOfFile({ ResultWriter: WRITER, Label: 'Lines' }));
    const [run] = await files.store.mapRuns(arn);
    const uuid = run?.arn.split(':').at(-1);
    expect(await files.endOf(arn)).toEqual({
      MapRunArn: run?.arn,
      ResultWriterDetails: { Bucket: 'files', Key: `out/${uuid}/manifest.json` },
    });
    expect(await files.manifestOf(arn)).toMatchObject({
      MapRunArn: run?.arn,
      ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: `out/${uuid}/SUCCEEDED_0.json` }] },
    });
    const written = JSON.parse(await files.textOf(`out/${uuid}/SUCCEEDED_0.json`)) as JsonObject[];
    expect(written.map(({ Input, Output, Status }) => [Input, Output, Status])).toEqual([
      ['{"n":"1"}', '{"n":"1"}', 'SUCCEEDED'],
      ['{"n":"2"}', '{"n":"2"}', 'SUCCEEDED'],
    ]);
    expect(written[0]).toMatchObject({ ExecutionArn: expect.stringMatching(/:execution:m\/Lines:/) as string });
  });

  it.each([
    ['COMPACT', 'JSONL', '{"list":["1"]}\n{"list":["2"]}\n'],
    ['FLATTEN', 'JSON', '[{"list":["1"]},{"list":["2"]}]'],
  ])('writes outputs as %s %s', async (Transformation, OutputType, text) => {
    await files.put('rows.csv', 'n\n1\n2\n');
    const states = { Make: { Type: 'Pass', Parameters: { 'list.$': 'States.Array($.n)' } } };
    const writer = { ...WRITER, WriterConfig: { Transformation, OutputType } };
    const arn = await files.begin(mapOfFile({ ResultWriter: writer }, 'EXPRESS', states));
    const { ResultFiles } = (await files.manifestOf(arn)) as { ResultFiles: { SUCCEEDED: { Key: string }[] } };
    expect(await files.textOf(ResultFiles.SUCCEEDED[0]?.Key ?? '')).toBe(text);
  });

  it('flattens the lists that children give, also without a bucket', async () => {
    await files.put('rows.csv', 'n\n1\n2\n');
    const states = { Make: { Type: 'Pass', Parameters: { 'list.$': 'States.Array($.n, $.n)' }, OutputPath: '$.list' } };
    const writer = { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } };
    expect(await files.endOf(await files.begin(mapOfFile({ ResultWriter: writer }, 'EXPRESS', states)))).toEqual([
      '1',
      '1',
      '2',
      '2',
    ]);
  });

  it('writes what failed and what was not begun too', async () => {
    await files.put('rows.csv', 'n\n1\n2\n3\n4\n5\n');
    files.use({ functions: { work: (event) => ((event as { n: string }).n === '2' ? failed('Boom', 'why') : event) } });
    const arn = await files.begin(
      mapOfFile({ ResultWriter: WRITER, MaxConcurrency: 1 }, 'STANDARD', { Work: call('work') } as JsonObject),
    );
    expect(await files.endOf(arn)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
    const uuid = (await files.store.mapRuns(arn))[0]?.arn.split(':').at(-1);
    const read = async (name: string): Promise<JsonObject[]> =>
      JSON.parse(await files.textOf(`out/${uuid}/${name}_0.json`)) as JsonObject[];
    expect((await read('SUCCEEDED')).map(({ Input }) => Input)).toEqual(['{"n":"1"}']);
    expect(await read('FAILED')).toMatchObject([{ Input: '{"n":"2"}', Error: 'Boom', Cause: 'why', Status: 'FAILED' }]);
    expect(await read('PENDING')).toMatchObject(
      ['3', '4', '5'].map((n) => ({ Input: JSON.stringify({ n }), Status: 'PENDING' })),
    );
    const counts = { total: 5, succeeded: 1, failed: 1 };
    expect((await files.store.mapRuns(arn))[0]).toMatchObject({
      items: counts,
      executions: counts,
      resultsWritten: { items: 2, executions: 2 },
    });
  });

  describe('that is given up', () => {
    const EACH = { ResultWriter: WRITER, MaxConcurrency: 2, ToleratedFailureCount: 9 };
    const WORK = { Work: call('work') } as JsonObject;
    const WAYS: Readonly<Record<string, readonly [definition: Json, give: (arn: string) => unknown]>> = {
      'its execution is stopped': [
        mapOfFile(EACH, 'STANDARD', WORK),
        (executionArn) => files.rig.driver.executions.stop({ executionArn }),
      ],
      'its execution times out': [
        { ...(mapOfFile(EACH, 'STANDARD', WORK) as JsonObject), TimeoutSeconds: 60 },
        () => files.rig.clock.advance(60_000),
      ],
      'its execution goes on without it': [
        sequence({
          Both: {
            Type: 'Parallel',
            Branches: [
              mapOfFile(EACH, 'STANDARD', WORK),
              sequence({ Later: { Type: 'Wait', Seconds: 60 }, Boom: call('boom') }),
            ],
            Catch: [{ ErrorEquals: ['Boom'], Next: 'Go' }],
          },
          Go: { Type: 'Pass', End: true },
        }),
        () => files.rig.clock.advance(60_000),
      ],
    };
    const functions = (work: TestFunctions = {}): TestFunctions => ({
      work: desk().play,
      boom: () => failed('Boom', 'why'),
      ...work,
    });
    /** The first of five rows has succeeded, the second failed, the two after them run. */
    const underWay = async (definition: Json, options: Omit<RigOptions, 'store'> = {}): Promise<string> => {
      await files.put('rows.csv', 'n\n1\n2\n3\n4\n5\n');
      const work = desk();
      files.use({ functions: functions({ work: work.play }), ...options });
      const arn = await files.begin(definition);
      work.open[0]?.answer('one');
      work.open[1]?.answer(failed('Boom', 'why'));
      await files.settle();
      expect(work.open).toHaveLength(4);
      return arn;
    };
    const written = async (arn: string): Promise<unknown> => {
      const [run] = await files.store.mapRuns(arn);
      const { items, resultsWritten, status } = run ?? {};
      const { objects } = await files.local.objects.list({ bucket: 'files', prefix: 'out/', limit: 9 });
      const found = await Promise.all(
        objects.map(async ({ key }) => {
          const name = key.replace(`out/${run?.arn.split(':').at(-1)}/`, '');
          const json = JSON.parse(await files.textOf(key)) as JsonObject[] | JsonObject;
          return [name, Array.isArray(json) ? json.map(shown) : 'manifest'];
        }),
      );
      return { status, items, resultsWritten, files: Object.fromEntries(found) as unknown };
    };
    /** With how often it was redriven, where it was. */
    const shown = ({ Input, Status, RedriveCount }: JsonObject): string =>
      `${Input} ${Status}${RedriveCount === 0 ? '' : ` ${RedriveCount}`}`;
    const WRITTEN = {
      status: 'ABORTED',
      items: { total: 5, succeeded: 1, failed: 1, timedOut: 0, aborted: 2 },
      resultsWritten: { items: 4, executions: 4 },
      files: {
        'manifest.json': 'manifest',
        'SUCCEEDED_0.json': ['{"n":"1"} SUCCEEDED'],
        'FAILED_0.json': ['{"n":"2"} FAILED', '{"n":"3"} ABORTED', '{"n":"4"} ABORTED'],
        'PENDING_0.json': ['{"n":"5"} PENDING'],
      },
    };

    it.each(Object.entries(WAYS))('writes its files when %s', async (_, [definition, give]) => {
      const arn = await underWay(definition);
      await give(arn);
      await files.settle();
      expect(await written(arn)).toEqual(WRITTEN);
      expect(await files.store.runningMapRuns()).toEqual([]);
      expect(files.rig.fatal).toEqual([]);
    });

    it.each(Object.entries(WAYS))(
      'writes them after a crash in the midst of it, when %s',
      async (_, [machines, give]) => {
        const sinks = createResultSinks({ objects: files.local.objects });
        const arn = await underWay(machines, { resultSinks: { ...sinks, write: () => new Promise(() => {}) } });
        await give(arn);
        await files.settle();
        expect(await files.store.runningMapRuns()).toHaveLength(1);
        await files.reopen({ functions: functions() });
        expect(await written(arn)).toEqual(WRITTEN);
        await files.reopen({ functions: functions() });
        expect(await written(arn)).toEqual(WRITTEN);
      },
    );

    it('writes what failed in this redrive, and what was not begun in it as pending', async () => {
      const [definition, give] = WAYS['its execution is stopped'] ?? [];
      const arn = await underWay(definition as Json);
      await give?.(arn);
      await files.settle();
      const work = desk();
      files.use({ functions: functions({ work: work.play }) });
      await files.rig.driver.executions.redrive({ executionArn: arn });
      await files.settle();
      expect(work.open.map(({ event }) => event)).toEqual([{ n: '2' }, { n: '3' }]);
      expect((await files.store.runningMapRuns())[0]).toMatchObject({
        redriveCount: 1,
        items: { failed: 0, aborted: 0 },
      });
      const [{ arn: mapRunArn } = { arn: '' }] = await files.store.mapRuns(arn);
      expect(await files.rig.driver.mapRuns.describe(mapRunArn)).toMatchObject({
        running: { items: 2, executions: 2 },
        run: { pendingRedrive: { items: 1, executions: 1 } },
      });
      work.open[0]?.answer('two');
      await files.settle();
      await files.rig.driver.executions.stop({ executionArn: arn });
      await files.settle();
      expect(await written(arn)).toMatchObject({
        items: { total: 5, succeeded: 2, failed: 0, aborted: 2 },
        files: {
          'SUCCEEDED_0.json': ['{"n":"1"} SUCCEEDED', '{"n":"2"} SUCCEEDED 1'],
          'FAILED_0.json': ['{"n":"3"} ABORTED 1', '{"n":"4"} ABORTED 1'],
          'PENDING_0.json': ['{"n":"5"} PENDING'],
        },
      });

      const third = desk();
      files.use({ functions: functions({ work: third.play }) });
      await files.rig.driver.executions.redrive({ executionArn: arn });
      await files.settle();
      third.open[0]?.answer('three');
      await files.settle();
      expect(third.open.map(({ event }) => event)).toEqual([{ n: '3' }, { n: '4' }, { n: '5' }]);
      await files.rig.driver.executions.stop({ executionArn: arn });
      await files.settle();
      expect(await written(arn)).toMatchObject({
        files: {
          'SUCCEEDED_0.json': ['{"n":"1"} SUCCEEDED', '{"n":"2"} SUCCEEDED 1', '{"n":"3"} SUCCEEDED 2'],
          'FAILED_0.json': ['{"n":"4"} ABORTED 2', '{"n":"5"} ABORTED'],
        },
      });
    });

    it('says in the log that what was not begun cannot be read any more', async () => {
      const [definition, give] = WAYS['its execution is stopped'] ?? [];
      const sinks = createResultSinks({ objects: files.local.objects });
      const resultSinks = { ...sinks, write: (): Promise<void> => new Promise(() => {}) };
      const arn = await underWay(definition as Json, { resultSinks });
      await give?.(arn);
      await files.settle();
      await files.put('rows.csv', 'n\n9\n');
      await files.reopen({ functions: functions() });
      expect(await written(arn)).toEqual({ ...WRITTEN, files: { ...WRITTEN.files, 'PENDING_0.json': undefined } });
      expect(files.rig.logger.lines).toMatchObject([
        { level: 'warn', fields: { error: expect.stringContaining('was changed') as string } },
      ]);
    });

    it('says in the log that they cannot be written', async () => {
      const [definition, give] = WAYS['its execution is stopped'] ?? [];
      const sinks = createResultSinks({ objects: files.local.objects });
      const arn = await underWay(definition as Json, {
        resultSinks: { ...sinks, write: (params) => sinks.write({ ...params, parameters: { Bucket: 'nowhere' } }) },
      });
      await give?.(arn);
      await files.settle();
      expect((await files.store.mapRuns(arn))[0]).toMatchObject({ status: 'ABORTED', resultsWritten: { items: 0 } });
      expect(files.rig.logger.lines).toMatchObject([
        { level: 'error', fields: { error: expect.stringContaining('nowhere') as string } },
      ]);
    });
  });

  it.each(['local', 'aws'] as const)(
    'takes an item of more than 262,144 bytes as the limits %s say',
    async (limits) => {
      const large = { a: 'x'.repeat(300_000) };
      await files.put('rows.jsonl', `{"a":"y"}\n${JSON.stringify(large)}\n`);
      files.use({ limits });
      const reader = { ...READER, ReaderConfig: { InputType: 'JSONL' } };
      await files.rig.put(
        'm',
        mapOfFile({ ItemReader: reader }, 'STANDARD', { Take: { Type: 'Pass', OutputPath: '$.a' } }),
      );
      const arn = await files.rig.start('m', 'run', { key: 'rows.jsonl' });
      await files.settle();
      const failure = {
        status: 'FAILED',
        error: 'States.DataLimitExceeded',
        cause:
          "The state/task 'Each' provided parameters with a size exceeding the maximum number of bytes service limit.",
      };
      expect(await files.endOf(arn)).toEqual(limits === 'aws' ? failure : ['y', large.a]);
    },
  );

  it.each([
    ['local', { MaxItemsPerBatch: 10 }, [3]],
    ['aws', { MaxItemsPerBatch: 10 }, [2, 1]],
    ['aws', { MaxInputBytesPerBatch: 150_000 }, [1, 1, 1]],
  ] as const)('ends batches of the limits %s where an input is full: %j', async (limits, ItemBatcher, sizes) => {
    const row = JSON.stringify({ a: 'x'.repeat(100_000) });
    await files.put('rows.jsonl', `${row}\n${row}\n${row}\n`);
    files.use({ limits });
    const reader = { ...READER, ReaderConfig: { InputType: 'JSONL' } };
    const states = { Count: { Type: 'Pass', Parameters: { 'n.$': 'States.ArrayLength($.Items)' }, End: true } };
    await files.rig.put('m', mapOfFile({ ItemReader: reader, ItemBatcher }, 'STANDARD', states));
    const arn = await files.rig.start('m', 'run', { key: 'rows.jsonl' });
    await files.settle();
    expect(await files.endOf(arn)).toEqual(sizes.map((n) => ({ n })));
  });

  it('fails before it begins when there is nowhere to write', async () => {
    await files.put('rows.csv', 'n\n1\n');
    const writer = { ...WRITER, Parameters: { Bucket: 'nowhere' } };
    const arn = await files.begin(mapOfFile({ ResultWriter: writer }));
    expect(await files.endOf(arn)).toMatchObject({ error: 'States.ResultWriterFailed' });
    expect((await files.store.mapRuns(arn))[0]).toMatchObject({ status: 'FAILED', executions: { total: 0 } });
  });
});
