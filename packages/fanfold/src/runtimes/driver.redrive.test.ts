import { describe, expect, it } from 'vitest';
import type { Origin } from '../interpreter/execution.ts';
import type { Json } from '../json.ts';
import { ServiceError } from '../ports/service-error.ts';
import {
  around,
  call,
  createRig,
  desk,
  failed,
  machineArn,
  MEDIA,
  type Rig,
  type RigOptions,
  runArn,
  sequence,
  startOf,
  STORES,
  testClock,
} from './driver.fixture.ts';
import { createMemoryStore } from './memory/store.ts';

const addOne = (event: Json): Json => ({ n: (event as { n: number }).n + 1 });

/** A function that fails until it is mended. */
function breakable(): { mended: boolean; readonly play: NonNullable<RigOptions['functions']>[string] } {
  const state = {
    mended: false,
    play: (event: Json) => (state.mended ? addOne(event) : failed('Broken', 'not mended')),
  };
  return state;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ServiceError);
  return `${(error as ServiceError).code}: ${(error as ServiceError).message}`;
}

const names = (rig: Rig): string[] => rig.calls.map(({ stateName }) => stateName);

describe.each(Object.entries(STORES))('redrive with the %s store', (_, makeMedium) => {
  it('goes on at the failed state, with all that succeeded kept', async () => {
    const medium = makeMedium();
    const work = breakable();
    const rig = createRig({ store: medium.open(), functions: { add: addOne, work: work.play } });
    const { executions } = rig.driver;
    await rig.put(
      'm',
      sequence({
        A: call('add'),
        Both: {
          Type: 'Parallel',
          Branches: [sequence({ B: call('add') }), sequence({ C: call('add'), D: call('work') })],
          ResultSelector: { 'n.$': 'States.MathAdd($[0].n, $[1].n)' },
        },
        E: call('add'),
      }),
    );
    const executionArn = await rig.start('m', 'run', { n: 1 });
    expect((await executions.closed(executionArn)).status).toBe('FAILED');
    await rig.quiet();
    const before = names(rig);
    work.mended = true;
    rig.clock.advance(1000);
    const redriveDate = await executions.redrive({ executionArn });
    expect(redriveDate).toEqual(new Date(rig.clock.now()));
    const ended = await executions.closed(executionArn);
    expect([ended.status, ended.output?.json]).toEqual(['SUCCEEDED', { n: 8 }]);
    expect(ended.redrive).toMatchObject({ count: 1, at: Number(redriveDate), alone: false });
    expect(names(rig).slice(before.length)).toEqual(['D', 'E']);
    expect(await rig.driver.executions.list({ status: 'FAILED' })).toEqual({ executions: [] });
    medium.remove();
  });
});

describe.each(Object.entries(MEDIA))('redrive in another process, with the %s store', (_, makeMedium) => {
  it('goes on with what the first left', async () => {
    const medium = makeMedium();
    const work = breakable();
    const functions = { add: addOne, work: work.play };
    const first = createRig({ store: medium.open(), functions });
    await first.put('m', sequence({ A: call('add'), B: call('work') }));
    const executionArn = await first.start('m', 'run', { n: 1 });
    await first.driver.executions.closed(executionArn);
    await first.quiet();
    await first.driver.close();

    work.mended = true;
    const second = createRig({ store: medium.open(), functions, clock: testClock(first.clock.now()) });
    await second.driver.recover();
    await second.driver.executions.redrive({ executionArn });
    expect((await second.driver.executions.closed(executionArn)).output?.json).toEqual({ n: 3 });
    expect(names(second)).toEqual(['B']);
    medium.remove();
  });
});

