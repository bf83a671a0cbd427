import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import type { Store } from '../ports/store.ts';
import {
  around,
  call,
  createRig,
  desk,
  failed,
  machineArn,
  MEDIA,
  type Medium,
  type Rig,
  type RigOptions,
  runArn,
  sequence,
  silent,
  startOf,
} from './driver.fixture.ts';

const child = sequence({ Work: call('work') });

describe.each(Object.entries(MEDIA))('executions that tasks start, with the %s store', (_, makeMedium) => {
  let medium: Medium;
  let store: Store;
  let rig: Rig;
  const use = (options: Omit<RigOptions, 'store'> = {}): Rig => {
    rig = createRig({ store, ...options });
    return rig;
  };
  /** The process is gone, and another begins on what the store kept. */
  const again = async (options: Omit<RigOptions, 'store'> = {}): Promise<Rig> => {
    await store.close();
    store = medium.open();
    return use(options);
  };
  const begin = async (machines: Readonly<Record<string, Json>>, input: Json = {}): Promise<string> => {
    for (const [name, definition] of Object.entries(machines)) await rig.put(name, definition);
    const arn = await rig.start(Object.keys(machines)[0] as string, 'run', input);
    await rig.quiet();
    return arn;
  };
  const children = async () => (await rig.driver.executions.list({ stateMachineArn: machineArn('child') })).executions;
  const onlyChild = async () => {
    const [found, ...others] = await children();
    expect(others).toEqual([]);
    return found as NonNullable<typeof found>;
  };
  const statuses = async () => (await rig.driver.executions.list({})).executions.map(({ status }) => status);
  beforeEach(() => {
    medium = makeMedium();
    store = medium.open();
  });
  afterEach(async () => {
    await rig.driver.close();
    await store.close();
    medium.remove();
  });

  it.each([
    ['.sync', '{"n": 1 }', '{"m":2}'],
    ['.sync:2', { n: 1 }, { m: 2 }],
  ] as const)(
    'waits for the child with %s, and gives its input and output in that form',
    async (form, input, output) => {
      const { driver } = use({ functions: { work: () => ({ m: 2 }) } });
      const Parameters = { 'Input.$': '$.text' };
      const arn = await begin(
        { m: sequence({ A: startOf('child', form, { Parameters }) }), child },
        { text: '{"n": 1 }' },
      );
      const ended = await driver.executions.closed(arn);
      const begun = await onlyChild();
      expect(ended.output?.json).toEqual({
        ExecutionArn: begun.arn,
        Input: input,
        InputDetails: { Included: true },
        Name: begun.name,
        Output: output,
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'NOT_REDRIVABLE',
        RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        StartDate: begun.startedAt,
        StateMachineArn: machineArn('child'),
        Status: 'SUCCEEDED',
        StopDate: begun.stoppedAt,
      });
      const { events } = await driver.executions.history({ executionArn: arn });
      expect(events.filter(({ type }) => type.startsWith('Task')).map(({ type }) => type)).toEqual([
        'TaskStateEntered',
        'TaskScheduled',
        'TaskStarted',
        'TaskSubmitted',
        'TaskSucceeded',
        'TaskStateExited',
      ]);
      expect(await store.outbox()).toEqual([]);
    },
  );

  it('does not wait for the child without .sync', async () => {
    const { driver } = use({ functions: { work: silent } });
    const arn = await begin({ m: sequence({ A: startOf('child', '') }), child });
    const ended = await driver.executions.closed(arn);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    const begun = await onlyChild();
    expect(ended.output?.json).toMatchObject({ ExecutionArn: begun.arn, StartDate: begun.startedAt });
    expect(begun).toMatchObject({ status: 'RUNNING', origin: null });
  });

  const endings: readonly [string, Json, (begun: string) => Promise<unknown>, JsonObject][] = [
    ['fails', child, async () => {}, { Error: 'Broken', Cause: 'for good', Status: 'FAILED' }],
    [
      'is stopped',
      sequence({ Wait: { Type: 'Wait', Seconds: 9 } }),
      (executionArn) => rig.driver.executions.stop({ executionArn, error: 'Enough', cause: 'It is late' }),
      { Error: 'Enough', Cause: 'It is late', Status: 'ABORTED' },
    ],
    [
      'takes too long',
      sequence({ Wait: { Type: 'Wait', Seconds: 9 } }, { TimeoutSeconds: 5 }),
      () => rig.run(),
      { Status: 'TIMED_OUT' },
    ],
  ];
  it.each(endings)('fails with the account of a child that %s', async (_name, machine, end, account) => {
    const { driver, quiet } = use({ functions: { work: () => failed('Broken', 'for good') } });
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync:2') }), child: machine }, { n: 1 });
    await end((await onlyChild()).arn);
    await quiet();
    const begun = await onlyChild();
    const ended = await driver.executions.closed(arn);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(ended.cause ?? '')).toEqual({
      ...account,
      ExecutionArn: begun.arn,
      Input: '{"n":1}',
      InputDetails: { Included: true },
      Name: begun.name,
      RedriveCount: 0,
      RedriveStatus: 'REDRIVABLE',
      StartDate: begun.startedAt,
      StateMachineArn: machineArn('child'),
      StopDate: begun.stoppedAt,
    });
  });

  it('starts another child for another try', async () => {
    let tries = 0;
    const { driver, run } = use({ functions: { work: () => (++tries < 3 ? failed('Broken') : 'done') } });
    const Retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 5 }];
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync:2', { Retry }) }), child });
    await run();
    expect(await driver.executions.closed(arn)).toMatchObject({ status: 'SUCCEEDED' });
    const all = await children();
    expect(all.map(({ status }) => status).sort()).toEqual(['FAILED', 'FAILED', 'SUCCEEDED']);
    expect(new Set(all.map(({ name }) => name)).size).toBe(3);
  });

  it.each([
    ['States.Runtime', { Parameters: { Tags: [] } }, /The field 'Tags' is not supported/],
    ['States.Runtime', { Parameters: { Name: 7 } }, /'Name' must be a string/],
    [
      'StepFunctions.StateMachineDoesNotExistException',
      { Parameters: { StateMachineArn: machineArn('nobody') } },
      /nobody/,
    ],
    ['StepFunctions.InvalidNameException', { Parameters: { Name: 'a b' } }, /Invalid Name: 'a b'/],
  ])('fails with %s for %j', async (error, rest, cause) => {
    const { driver } = use();
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync:2', rest) }), child });
    const ended = await driver.executions.closed(arn);
    expect(ended).toMatchObject({ status: 'FAILED', error });
    expect(ended.cause).toMatch(cause);
    expect(await children()).toEqual([]);
  });

  it('stops the children of what is stopped, all the way down', async () => {
    const work = desk();
    const { driver, quiet, calls } = use({ functions: { work: work.play } });
    const middle = sequence({ B: startOf('child', '.sync') });
    const arn = await begin({ m: sequence({ A: startOf('middle', '.sync:2') }), middle, child });
    expect(work.open).toHaveLength(1);
    await driver.executions.stop({ executionArn: arn });
    await quiet();
    expect(await statuses()).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    expect(calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect(driver.counts().running).toBe(0);
    expect(await store.outbox()).toEqual([]);
  });

  it('stops the child of a task that takes too long', async () => {
    const { driver, run } = use({ functions: { work: silent } });
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync', { TimeoutSeconds: 5 }) }), child });
    await run();
    expect(await driver.executions.closed(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(await onlyChild()).toMatchObject({ status: 'ABORTED' });
  });

  it('stops a child that was being started when its parent was stopped', async () => {
    const gate = Promise.withResolvers<void>();
    const { driver, quiet } = use({
      functions: { work: silent },
      between: (inner) =>
        around(inner, async (event, go) => {
          if (event.kind === 'create' && event.commit.execution.origin) await gate.promise;
          return go();
        }),
    });
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync:2') }), child });
    await driver.executions.stop({ executionArn: arn });
    gate.resolve();
    await quiet();
    expect(await statuses()).toEqual(['ABORTED', 'ABORTED']);
    expect(driver.counts().running).toBe(0);
  });

  it('does not begin a task that its own step has given up: no child is left behind', async () => {
    const { driver, quiet, calls } = use({ functions: { work: silent } });
    const both = {
      Type: 'Parallel',
      Branches: [
        sequence({ A: startOf('child', '.sync:2') }),
        { StartAt: 'B', States: { B: { Type: 'Fail', Error: 'No' } } },
      ],
    };
    const arn = await begin({ m: sequence({ Both: both }), child });
    expect(await driver.executions.closed(arn)).toMatchObject({ status: 'FAILED', error: 'No' });
    await quiet();
    expect(calls).toEqual([]);
    expect(await children()).toEqual([]);
  });

  it('stops an orphan: the engine had ended between the stop of the parent and that of the child', async () => {
    let stopped = false;
    const { driver } = use({
      functions: { work: silent },
      between: (inner) =>
        around(inner, (event, go) => {
          if (stopped) return new Promise(() => {});
          if (event.kind === 'commit' && event.commit.execution.status === 'ABORTED') stopped = true;
          return go();
        }),
    });
    const middle = sequence({ B: startOf('child', '.sync') });
    const arn = await begin({ m: sequence({ A: startOf('middle', '.sync:2') }), middle, child });
    void driver.executions.stop({ executionArn: arn });
    await rig.quiet();
    await again({ functions: { work: silent } });
    expect((await statuses()).sort()).toEqual(['ABORTED', 'RUNNING', 'RUNNING']);
    expect(await rig.driver.recover()).toBe(2);
    await rig.quiet();
    expect(await statuses()).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    expect(rig.calls).toEqual([]);
    expect(await store.outbox()).toEqual([]);
    expect(await rig.driver.recover()).toBe(0);
  });

  it('keeps the message of a child that ends while the engine is closed', async () => {
    const work = desk();
    let told = Promise.withResolvers<void>();
    use({
      functions: { work: work.play },
      onClosed: async (origin, execution, { tell }) => {
        await told.promise;
        await tell(origin, execution);
      },
    });
    const arn = await begin({ m: sequence({ A: startOf('child', '.sync:2') }), child });
    work.open[0]?.answer('done');
    await rig.quiet();
    await rig.driver.close();
    told.resolve();
    await rig.quiet();
    expect(await store.outbox()).toHaveLength(1);
    await again();
    await rig.driver.recover();
    expect(await rig.driver.executions.closed(arn)).toMatchObject({ status: 'SUCCEEDED' });
    await rig.driver.told();
    expect(await store.outbox()).toEqual([]);
  });

  it('keeps a message until what made it needless is durable', async () => {
    const work = desk();
    let held: (() => void)[] | undefined;
    use({
      functions: { work: work.play },
      between: (inner) =>
        around(inner, async (event, go) => {
          if (held && event.kind === 'commit' && event.commit.execution.arn === runArn('m', 'run'))
            await new Promise<void>((release) => held?.push(release));
          return go();
        }),
    });
    // Branch B gives up branch A, and while that is being written A's child ends.
    const both = {
      Type: 'Parallel',
      Branches: [sequence({ A: startOf('child', '.sync:2') }), sequence({ B: call('work') })],
    };
    await begin({ m: sequence({ Both: both }), child });
    const [first, second] = work.open;
    const [own, childs] = first?.request.stateName === 'B' ? [first, second] : [second, first];
    held = [];
    own?.answer(failed('No'));
    await rig.quiet();
    expect(held).toHaveLength(1);
    childs?.answer('done');
    await rig.quiet();
    expect(await onlyChild()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await store.outbox()).toHaveLength(1);
    held[0]?.();
    await rig.quiet();
    expect(await store.outbox()).toEqual([]);
  });
});
