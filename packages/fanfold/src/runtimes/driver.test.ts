import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { Store } from '../ports/store.ts';
import {
  call,
  createRig,
  desk,
  failed,
  type Medium,
  machineArn,
  type Rig,
  type RigOptions,
  runArn,
  STORES,
  sequence,
  silent,
} from './driver.fixture.ts';

const hello: Json = { StartAt: 'Say', States: { Say: { Type: 'Pass', Result: 'hello', End: true } } };
const endless: Json = {
  StartAt: 'A',
  States: {
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'End' }], Default: 'A' },
    End: { Type: 'Succeed' },
  },
};
const waiting: Json = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } };

describe.each(Object.entries(STORES))('the driver on the %s store', (_, makeMedium) => {
  let medium: Medium;
  let store: Store;
  let rig: Rig;
  const use = (options: Omit<RigOptions, 'store'> = {}): Rig => {
    rig = createRig({ store, ...options });
    return rig;
  };
  beforeEach(() => {
    medium = makeMedium();
    store = medium.open();
  });
  afterEach(async () => {
    await rig.driver.close();
    await store.close();
    medium.remove();
  });

  it('runs only so many executions at once', async () => {
    const { put, start, run } = use({ mostOpen: 2 });
    await put('waiting', waiting);
    await put('hello', hello);
    const arn = await start('waiting', 'one');
    await start('waiting', 'two');
    await expect(start('hello', 'three')).rejects.toMatchObject({
      code: 'ExecutionLimitExceeded',
      message: expect.stringContaining('(2)'),
    });
    await run();
    expect(await rig.driver.executions.closed(arn)).toMatchObject({ status: 'SUCCEEDED' });
    await start('hello', 'three');
  });

  it('starts, describes, tells the history of, and waits for an execution', async () => {
    const { driver, put, start } = use();
    await put('hello', hello);
    const arn = await start('hello', 'one', { a: 1 });
    expect(arn).toBe(runArn('hello', 'one'));
    const ended = await driver.executions.closed(arn);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', name: 'one', stateMachineArn: machineArn('hello') });
    expect(ended.output?.json).toBe('hello');
    expect((await driver.executions.describe(arn)).input.json).toEqual({ a: 1 });
    const { events, next } = await driver.executions.history({ executionArn: arn });
    expect(events.map(({ id, type }) => [id, type])).toEqual([
      [1, 'ExecutionStarted'],
      [2, 'PassStateEntered'],
      [3, 'PassStateExited'],
      [4, 'ExecutionSucceeded'],
    ]);
    expect(next).toBeUndefined();
    expect(driver.counts()).toEqual({ running: 0, transitions: 1, tasks: 0 });
  });

  it('gives the history in pages, in both directions, and without data when asked', async () => {
    const { driver, put, start } = use();
    await put('hello', hello);
    const executionArn = await start('hello', 'one');
    const first = await driver.executions.history({ executionArn, limit: 3, includeData: false });
    expect(first.events.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(first.events[2]?.stateExitedEventDetails).toEqual({ name: 'Say', outputDetails: { truncated: false } });
    const rest = await driver.executions.history({ executionArn, limit: 3, after: first.next as number });
    expect(rest).toMatchObject({ events: [{ id: 4 }] });
    expect(rest.next).toBeUndefined();
    const back = await driver.executions.history({ executionArn, limit: 2, reverse: true });
    expect(back).toMatchObject({ events: [{ id: 4 }, { id: 3 }], next: 3 });
    const exact = await driver.executions.history({ executionArn, limit: 4 });
    expect(exact.next).toBeUndefined();
  });

  it('lists executions newest first, in pages, by state machine and status', async () => {
    const { driver, put, start, clock } = use();
    await put('hello', hello);
    await put('waiting', waiting);
    for (const name of ['a', 'b', 'c']) {
      await start('hello', name);
      clock.advance(1);
    }
    await start('waiting', 'd');
    const { executions } = driver;
    const names = async (params: Parameters<typeof executions.list>[0]) => {
      const page = await executions.list(params);
      return { names: page.executions.map(({ name }) => name), next: page.next };
    };
    expect(await names({})).toEqual({ names: ['d', 'c', 'b', 'a'], next: undefined });
    expect(await names({ limit: 3 })).toEqual({ names: ['d', 'c', 'b'], next: runArn('hello', 'b') });
    expect(await names({ limit: 3, after: runArn('hello', 'b') })).toEqual({ names: ['a'], next: undefined });
    expect(await names({ status: 'RUNNING' })).toEqual({ names: ['d'], next: undefined });
    expect(await names({ stateMachineArn: machineArn('hello'), limit: 3 })).toEqual({
      names: ['c', 'b', 'a'],
      next: undefined,
    });
  });

  it('takes the same start twice as one while it runs', async () => {
    const { driver, put, start, calls, quiet } = use({ functions: { work: silent } });
    await put('m', { StartAt: 'Work', States: { Work: call('work') } });
    const params = { stateMachineArn: machineArn('m'), name: 'one', input: '{"a": 1}' };
    const both = await Promise.all([driver.executions.start(params), driver.executions.start(params)]);
    expect(both.map(({ existing }) => existing)).toEqual([false, true]);
    expect(await driver.executions.start(params)).toEqual({ ...both[0], existing: true });
    await quiet();
    expect(calls).toHaveLength(1);
    expect(driver.counts().running).toBe(1);
    await expect(start('m', 'one', { a: 2 })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await driver.executions.stop({ executionArn: runArn('m', 'one') });
    await expect(driver.executions.start(params)).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });

  it('gives an execution without a name a UUID, and no input is {}', async () => {
    const { driver, put } = use();
    await put('hello', hello);
    const { executionArn } = await driver.executions.start({ stateMachineArn: machineArn('hello') });
    expect(executionArn).toMatch(/:execution:hello:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect((await driver.executions.describe(executionArn)).input.text).toBe('{}');
  });

  it('refuses what cannot be started, and what is not there', async () => {
    const { driver, put } = use();
    await put('hello', hello);
    const { executions } = driver;
    const stateMachineArn = machineArn('hello');
    const refused = (work: Promise<unknown>, code: string) =>
      expect(work).rejects.toMatchObject({ name: 'ServiceError', code });
    for (const name of ['', 'a b', 'a/b', 'a:b', 'a\u0000', 'x'.repeat(81)])
      await refused(executions.start({ stateMachineArn, name }), 'InvalidName');
    for (const input of ['', '{', 'undefined', "{'a': 1}"])
      await refused(executions.start({ stateMachineArn, input }), 'InvalidExecutionInput');
    await refused(executions.start({ stateMachineArn: machineArn('nobody') }), 'StateMachineDoesNotExist');
    const executionArn = runArn('hello', 'nobody');
    await refused(executions.describe(executionArn), 'ExecutionDoesNotExist');
    await refused(executions.closed(executionArn), 'ExecutionDoesNotExist');
    await refused(executions.history({ executionArn }), 'ExecutionDoesNotExist');
    await refused(executions.stop({ executionArn }), 'ExecutionDoesNotExist');
    expect((await executions.list({})).executions).toEqual([]);
  });

  it('aborts a task that takes too long, and drops what it brings late', async () => {
    const work = desk();
    const { put, start, clock, quiet, driver } = use({ functions: { work: work.play } });
    const Catch = [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }];
    await put('m', {
      StartAt: 'Work',
      States: {
        Work: call('work', { TimeoutSeconds: 5, Catch, End: true }),
        Late: { Type: 'Wait', Seconds: 10, End: true },
      },
    });
    const executionArn = await start('m', 'one');
    await quiet();
    const [request] = work.open;
    clock.advance(4_999);
    await quiet();
    expect(request?.request.signal.aborted).toBe(false);
    clock.advance(1);
    await quiet();
    expect(request?.request.signal.aborted).toBe(true);
    const before = await driver.executions.history({ executionArn });
    request?.answer('late');
    await quiet();
    expect(await driver.executions.history({ executionArn })).toEqual(before);
    clock.advance(10_000);
    const ended = await driver.executions.closed(executionArn);
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.output?.json).toMatchObject({ Error: 'States.Timeout' });
  });

  it('applies an outcome once: late and repeated ones change nothing (I3)', async () => {
    const work = desk();
    const { put, start, quiet, driver, calls } = use({ functions: { work: work.play, next: silent } });
    const Retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 1 }];
    await put('m', sequence({ Work: call('work', { Retry }), Next: call('next') }));
    const executionArn = await start('m', 'one');
    await quiet();
    work.open[0]?.answer(failed('Again'));
    await quiet();
    const [first] = calls;
    const { settle } = driver.outcomes;
    const outcome = { kind: 'succeeded', output: (first as NonNullable<typeof first>).parameters } as const;
    const stale = (first as NonNullable<typeof first>).task;
    const before = await driver.executions.history({ executionArn });
    await settle(stale, outcome);
    await settle({ ...stale, attempt: stale.attempt + 7 }, outcome);
    await settle({ ...stale, frame: '0/1.0' }, outcome);
    await settle({ ...stale, executionArn: runArn('m', 'nobody') }, outcome);
    expect(await driver.executions.history({ executionArn })).toEqual(before);
    rig.clock.advance(1_000);
    await quiet();
    const again = calls[1]?.task as typeof stale;
    await Promise.all([settle(again, outcome), settle(again, outcome)]);
    work.open[1]?.answer('too late');
    await quiet();
    const { events } = await driver.executions.history({ executionArn });
    expect(events.filter(({ type }) => type === 'LambdaFunctionSucceeded')).toHaveLength(1);
    expect(calls.map(({ stateName }) => stateName)).toEqual(['Work', 'Work', 'Next']);
    expect(calls[0]?.idempotencyKey).toBe(calls[1]?.idempotencyKey);
  });

  it('stops an execution: its task is aborted, and nothing more happens', async () => {
    const work = desk();
    const { put, start, quiet, driver, clock } = use({ functions: { work: work.play } });
    await put('m', sequence({ Work: call('work', { TimeoutSeconds: 99 }) }, { TimeoutSeconds: 999 }));
    const executionArn = await start('m', 'one');
    await quiet();
    const closed = driver.executions.closed(executionArn);
    clock.advance(10);
    const stoppedAt = await driver.executions.stop({ executionArn, error: 'Enough', cause: 'It is late' });
    expect(stoppedAt).toEqual(new Date(clock.now()));
    expect(await closed).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'It is late' });
    expect(work.open[0]?.request.signal.aborted).toBe(true);
    expect(clock.due()).toEqual([]);
    const before = await driver.executions.history({ executionArn });
    clock.advance(10);
    expect(await driver.executions.stop({ executionArn, error: 'Again' })).toEqual(stoppedAt);
    work.open[0]?.answer('late');
    await quiet();
    expect(await driver.executions.history({ executionArn })).toEqual(before);
    expect(await driver.executions.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
  });

  it('does not let an endless loop keep the others waiting', async () => {
    const { put, start, driver, quiet, clock } = use({ functions: { work: () => 'done' } });
    await put('endless', endless);
    await put('m', sequence({ Work: call('work'), Wait: { Type: 'Wait', Seconds: 1 }, More: call('work') }));
    const loop = await start('endless', 'loop');
    // The loop gets a turn whenever somebody else had one, and never ends by itself.
    const other = await start('m', 'one');
    let ended = false;
    const closed = driver.executions.closed(other).then((execution) => {
      ended = true;
      return execution;
    });
    for (let turns = 0; !ended && turns < 50; turns++) {
      clock.turn();
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    expect((await closed).status).toBe('SUCCEEDED');
    expect((await driver.executions.describe(loop)).transitions).toBeGreaterThan(256);
    await driver.executions.stop({ executionArn: loop });
    await quiet();
    expect(driver.counts().running).toBe(0);
  });

  it('lets go of what has ended: no timer stays, whatever it had waited for', async () => {
    const { put, start, driver, clock, run } = use({
      functions: { work: () => 'done', broken: () => failed('Broken') },
    });
    await put('m', {
      StartAt: 'Both',
      TimeoutSeconds: 1_000,
      States: {
        Both: {
          Type: 'Parallel',
          End: true,
          Branches: [
            sequence({ Wait: { Type: 'Wait', Seconds: 500 } }),
            sequence({ Work: call('work', { TimeoutSeconds: 700 }), Broken: call('broken', { TimeoutSeconds: 800 }) }),
          ],
        },
      },
    });
    const arn = await start('m', 'one');
    expect(await driver.executions.closed(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(clock.due()).toEqual([]);
    await run();
    expect(driver.counts()).toMatchObject({ running: 0, tasks: 2 });
  });
});