describe('redrive', () => {
  const open = async (definition: Json, rest: Partial<RigOptions> = {}): Promise<Rig> => {
    const rig = createRig({ store: createMemoryStore(), ...rest });
    await rig.put('m', definition);
    return rig;
  };

  it('is refused while an execution runs, when it has succeeded, and when there is none', async () => {
    const work = desk();
    const rig = await open(sequence({ A: call('work') }), { functions: { work: work.play } });
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run');
    await rig.quiet();
    const running = 'ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven';
    expect(await refusal(executions.redrive({ executionArn }))).toBe(running);
    work.open[0]?.answer('done');
    await executions.closed(executionArn);
    const succeeded = 'ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven';
    expect(await refusal(executions.redrive({ executionArn }))).toBe(succeeded);
    const missing = runArn('m', 'nobody');
    expect(await refusal(executions.redrive({ executionArn: missing }))).toBe(
      `ExecutionDoesNotExist: Execution Does Not Exist: '${missing}'`,
    );
  });

  it('is refused when the state machine is gone', async () => {
    const rig = await open({ StartAt: 'F', States: { F: { Type: 'Fail' } } });
    const executionArn = await rig.start('m', 'run');
    await rig.driver.executions.closed(executionArn);
    await rig.machines.remove(machineArn('m'));
    expect(await refusal(rig.driver.executions.redrive({ executionArn }))).toBe(
      'ExecutionNotRedrivable: State machine is in DELETING status',
    );
  });

  it('happens once for one client token, and once of two requests at the same time', async () => {
    const work = breakable();
    const rig = await open(sequence({ A: call('work') }), { functions: { work: work.play } });
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run', { n: 1 });
    await executions.closed(executionArn);
    const both = await Promise.all([1, 2].map(() => executions.redrive({ executionArn, clientToken: 'once' })));
    expect(both[0]).toEqual(both[1]);
    expect((await executions.closed(executionArn)).redrive?.count).toBe(1);

    const held = desk();
    const slow = await open(sequence({ A: call('work') }), { functions: { work: held.play } });
    const other = await slow.start('m', 'run');
    await slow.quiet();
    held.open[0]?.answer(failed('Broken'));
    await slow.driver.executions.closed(other);
    const settled = await Promise.allSettled([1, 2].map(() => slow.driver.executions.redrive({ executionArn: other })));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await slow.driver.executions.describe(other)).redrive?.count).toBe(1);
  });

  it('lets a stopped execution go on, and its old outcomes change nothing (I3)', async () => {
    const work = desk();
    const rig = await open(sequence({ A: call('work') }), { functions: { work: work.play } });
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run');
    await rig.quiet();
    await executions.stop({ executionArn });
    await executions.redrive({ executionArn });
    await rig.quiet();
    work.open[0]?.answer('late');
    await rig.quiet();
    expect((await executions.describe(executionArn)).status).toBe('RUNNING');
    work.open[1]?.answer('right');
    expect((await executions.closed(executionArn)).output?.json).toBe('right');
  });

  it('can be stopped again', async () => {
    const work = desk();
    const rig = await open(sequence({ A: call('work') }), { functions: { work: work.play } });
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run');
    await executions.stop({ executionArn });
    await executions.redrive({ executionArn });
    await executions.stop({ executionArn, error: 'Enough' });
    expect(await executions.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
    expect(rig.driver.counts().running).toBe(0);
  });

  it('takes a corrected definition, and shows each event by the definition that held then', async () => {
    const before = sequence({ A: call('add'), B: call('broken') });
    const rig = await open(before, { functions: { add: addOne } });
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run', { n: 1 });
    await executions.closed(executionArn);
    const definition = JSON.stringify(sequence({ A: call('add'), B: call('add'), C: call('add') }));
    await executions.redrive({ executionArn, definition });
    expect((await executions.closed(executionArn)).output?.json).toEqual({ n: 4 });
    const { events } = await executions.history({ executionArn });
    const resources = events.flatMap(({ lambdaFunctionScheduledEventDetails: details }) => details?.resource ?? []);
    const last = (resource: Json): string => String(resource).replace(/.*:/, '');
    expect(resources.map(last)).toEqual(['add', 'broken', 'add', 'add']);
    expect((await rig.machines.describeForExecution(executionArn)).definitionText).toBe(definition);
    expect((await rig.machines.describe(machineArn('m'))).definitionText).toBe(JSON.stringify(before));
  });

  it('refuses a definition that is none, or has no place for the execution', async () => {
    const rig = await open(sequence({ A: call('broken') }));
    const { executions } = rig.driver;
    const executionArn = await rig.start('m', 'run');
    await executions.closed(executionArn);
    expect(await refusal(executions.redrive({ executionArn, definition: '{}' }))).toMatch(/^InvalidDefinition: /);
    const definition = JSON.stringify(sequence({ Other: call('broken') }));
    expect(await refusal(executions.redrive({ executionArn, definition }))).toBe(
      "ExecutionNotRedrivable: The execution cannot go on with this definition: the state 'A' is missing in the state " +
        'machine. Keep the states in which it stands, or start a new execution.',
    );
    expect((await executions.describe(executionArn)).redrive).toBeUndefined();
  });
});

