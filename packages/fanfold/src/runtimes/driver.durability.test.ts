import { describe, expect, it } from 'vitest';
import type { Origin } from '../interpreter/execution.ts';
import { Value } from '../interpreter/value.ts';
import type { Store } from '../ports/store.ts';
import {
  around,
  call,
  createRig,
  desk,
  machineArn,
  MEDIA,
  type Rig,
  type RigOptions,
  runArn,
  sequence,
  silent,
  startOf,
  type StoreCall,
  STORES,
  testClock,
} from './driver.fixture.ts';
import { createMemoryStore } from './memory/store.ts';

const origin: Origin = { kind: 'object', trigger: 't', bucket: 'b', key: 'k', sequencer: '1' };

/** Writes that wait for the test to let them through, oldest first. */
function holding(): {
  readonly held: { readonly call: StoreCall; release(): void }[];
  between: (store: Store) => Store;
} {
  const held: { readonly call: StoreCall; release(): void }[] = [];
  return {
    held,
    between: (store) =>
      around(store, async (event, go) => {
        if (event.kind === 'create' || event.kind === 'commit')
          await new Promise<void>((release) => held.push({ call: event, release }));
        return go();
      }),
  };
}

/** A store that fails at each write as long as the disk is full. */
function failing(): { full: boolean; between: (store: Store) => Store } {
  const disk = {
    full: false,
    between: (store: Store) =>
      around(store, async (event, go) => {
        if (disk.full && event.kind !== 'other') throw new Error('The disk is full.');
        return go();
      }),
  };
  return disk;
}

describe.each(Object.entries(STORES))('what the outside is told, with the %s store (I2)', (_, makeMedium) => {
  it('follows the commit that it comes from', async () => {
    const medium = makeMedium();
    const { held, between } = holding();
    const heard: string[] = [];
    const rig = createRig({
      store: medium.open(),
      between,
      functions: {
        work: (event) => {
          heard.push('task');
          return event;
        },
      },
      onClosed: async () => {
        heard.push('onClosed');
      },
    });
    await rig.put('m', sequence({ A: call('work'), Wait: { Type: 'Wait', Seconds: 5 }, B: call('work') }));
    const started = rig.start('m', 'run', {}, { origin }).then((arn) => {
      heard.push('started');
      return arn;
    });
    /** What was heard before and after the next write was let through. */
    const next = async (): Promise<readonly [readonly string[], readonly string[]]> => {
      await rig.quiet();
      const before = heard.splice(0);
      expect(held).toHaveLength(1);
      held.shift()?.release();
      await rig.quiet();
      return [before, heard.splice(0)];
    };
    expect(await next()).toEqual([[], ['task', 'started']]);
    const closed = rig.driver.executions.closed(await started).then(({ status }) => heard.push(status));
    expect(await next()).toEqual([[], []]);
    expect(rig.clock.due()).toEqual([5_000]);
    rig.clock.advance(5_000);
    expect(await next()).toEqual([[], ['task']]);
    expect(await next()).toEqual([[], ['SUCCEEDED', 'onClosed']]);
    await closed;
    expect(held).toEqual([]);
    medium.remove();
  });

  it('stops what is being started, not only what runs already', async () => {
    const medium = makeMedium();
    const told = Promise.withResolvers<void>();
    const between = (store: Store): Store =>
      around(store, async (event, go) => {
        const result = await go();
        // It is durable, and the driver is yet to hear of it.
        if (event.kind === 'create') await told.promise;
        return result;
      });
    const rig = createRig({ store: medium.open(), between, functions: { work: silent } });
    await rig.put('m', sequence({ A: call('work') }));
    const started = rig.start('m', 'run');
    await rig.quiet();
    const stopped = rig.driver.executions.stop({ executionArn: runArn('m', 'run') });
    await rig.quiet();
    told.resolve();
    await Promise.all([started, stopped]);
    expect(await rig.driver.executions.describe(runArn('m', 'run'))).toMatchObject({ status: 'ABORTED' });
    await rig.driver.close();
    medium.remove();
  });

  it('follows the commit of a stop too', async () => {
    const medium = makeMedium();
    const { held, between } = holding();
    const work = desk();
    const rig = createRig({ store: medium.open(), between, functions: { work: work.play } });
    await rig.put('m', sequence({ A: call('work') }));
    const start = rig.start('m', 'run');
    await rig.quiet();
    held.shift()?.release();
    const executionArn = await start;
    await rig.quiet();
    const heard: string[] = [];
    const stops = [1, 2].map((n) =>
      rig.driver.executions.stop({ executionArn }).then(() => heard.push(`stopped ${n}`)),
    );
    await rig.quiet();
    expect([heard, work.open[0]?.request.signal.aborted]).toEqual([[], false]);
    held.shift()?.release();
    await Promise.all(stops);
    expect([heard, work.open[0]?.request.signal.aborted]).toEqual([['stopped 1', 'stopped 2'], true]);
    medium.remove();
  });
});

