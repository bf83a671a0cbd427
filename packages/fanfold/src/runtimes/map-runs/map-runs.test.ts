import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../interpreter/frame.ts';
import type { HistoryEvent } from '../../interpreter/history.ts';
import type { Json } from '../../json.ts';
import type { Store } from '../../ports/store.ts';
import {
  createRig,
  desk,
  failed,
  type Medium,
  type Rig,
  type RigOptions,
  runArn,
  sequence,
  call,
  STORES,
} from '../driver.fixture.ts';

type Fields = Readonly<Record<string, Json>>;

function mapOf(ExecutionType: string, states: Fields, rest: Fields = {}): Json {
  return {
    Type: 'Map',
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType }, ...(sequence(states) as object) },
    End: true,
    ...rest,
  };
}

const PROCESSOR: Fields = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };

const PASS: Fields = { Keep: { Type: 'Pass' } };

describe.each(Object.entries(STORES))('map runs, with the %s store', (_, makeMedium) => {
  let medium: Medium;
  let store: Store;
  let rig: Rig;
  beforeEach(() => {
    medium = makeMedium();
    store = medium.open();
    rig = createRig({ store });
  });
  afterEach(async () => {
    await rig.driver.close();
    await store.close();
    medium.remove();
  });
  const use = (options: Omit<RigOptions, 'store'>): void => {
    rig = createRig({ store, ...options });
  };
  const begin = async (definition: Json, input: Json): Promise<string> => {
    await rig.put('m', definition);
    const arn = await rig.start('m', 'run', input);
    await rig.quiet();
    expect(rig.fatal).toEqual([]);
    return arn;
  };
  const historyOf = async (executionArn: string): Promise<readonly HistoryEvent[]> =>
    (await rig.driver.executions.history({ executionArn })).events;
  const outputOf = async (arn: string): Promise<unknown> => {
    const { status, output, error, cause } = await rig.driver.executions.describe(arn);
    return status === 'SUCCEEDED' ? output?.json : { status, error, cause };
  };

  describe.each(['STANDARD', 'EXPRESS'])('with %s children', (type) => {
    it('gives the outputs in the order of the items, whoever ends first', async () => {
      const work = desk();
      use({ functions: { work: work.play } });
      const arn = await begin(sequence({ Each: mapOf(type, { Work: call('work') }) }), [1, 2, 3]);
      for (const { event, answer } of [...work.open].reverse()) answer({ got: event });
      await rig.quiet();
      expect(await outputOf(arn)).toEqual([{ got: 1 }, { got: 2 }, { got: 3 }]);
    });

    it('has at most MaxConcurrency children at once', async () => {
      const work = desk();
      use({ functions: { work: work.play } });
      const arn = await begin(
        sequence({ Each: mapOf(type, { Work: call('work') }, { MaxConcurrency: 2 }) }),
        [1, 2, 3, 4, 5],
      );
      for (let answered = 0; answered < 5; answered++) {
        expect(work.open.length).toBe(Math.min(5, answered + 2));
        work.open[answered]?.answer(answered);
        await rig.quiet();
      }
      expect(await outputOf(arn)).toEqual([0, 1, 2, 3, 4]);
    });

    it('makes inputs with the ItemSelector, in the scope of the Map', async () => {
      const selector = {
        'n.$': '$$.Map.Item.Index',
        'v.$': '$$.Map.Item.Value',
        'from.$': '$$.Map.Item.Source',
        'x.$': '$.x',
        'who.$': '$who',
      };
      const definition = sequence({
        Set: { Type: 'Pass', Assign: { who: 'me' } },
        Each: mapOf(type, PASS, { ItemSelector: selector, ItemsPath: '$.items' }),
      });
      const item = { from: 'STATE_DATA', x: 9, who: 'me' };
      expect(await outputOf(await begin(definition, { items: ['a', 'b'], x: 9 }))).toEqual([
        { ...item, n: 0, v: 'a' },
        { ...item, n: 1, v: 'b' },
      ]);
    });

    it('takes the members of an object for items', async () => {
      const selector = { 'k.$': '$$.Map.Item.Key', 'v.$': '$$.Map.Item.Value', 'n.$': '$$.Map.Item.Index' };
      const each = { ItemsPath: '$.items' };
      const definition = sequence({
        Select: mapOf(type, PASS, { ...each, ItemSelector: selector, ResultPath: '$.selected' }),
        Plain: mapOf(type, { AsItIs: { Type: 'Pass' } }, { ...each, ResultPath: '$.plain' }),
      });
      const arn = await begin(definition, { items: { b: 1, a: [2] } });
      expect(await outputOf(arn)).toEqual({
        items: { b: 1, a: [2] },
        selected: [
          { k: 'b', v: 1, n: 0 },
          { k: 'a', v: [2], n: 1 },
        ],
        plain: [
          { Key: 'b', Value: 1 },
          { Key: 'a', Value: [2] },
        ],
      });
      const [, , started] = await historyOf(arn);
      expect(started).toMatchObject({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: 2 } });
    });

    it('has children that see no variables from outside', async () => {
      const definition = sequence({
        Set: { Type: 'Pass', Assign: { who: 'me' } },
        Each: mapOf(type, { Read: { Type: 'Pass', Parameters: { 'x.$': '$who' } } }),
      });
      expect(await outputOf(await begin(definition, [1]))).toMatchObject({ status: 'FAILED' });
    });

    it('puts items together in batches', async () => {
      const batcher = { MaxItemsPerBatch: 2, BatchInput: { 'x.$': '$.x' } };
      const definition = sequence({ Each: mapOf(type, PASS, { ItemBatcher: batcher, ItemsPath: '$.items' }) });
      const arn = await begin(definition, { items: [1, 2, 3], x: 9 });
      expect(await outputOf(arn)).toEqual([
        { BatchInput: { x: 9 }, Items: [1, 2] },
        { BatchInput: { x: 9 }, Items: [3] },
      ]);
      expect((await store.mapRuns(arn))[0]).toMatchObject({
        items: { total: 3, succeeded: 3 },
        executions: { total: 2, succeeded: 2 },
      });
    });

    it('takes its numbers from the input', async () => {
      use({ functions: { work: (event) => (JSON.stringify(event).includes('bad') ? failed('Boom', 'why') : event) } });
      const batcher = { MaxItemsPerBatchPath: '$.most', MaxInputBytesPerBatchPath: '$.bytes' };
      const definition = (field: 'ToleratedFailureCountPath' | 'ToleratedFailurePercentagePath'): Json =>
        sequence({
          Each: mapOf(
            type,
            { Work: call('work') },
            { ItemsPath: '$.items', ItemBatcher: batcher, [field]: '$.tolerated' },
          ),
        });
      const input = { items: ['a', 'b', 'c', 'bad', 'dddddddddd', 'e'], most: 2, bytes: 26 };
      const arn = await begin(definition('ToleratedFailureCountPath'), { ...input, tolerated: 2 });
      expect(await outputOf(arn)).toEqual([
        { Items: ['a', 'b'] },
        expect.objectContaining({ Error: 'Boom', Cause: 'why', Status: 'FAILED', Input: '{"Items":["c","bad"]}' }),
        { Items: ['dddddddddd'] },
        { Items: ['e'] },
      ]);
      await rig.put('m', definition('ToleratedFailurePercentagePath'));
      const again = await rig.start('m', 'again', { ...input, tolerated: 33 });
      await rig.quiet();
      expect(await outputOf(again)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
    });

    it('succeeds with no items at all', async () => {
      expect(await outputOf(await begin(sequence({ Each: mapOf(type, PASS) }), []))).toEqual([]);
    });

    it('fails as soon as one item fails, and stops the others', async () => {
      const work = desk();
      use({ functions: { work: work.play } });
      const arn = await begin(
        sequence({ Each: mapOf(type, { Work: call('work') }, { MaxConcurrency: 2 }) }),
        [1, 2, 3],
      );
      work.open[1]?.answer(failed('Boom', 'why'));
      await rig.quiet();
      expect(await outputOf(arn)).toEqual({
        status: 'FAILED',
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      });
      expect(work.open.length).toBe(2);
      expect(work.open[0]?.request.signal.aborted).toBe(true);
      expect((await store.mapRuns(arn))[0]).toMatchObject({
        status: 'FAILED',
        executions: { total: 3, succeeded: 0, failed: 1, aborted: 1 },
      });
      expect((await historyOf(arn)).map(({ type: kind }) => kind).slice(-4)).toEqual([
        'MapRunStarted',
        'MapRunFailed',
        'MapStateFailed',
        'ExecutionFailed',
      ]);
    });

    it.each([
      [{ ToleratedFailureCount: 1 }, 1, true],
      [{ ToleratedFailureCount: 1 }, 2, false],
      [{ ToleratedFailurePercentage: 50 }, 2, true],
      [{ ToleratedFailurePercentage: 49 }, 2, false],
      [{ ToleratedFailurePercentage: 50, ToleratedFailureCount: 1 }, 2, false],
    ] as const)('tolerates failures: %j with %d of 4', async (tolerated, count, succeeds) => {
      use({ functions: { work: (event) => (Number(event) < count ? failed('Boom', 'why') : event) } });
      const definition = sequence({ Each: mapOf(type, { Work: call('work') }, tolerated) });
      const arn = await begin(definition, [0, 1, 2, 3]);
      const { status, output } = await rig.driver.executions.describe(arn);
      expect(status).toBe(succeeds ? 'SUCCEEDED' : 'FAILED');
      if (succeeds)
        expect(output?.json).toEqual(
          [0, 1, 2, 3].map((n) =>
            n < count ? expect.objectContaining({ Error: 'Boom', Cause: 'why', Input: String(n) }) : n,
          ),
        );
    });

    it('is stopped with its execution', async () => {
      const work = desk();
      use({ functions: { work: work.play } });
      const arn = await begin(sequence({ Each: mapOf(type, { Work: call('work') }) }), [1, 2]);
      await rig.driver.executions.stop({ executionArn: arn });
      await rig.quiet();
      expect(work.open.every(({ request }) => request.signal.aborted)).toBe(true);
      expect((await store.mapRuns(arn))[0]).toMatchObject({ status: 'ABORTED', executions: { aborted: 2 } });
      expect(await store.runningMapRuns()).toEqual([]);
    });
  });

  it('tells its history as AWS does', async () => {
    const arn = await begin(sequence({ Each: mapOf('STANDARD', PASS, { Label: 'Lines' }) }), [1]);
    const events = await historyOf(arn);
    const run = (await store.mapRuns(arn))[0];
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'MapStateEntered'],
      [3, 2, 'MapStateStarted'],
      [4, 3, 'MapRunStarted'],
      [5, 4, 'MapRunSucceeded'],
      [6, 5, 'MapStateSucceeded'],
      [7, 4, 'MapStateExited'],
      [8, 7, 'ExecutionSucceeded'],
    ]);
    expect(events[3]).toMatchObject({ mapRunStartedEventDetails: { mapRunArn: run?.arn } });
    expect(run?.arn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:m\/Lines:[0-9a-f-]{36}$/);
  });

  it('is aborted when a sibling of its Map fails', async () => {
    use({ functions: { boom: () => failed('Boom', 'why'), work: desk().play } });
    const Branches = [
      sequence({ Each: mapOf('STANDARD', { Work: call('work') }, { ItemsPath: '$.items' }) }),
      sequence({ Later: { Type: 'Wait', Seconds: 1 }, Boom: call('boom') }),
    ];
    const arn = await begin(sequence({ Both: { Type: 'Parallel', Branches } }), { items: [1] });
    rig.clock.advance(1000);
    await rig.quiet();
    const kinds = (await historyOf(arn)).map(({ type }) => type);
    expect(kinds.slice(kinds.indexOf('LambdaFunctionFailed'))).toEqual([
      'LambdaFunctionFailed',
      'MapRunAborted',
      'MapStateAborted',
      'TaskStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    const [run] = await store.mapRuns(arn);
    expect(run).toMatchObject({ status: 'ABORTED' });
    expect((await store.list({ mapRunArn: run?.arn ?? '', limit: 10 })).map(({ status }) => status)).toEqual([
      'ABORTED',
    ]);
  });

  it('lists the children of a run, each with its own history', async () => {
    const arn = await begin(sequence({ Each: mapOf('STANDARD', PASS, { Label: 'Lines' }) }), [1, 2]);
    const mapRunArn = (await store.mapRuns(arn))[0]?.arn ?? '';
    const children = await store.list({ mapRunArn, limit: 10 });
    expect(children.map(({ input }) => input.json).sort()).toEqual([1, 2]);
    expect(children[0]?.arn).toMatch(/^arn:aws:states:us-east-1:000000000000:execution:m\/Lines:[0-9a-f-]{36}$/);
    expect(children[0]?.stateMachineArn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:m/Lines');
    expect((await historyOf(children[0]?.arn ?? '')).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(
      (
        await store.list({
          stateMachineArn: `${runArn('m', '').replace(':execution:', ':stateMachine:').slice(0, -1)}`,
          limit: 10,
        })
      ).map((each) => each.arn),
    ).toEqual([arn]);
  });

  it('counts a child whose history is full as failed in each redrive, and lets it not run again', async () => {
    use({ limits: 'aws', functions: { work: () => failed('Boom', 'why') } });
    const states = {
      Which: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 0, Next: 'Round' }], Default: 'Work' },
      Round: { Type: 'Pass', Next: 'Round' },
      Work: call('work'),
    };
    const each = mapOf('STANDARD', {}, { ItemProcessor: { ...PROCESSOR, StartAt: 'Which', States: states } });
    const arn = await begin(
      sequence({ Each: { ...(each as Fields), MaxConcurrency: 1, ToleratedFailureCount: 1 } }),
      [0, 1],
    );
    for (const redriveCount of [0, 1]) {
      const [run] = await store.mapRuns(arn);
      const failures = { items: { failed: 2 }, notRedrivable: { items: 1, executions: 1 } };
      expect(run).toMatchObject({ status: 'FAILED', redriveCount, ...failures });
      const [full] = await store
        .list({ mapRunArn: run?.arn ?? '', limit: 2 })
        .then((found) => found.filter(({ input }) => input.json === 0));
      expect(full).toMatchObject({ status: 'FAILED', lastEventId: 25_000 });
      expect(rig.calls).toHaveLength(redriveCount + 1);
      await rig.driver.executions.redrive({ executionArn: arn });
      await rig.quiet();
      expect(rig.fatal).toEqual([]);
    }
  });

  it.each([
    ['aws', 999, 'States.ExceedToleratedFailureThreshold'],
    ['aws', 1000, 'States.Runtime'],
    ['local', 1000, 'States.ExceedToleratedFailureThreshold'],
  ] as const)(
    'is redriven 1,000 times with the limits of AWS: limits %s, redriven %d times before: %s',
    async (limits, redrives, error) => {
      const often = ({ waiting, ...frame }: Frame): Frame => {
        if (waiting.kind !== 'failed' || waiting.was.kind !== 'mapRun') return { ...frame, waiting };
        return { ...frame, waiting: { ...waiting, was: { ...waiting.was, redrives } } };
      };
      const load: Store['load'] = async (arn) => {
        const loaded = await store.load(arn);
        return loaded && { ...loaded, frames: new Map([...loaded.frames].map(([id, frame]) => [id, often(frame)])) };
      };
      const between = (real: Store): Store =>
        new Proxy(real, { get: (target, name) => (name === 'load' ? load : Reflect.get(target, name)) });
      use({ limits, between, functions: { work: () => failed('Boom', 'why') } });
      const arn = await begin(sequence({ Each: mapOf('EXPRESS', { Work: call('work') }) }), [1]);
      await rig.driver.executions.redrive({ executionArn: arn });
      await rig.quiet();
      expect(await outputOf(arn)).toMatchObject({ status: 'FAILED', error });
      expect(rig.calls).toHaveLength(error === 'States.Runtime' ? 1 : 2);
    },
  );

  it('begins another run when the results could not be the output of the Map', async () => {
    let large = true;
    use({ limits: 'aws', functions: { work: () => (large ? 'x'.repeat(140_000) : 'y') } });
    const arn = await begin(sequence({ Each: mapOf('EXPRESS', { Work: call('work') }) }), [1, 2]);
    expect(await outputOf(arn)).toMatchObject({ error: 'States.DataLimitExceeded' });
    large = false;
    await rig.driver.executions.redrive({ executionArn: arn });
    await rig.quiet();
    expect(await outputOf(arn)).toEqual(['y', 'y']);
    expect((await store.mapRuns(arn)).map(({ redriveCount }) => redriveCount)).toEqual([0, 0]);
  });

  it('runs only what did not succeed when its execution is redriven', async () => {
    let broken = true;
    const seen: Json[] = [];
    use({
      functions: {
        work: (event) => {
          seen.push(event);
          return broken && Number(event) % 2 === 1 ? failed('Boom', 'why') : event;
        },
      },
    });
    const definition = sequence({ Each: mapOf('STANDARD', { Work: call('work') }, { ToleratedFailureCount: 1 }) });
    const arn = await begin(definition, [0, 1, 2, 3, 4]);
    expect((await rig.driver.executions.describe(arn)).status).toBe('FAILED');
    broken = false;
    seen.length = 0;
    await rig.driver.executions.redrive({ executionArn: arn });
    await rig.quiet();
    expect(await outputOf(arn)).toEqual([0, 1, 2, 3, 4]);
    expect((await historyOf(arn)).find((event) => event.type === 'MapRunRedriven')).toMatchObject({
      mapRunRedrivenEventDetails: { redriveCount: 1 },
    });
    expect(seen).toContain(1);
    expect(seen).not.toContain(0);
    expect((await store.mapRuns(arn))[0]).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      executions: { total: 5, succeeded: 5, failed: 0, aborted: 0 },
    });
  });
});