describe('the redrive of nested executions', () => {
  const nested = async (rest: Partial<RigOptions> = {}): Promise<{ rig: Rig; work: ReturnType<typeof breakable> }> => {
    const work = breakable();
    const functions = { add: addOne, work: work.play };
    const rig = createRig({ store: createMemoryStore(), functions, ...rest });
    await rig.put('m', sequence({ A: startOf('child', '.sync:2', { OutputPath: '$.Output' }), Z: call('add') }));
    await rig.put('child', sequence({ B: call('add'), C: call('work') }));
    return { rig, work };
  };
  const fails = async (rig: Rig): Promise<{ parent: string; child: string }> => {
    const parent = await rig.start('m', 'run', { n: 1 });
    await rig.driver.executions.closed(parent);
    await rig.driver.told();
    const { executions } = await rig.driver.executions.list({ stateMachineArn: machineArn('child') });
    expect(executions.map(({ status }) => status)).toEqual(['FAILED']);
    return { parent, child: executions[0]?.arn as string };
  };

  it('takes the child along, time and again', async () => {
    const { rig, work } = await nested();
    const { executions } = rig.driver;
    const { parent, child } = await fails(rig);
    await executions.redrive({ executionArn: parent });
    expect((await executions.closed(parent)).status).toBe('FAILED');
    work.mended = true;
    await executions.redrive({ executionArn: parent });
    expect(await executions.closed(parent)).toMatchObject({ status: 'SUCCEEDED', redrive: { count: 2 } });
    expect((await executions.describe(parent)).output?.json).toEqual({ n: 4 });
    expect(await executions.describe(child)).toMatchObject({ status: 'SUCCEEDED', redrive: { count: 2 } });
    expect((await executions.list({ stateMachineArn: machineArn('child') })).executions).toHaveLength(1);
    expect(names(rig).filter((name) => name === 'B')).toHaveLength(1);
  });

  it('takes the outcome of a child that was redriven by itself, of which the parent was not told', async () => {
    const { rig, work } = await nested();
    const { executions } = rig.driver;
    const { parent, child } = await fails(rig);
    work.mended = true;
    await executions.redrive({ executionArn: child });
    expect(await executions.closed(child)).toMatchObject({ status: 'SUCCEEDED', redrive: { alone: true } });
    await rig.driver.told();
    expect((await executions.describe(parent)).status).toBe('FAILED');
    const before = names(rig).length;
    await executions.redrive({ executionArn: parent });
    expect((await executions.closed(parent)).output?.json).toEqual({ n: 4 });
    expect(names(rig).slice(before)).toEqual(['A', 'Z']);
  });

  it('starts a new child where the old one had succeeded', async () => {
    const rig = createRig({ store: createMemoryStore(), functions: { add: addOne } });
    await rig.put('m', sequence({ A: startOf('child', '.sync:2', { ResultSelector: { 'x.$': '$.Nothing' } }) }));
    await rig.put('child', sequence({ B: call('add') }));
    const { executions } = rig.driver;
    const parent = await rig.start('m', 'run', { n: 1 });
    expect((await executions.closed(parent)).error).toBe('States.Runtime');
    await executions.redrive({ executionArn: parent });
    await executions.closed(parent);
    expect((await executions.list({ stateMachineArn: machineArn('child') })).executions).toHaveLength(2);
  });

  it('stops the child with the parent, and lets both go on', async () => {
    const work = desk();
    const { rig } = await nested({ functions: { add: addOne, work: work.play } });
    const { executions } = rig.driver;
    const parent = await rig.start('m', 'run', { n: 1 });
    await rig.run(() => work.open.length === 1);
    const stopped = executions.stop({ executionArn: parent });
    // At once, while the child is still being stopped.
    const redriven = stopped.then(() => executions.redrive({ executionArn: parent }));
    await redriven;
    await rig.run(() => work.open.length === 2);
    work.open[1]?.answer({ n: 7 });
    expect((await executions.closed(parent)).output?.json).toEqual({ n: 8 });
    expect((await executions.list({ stateMachineArn: machineArn('child') })).executions).toHaveLength(1);
  });

  it('does not take a child that was redriven by itself for an orphan after a crash', async () => {
    const medium = MEDIA.sqlite();
    const store = medium.open();
    const { rig } = await nested({ store });
    const { child } = await fails(rig);
    const work = desk();
    await rig.driver.close();
    const second = createRig({ store, functions: { work: work.play } });
    await second.driver.recover();
    await second.driver.executions.redrive({ executionArn: child });
    await second.driver.close();
    await store.close();

    const third = createRig({ store: medium.open(), functions: { work: () => 'done' } });
    expect(await third.driver.recover()).toBe(1);
    expect((await third.driver.executions.closed(child)).output?.json).toBe('done');
    await third.driver.close();
    medium.remove();
  });
});