describe('a store that fails', () => {
  const open = async (rest: Partial<RigOptions> = {}): Promise<{ rig: Rig; disk: ReturnType<typeof failing> }> => {
    const disk = failing();
    const rig = createRig({ store: createMemoryStore(), between: disk.between, ...rest });
    await rig.put('m', sequence({ A: call('work'), B: call('work') }, { TimeoutSeconds: 500 }));
    return { rig, disk };
  };

  it('ends the engine: told once, nothing is performed any more, and who asks or waits gets the error', async () => {
    const work = desk();
    const { rig, disk } = await open({ functions: { work: work.play } });
    const { executions, outcomes } = rig.driver;
    const arns = [await rig.start('m', 'a'), await rig.start('m', 'b')];
    await rig.quiet();
    const closed = Promise.allSettled(arns.map((arn) => executions.closed(arn)));
    disk.full = true;
    for (const open of work.open) open.answer('done');
    await rig.quiet();
    expect(rig.fatal).toEqual([new Error('The disk is full.')]);
    expect((await closed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    disk.full = false;
    const executionArn = arns[0] as string;
    const { task, parameters: output } = rig.calls[0] as (typeof rig.calls)[number];
    await expect(rig.start('m', 'c')).rejects.toThrow('The disk is full.');
    await expect(executions.stop({ executionArn })).rejects.toThrow('The disk is full.');
    await expect(executions.closed(executionArn)).rejects.toThrow('The disk is full.');
    await expect(outcomes.settle(task, { kind: 'succeeded', output })).rejects.toThrow('The disk is full.');
    rig.clock.advance(1_000_000);
    await rig.quiet();
    expect(work.open).toHaveLength(2);
    expect(rig.fatal).toHaveLength(1);
    expect((await executions.describe(executionArn)).status).toBe('RUNNING');
  });

  it.each(['start', 'stop'] as const)('gives the caller of %s the error', async (verb) => {
    const { rig, disk } = await open({ functions: { work: silent } });
    const executionArn = await rig.start('m', 'a');
    disk.full = true;
    const asked = verb === 'start' ? rig.start('m', 'b') : rig.driver.executions.stop({ executionArn });
    await expect(asked).rejects.toThrow('The disk is full.');
    expect(rig.fatal).toHaveLength(1);
  });

  it('ends the engine too when all that fails is to forget a message', async () => {
    const { rig, disk } = await open({
      functions: { work: () => 'done' },
      onClosed: async () => {
        disk.full = true;
      },
    });
    await rig.start('m', 'a', {}, { origin });
    await rig.quiet();
    expect(rig.fatal).toEqual([new Error('The disk is full.')]);
  });
});

describe('the end of an execution', () => {
  const hello = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };

  it('is told again, after a while and at the next start, until it is taken in', async () => {
    const store = createMemoryStore();
    let deaf = true;
    const told: string[] = [];
    const onClosed: RigOptions['onClosed'] = async (to, { name }) => {
      told.push(`${to.kind} ${name}`);
      if (deaf) throw new Error('not now');
    };
    const first = createRig({ store, onClosed });
    await first.put('hello', hello);
    await first.start('hello', 'one', {}, { origin });
    await first.driver.told();
    expect(told).toEqual(['object one']);
    expect(first.logger.lines).toMatchObject([{ level: 'error', fields: { execution: runArn('hello', 'one') } }]);
    for (const pause of [1_000, 2_000, 4_000]) {
      expect(first.clock.due()).toEqual([pause]);
      first.clock.advance(pause);
      await first.quiet();
    }
    expect(told).toHaveLength(4);
    for (let tries = 0; tries < 9; tries++) {
      first.clock.advance(first.clock.due()[0] ?? 0);
      await first.quiet();
    }
    expect(first.clock.due()).toEqual([60_000]);
    await first.driver.close();
    expect(first.clock.due()).toEqual([]);
    expect(await store.outbox()).toHaveLength(1);

    deaf = false;
    told.length = 0;
    const second = createRig({ store, onClosed });
    expect(await second.driver.recover()).toBe(0);
    await second.driver.told();
    expect(told).toEqual(['object one']);
    expect(await store.outbox()).toEqual([]);
    await second.driver.recover();
    await second.driver.told();
    expect(told).toEqual(['object one']);
  });

  it('is told by one messenger at a time', async () => {
    const gate = Promise.withResolvers<void>();
    let told = 0;
    const rig = createRig({
      store: createMemoryStore(),
      onClosed: () => {
        told += 1;
        return gate.promise;
      },
    });
    await rig.put('hello', hello);
    await rig.start('hello', 'one', {}, { origin });
    await rig.driver.recover();
    await rig.quiet();
    gate.resolve();
    await rig.driver.told();
    expect(told).toBe(1);
  });

  it('is told once where nobody had started it', async () => {
    const told: unknown[] = [];
    const rig = createRig({ store: createMemoryStore(), onClosed: async (to) => void told.push(to) });
    await rig.put('hello', hello);
    await rig.start('hello', 'one');
    await rig.driver.told();
    expect(told).toEqual([]);
  });
});

describe.each(Object.entries(MEDIA))('an engine that is being opened, with the %s store', (_, makeMedium) => {
  /** Runs `machine` until it is at rest, and opens another engine some time later. */
  const reopened = async (machine: ReturnType<typeof sequence>, pause: number, options: Partial<RigOptions> = {}) => {
    const medium = makeMedium();
    const before = medium.open();
    const first = createRig({ store: before, functions: { work: silent } });
    await first.put('m', machine);
    await first.put('child', sequence({ Wait: { Type: 'Wait', Seconds: 1 } }));
    await first.start('m', 'run');
    await first.quiet();
    await first.driver.close();
    await before.close();
    const store = medium.open();
    const clock = testClock(first.clock.now() + pause);
    const rig = createRig({ store, clock, functions: { work: silent }, ...options });
    const close = async (): Promise<void> => {
      await rig.driver.close();
      await store.close();
      medium.remove();
    };
    return { rig, close, executionArn: runArn('m', 'run') };
  };

  it('lets those who ask meanwhile wait: a stop is not lost, an end is not missed', async () => {
    const { rig, close, executionArn } = await reopened(sequence({ A: call('work') }), 0);
    const recovered = rig.driver.recover();
    const closed = rig.driver.executions.closed(executionArn);
    const stopped = rig.driver.executions.stop({ executionArn, error: 'Enough' });
    const started = rig.start('m', 'another');
    expect(await recovered).toBe(1);
    await stopped;
    expect(await closed).toMatchObject({ status: 'ABORTED', error: 'Enough' });
    expect((await rig.driver.executions.describe(await started)).status).toBe('RUNNING');
    await rig.quiet();
    expect(rig.calls.map(({ task }) => task.executionArn)).toEqual([runArn('m', 'another')]);
    await close();
  });

  it('takes in an outcome that comes while it still reads what was running', async () => {
    const { rig, close, executionArn } = await reopened(sequence({ A: call('work') }), 0);
    const recovered = rig.driver.recover();
    const told = rig.driver.outcomes.settle(
      { executionArn, frame: '0', attempt: 1 },
      { kind: 'succeeded', output: Value.ofText('"early"') },
    );
    await Promise.all([recovered, told]);
    expect(await rig.driver.executions.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    await close();
  });

  it('calls once what an outcome that had arrived leads to', async () => {
    const medium = makeMedium();
    const before = medium.open();
    const first = createRig({ store: before, onClosed: () => new Promise(() => {}) });
    await first.put('m', sequence({ A: startOf('child', '.sync:2'), B: call('work') }));
    await first.put('child', sequence({ Done: { Type: 'Pass' } }));
    await first.start('m', 'run');
    await first.quiet();
    await first.driver.close();
    await before.close();
    const store = medium.open();
    const rig = createRig({ store, functions: { work: silent } });
    await rig.driver.recover();
    await rig.quiet();
    expect(rig.calls.map(({ stateName }) => stateName)).toEqual(['B']);
    await rig.driver.close();
    await store.close();
    medium.remove();
  });

  it('waits for the end even where it is asked for before the engine is opened', async () => {
    const { rig, close, executionArn } = await reopened(sequence({ Wait: { Type: 'Wait', Seconds: 5 } }), 0);
    const closed = rig.driver.executions.closed(executionArn);
    await rig.quiet();
    await rig.driver.recover();
    await rig.run();
    expect(await closed).toMatchObject({ status: 'SUCCEEDED' });
    await close();
  });

  it('goes on with the others where a stored definition does not compile any more, and says which it left', async () => {
    const medium = makeMedium();
    const before = medium.open();
    const first = createRig({ store: before, functions: { work: silent } });
    await first.put('m', sequence({ A: call('work') }));
    await first.put('n', sequence({ B: call('work') }));
    const left = await first.start('m', 'left');
    await first.start('n', 'goes');
    await first.quiet();
    await first.driver.close();
    await before.close();
    const store = medium.open();
    const hash = (await store.describe(left))?.definition;
    const spoilt: Store = Object.assign(Object.create(store) as Store, {
      definition: async (wanted: string) => (wanted === hash ? '{}' : store.definition(wanted)),
    });
    const rig = createRig({ store: spoilt, functions: { work: silent } });
    expect(await rig.driver.recover()).toBe(1);
    await rig.quiet();
    expect(rig.calls.map(({ task }) => task.executionArn)).toEqual([runArn('n', 'goes')]);
    expect(rig.logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { executionArn: left } },
    ]);
    await rig.driver.close();
    await store.close();
    medium.remove();
  });

  it('takes what fell due meanwhile in the order of its times, the deadline too', async () => {
    const machine = sequence({ Wait: { Type: 'Wait', Seconds: 10 } }, { TimeoutSeconds: 20 });
    const { rig, close, executionArn } = await reopened(machine, 100_000);
    await rig.driver.recover();
    await rig.run();
    expect(await rig.driver.executions.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    await close();
  });

  it('keeps a deadline that passed meanwhile, and gives a task that it calls again its whole time', async () => {
    const late = await reopened(sequence({ A: call('work') }, { TimeoutSeconds: 20 }), 100_000);
    await late.rig.driver.recover();
    await late.rig.run();
    expect(await late.rig.driver.executions.describe(late.executionArn)).toMatchObject({ status: 'TIMED_OUT' });
    await late.close();
    const task = await reopened(sequence({ A: call('work', { TimeoutSeconds: 20 }) }), 100_000);
    await task.rig.driver.recover();
    await task.rig.quiet();
    expect(task.rig.clock.due()).toEqual([20_000]);
    expect(task.rig.calls).toHaveLength(1);
    await task.close();
  });

  it('gives outcomes that had arrived before the timers their due', async () => {
    const medium = makeMedium();
    const before = medium.open();
    const first = createRig({ store: before, onClosed: () => new Promise(() => {}) });
    await first.put('m', sequence({ A: startOf('child', '.sync:2', { TimeoutSeconds: 60 }) }));
    await first.put('child', sequence({ Wait: { Type: 'Wait', Seconds: 1 } }));
    await first.start('m', 'run');
    await first.quiet();
    first.clock.advance(1_000);
    await first.quiet();
    await first.driver.close();
    await before.close();
    const store = medium.open();
    const rig = createRig({ store, clock: testClock(first.clock.now() + 3_600_000) });
    const [found] = (await store.list({ stateMachineArn: machineArn('child'), limit: 9 })).map(({ status }) => status);
    expect(found).toBe('SUCCEEDED');
    await rig.driver.recover();
    rig.clock.advance(0);
    await rig.run();
    expect(await rig.driver.executions.describe(runArn('m', 'run'))).toMatchObject({ status: 'SUCCEEDED' });
    await rig.driver.close();
    await store.close();
    medium.remove();
  });

  it('performs nothing after it was closed, and keeps no timer', async () => {
    const { rig, close, executionArn } = await reopened(
      sequence({ Wait: { Type: 'Wait', Seconds: 5 }, A: call('work') }, { TimeoutSeconds: 99 }),
      0,
    );
    await rig.driver.recover();
    expect(rig.clock.due()).toEqual([5_000, 99_000]);
    const closed = rig.driver.executions.closed(executionArn);
    closed.catch(() => {});
    await rig.quiet();
    await rig.driver.close();
    expect(rig.clock.due()).toEqual([]);
    rig.clock.advance(10_000);
    await rig.quiet();
    expect(rig.calls).toEqual([]);
    await expect(closed).rejects.toThrow('The engine is closed.');
    await expect(rig.start('m', 'b')).rejects.toThrow('The engine is closed.');
    expect(rig.fatal).toEqual([]);
    await close();
  });
});