describe('an end that was not told yet', () => {
  it('is told when it comes for good, once', async () => {
    const origin: Origin = { kind: 'object', trigger: 't', bucket: 'b', key: 'k', sequencer: '1' };
    const work = breakable();
    const told: string[] = [];
    let reachable = false;
    const rig = createRig({
      store: createMemoryStore(),
      functions: { work: work.play },
      onClosed: async (_, { status }) => {
        if (!reachable) throw new Error('Nobody is there.');
        told.push(status);
      },
    });
    await rig.put('m', sequence({ A: call('work') }));
    const executionArn = await rig.start('m', 'run', { n: 1 }, { origin });
    await rig.driver.executions.closed(executionArn);
    await rig.driver.told();
    work.mended = true;
    await rig.driver.executions.redrive({ executionArn });
    reachable = true;
    await rig.driver.executions.closed(executionArn);
    await rig.run();
    expect(told).toEqual(['SUCCEEDED']);
  });
});

it('stops an execution that is about to be redriven after that', async () => {
  let hold: Promise<unknown> = Promise.resolve();
  const work = desk();
  const rig = createRig({
    store: createMemoryStore(),
    functions: { work: work.play },
    between: (inner) => around(inner, (asked, go) => (asked.kind === 'commit' ? hold.then(() => go()) : go())),
  });
  const { executions } = rig.driver;
  await rig.put('m', sequence({ A: call('work') }));
  const executionArn = await rig.start('m', 'run');
  await rig.quiet();
  work.open[0]?.answer(failed('No'));
  await executions.closed(executionArn);
  const gate = Promise.withResolvers<void>();
  hold = gate.promise;
  const redriven = executions.redrive({ executionArn });
  await rig.quiet();
  const stopped = executions.stop({ executionArn });
  await rig.quiet();
  gate.resolve();
  await redriven;
  await stopped;
  expect((await executions.describe(executionArn)).status).toBe('ABORTED');
});
