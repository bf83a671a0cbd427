import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Executions, StartParams } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { type ManualClock, manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createNotifications, type Notifications, type NotificationsParams } from './notifications.ts';
import { REPORT_OF, type Trigger } from './trigger.ts';

const BUCKET = 'alpha-bucket';
const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:intake';
const trigger: Trigger = { name: 'intake', bucket: BUCKET, prefix: 'in/', suffix: '.csv', stateMachineArn: machine };

type Started = StartParams & { readonly name: string; readonly input: string };

/** Starts what AWS would start; `refuse` may throw first. */
function fakeExecutions(): Executions & { started: Started[]; calls: number; refuse: (p: StartParams) => void } {
  const fake = {
    started: [] as Started[],
    calls: 0,
    refuse: (_params: StartParams): void => {},
    start: async (params: StartParams) => {
      fake.calls += 1;
      fake.refuse(params);
      if (fake.started.some((s) => s.name === params.name))
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${params.name}'`);
      fake.started.push(params as Started);
      return { executionArn: `${params.name}`, startDate: new Date(0), existing: false };
    },
  };
  return fake as unknown as ReturnType<typeof fakeExecutions>;
}

describe('notifications', () => {
  let directory: string;
  let local: LocalObjects;
  let executions: ReturnType<typeof fakeExecutions>;
  let clock: ManualClock;
  let logger: ReturnType<typeof recordingLogger>;
  let syncs: number;
  let open: Notifications[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-notifications-'));
    local = openLocalObjects({ directory, buckets: [BUCKET, 'beta-bucket'] });
    executions = fakeExecutions();
    clock = manualClock();
    logger = recordingLogger();
    syncs = 0;
    open = [];
  });
  afterEach(async () => {
    for (const each of open) await each.close();
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const create = (triggers: readonly Trigger[], more: Partial<NotificationsParams> = {}): Notifications => {
    const notifications = createNotifications({
      triggers,
      events: local.events,
      objects: local.objects,
      executions,
      sync: async () => {
        syncs += 1;
      },
      reject: async () => {},
      clock,
      logger,
      region: 'us-east-1',
      account: '000000000000',
      ...more,
    });
    open.push(notifications);
    return notifications;
  };
  const begin = (triggers: readonly Trigger[], more: Partial<NotificationsParams> = {}): Notifications => {
    const notifications = create(triggers, more);
    notifications.start();
    return notifications;
  };
  const put = (key: string, bucket = BUCKET) => local.objects.put({ bucket, key, body: key });
  const pending = () => local.events.pending(100).map((event) => event.object.key);
  const started = () => executions.started.map(({ origin }) => (origin?.kind === 'object' ? origin.key : ''));

  it('starts one execution for an object that arrives, and then forgets the event', async () => {
    const notifications = begin([trigger]);
    const { sequencer } = await put('in/my file+1.csv');
    await notifications.idle();
    expect(executions.started).toHaveLength(1);
    const [start] = executions.started;
    expect(start?.stateMachineArn).toBe(machine);
    expect(start?.name).toMatch(/^my-file-1-[0-9a-f]{16}$/);
    expect(start?.origin).toEqual({
      kind: 'object',
      trigger: 'intake',
      bucket: BUCKET,
      key: 'in/my file+1.csv',
      sequencer,
    });
    expect(JSON.parse(start?.input ?? '').Records[0].s3.object.key).toBe('in/my+file%2B1.csv');
    expect(pending()).toEqual([]);
    expect(syncs).toBe(1);
  });

  it.each<[string, Partial<Trigger>, string, boolean]>([
    ['both ends', {}, 'in/a.csv', true],
    ['another prefix', {}, 'out/a.csv', false],
    ['another suffix', {}, 'in/a.txt', false],
    ['a prefix in other letters', {}, 'IN/a.csv', false],
    ['a suffix in other letters', {}, 'in/a.CSV', false],
    ['the real key, not the encoded one', { prefix: 'in/my f' }, 'in/my file.csv', true],
    ['ends that overlap', { prefix: 'in/a', suffix: 'a.csv' }, 'in/a.csv', true],
    ['no prefix', { prefix: '' }, 'a.csv', true],
    ['another bucket', { bucket: 'beta-bucket' }, 'in/a.csv', false],
    ['puts', { events: 'ObjectCreated:Put' }, 'in/a.csv', true],
    ['copies', { events: 'ObjectCreated:Copy' }, 'in/a.csv', false],
    ['uploads in parts', { events: 'ObjectCreated:CompleteMultipartUpload' }, 'in/a.csv', false],
  ])('looks at %s', async (_, changes, key, matched) => {
    const notifications = begin([{ ...trigger, ...changes }]);
    await put(key);
    await notifications.idle();
    expect(started()).toEqual(matched ? [key] : []);
    expect(pending()).toEqual([]);
  });

  it('starts copies, and nothing for a move', async () => {
    await put('x');
    const notifications = begin([{ ...trigger, events: 'ObjectCreated:Copy' }]);
    const from = { bucket: BUCKET, key: 'x' };
    await local.objects.copy({ from, to: { bucket: BUCKET, key: 'in/copy.csv' } });
    await local.objects.move({ from, to: { bucket: BUCKET, key: 'in/moved.csv' } });
    await notifications.idle();
    expect(started()).toEqual(['in/copy.csv']);
  });

  it('starts every trigger that matches', async () => {
    const notifications = begin([
      trigger,
      { ...trigger, name: 'audit', suffix: '' },
      { ...trigger, name: 'no', prefix: 'x' },
    ]);
    await put('in/a.csv');
    await notifications.idle();
    const triggers = executions.started.map(({ origin }) => origin?.kind === 'object' && origin.trigger);
    expect(triggers).toEqual(['intake', 'audit']);
    expect(new Set(executions.started.map((start) => start.name)).size).toBe(2);
  });

  it('starts once, however often the event is delivered, and tells of each that came again', async () => {
    await put('in/a.csv');
    const [event] = local.events.pending(1);
    let left = 5;
    const events = {
      ...local.events,
      pending: (_: number, after = 0) => (event && after < left ? [{ ...event, id: after + 1 }] : []),
      acknowledge: (id: number) => {
        left = Math.max(left, id);
      },
    };
    await begin([trigger], { events }).idle();
    expect(executions.calls).toBe(5);
    expect(executions.started).toHaveLength(1);
    const again = { level: 'info', fields: { bucket: BUCKET, key: 'in/a.csv', trigger: 'intake' } };
    expect(logger.lines).toMatchObject([again, again, again, again]);
  });

  it('starts again for a new version of a key', async () => {
    const notifications = begin([trigger]);
    await put('in/a.csv');
    await put('in/a.csv');
    await notifications.idle();
    expect(new Set(executions.started.map((start) => start.name)).size).toBe(2);
  });

  it('takes up what an earlier process left pending, in order', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `in/${i}.csv`);
    for (const key of keys) await put(key);
    await local.close();
    local = openLocalObjects({ directory, buckets: [BUCKET] });
    await begin([trigger], { window: 3 }).idle();
    expect(started()).toEqual(keys);
    expect(pending()).toEqual([]);
  });

  it('acknowledges only what is synced', async () => {
    const synced = Promise.withResolvers<void>();
    const notifications = begin([trigger], { sync: () => synced.promise });
    await put('in/a.csv');
    await put('in/b.csv');
    await new Promise(setImmediate);
    expect(started()).toEqual(['in/a.csv', 'in/b.csv']);
    expect(pending()).toEqual(['in/a.csv', 'in/b.csv']);
    synced.resolve();
    await notifications.idle();
    expect(pending()).toEqual([]);
  });

  it('has a bounded number under way', async () => {
    const synced = Promise.withResolvers<void>();
    const notifications = begin([trigger], { sync: () => synced.promise, window: 2 });
    for (const key of ['in/a.csv', 'in/b.csv', 'in/c.csv']) await put(key);
    await new Promise(setImmediate);
    expect(started()).toEqual(['in/a.csv', 'in/b.csv']);
    synced.resolve();
    await notifications.idle();
    expect(started()).toEqual(['in/a.csv', 'in/b.csv', 'in/c.csv']);
  });

  it('tries a failed start again, ever later, and holds up no other', async () => {
    executions.refuse = ({ origin }) => {
      if (origin?.kind === 'object' && origin.key === 'in/bad.csv')
        throw new ServiceError('StateMachineDoesNotExist', 'State Machine Does Not Exist');
    };
    const notifications = begin([trigger], { window: 1 });
    await put('in/bad.csv');
    await put('in/good.csv');
    await notifications.idle();
    expect(started()).toEqual(['in/good.csv']);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const [wait = 0] = clock.due();
      waits.push(wait);
      clock.advance(wait);
      await notifications.idle();
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(logger.lines).toHaveLength(9);
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { key: 'in/bad.csv', retryInSeconds: 1 } });
    expect(pending()).toEqual(['in/bad.csv']);
    executions.refuse = () => {};
    clock.advance(60_000);
    await notifications.idle();
    expect(started()).toEqual(['in/good.csv', 'in/bad.csv']);
    expect(pending()).toEqual([]);
    expect(clock.due()).toEqual([]);
  });

  it('starts the other triggers of an event when one fails, and each of them once', async () => {
    executions.refuse = ({ stateMachineArn }) => {
      if (stateMachineArn === 'none') throw new ServiceError('StateMachineDoesNotExist', 'none');
    };
    const notifications = begin([{ ...trigger, name: 'broken', stateMachineArn: 'none' }, trigger]);
    await put('in/a.csv');
    await notifications.idle();
    expect(executions.started).toHaveLength(1);
    executions.refuse = () => {};
    clock.advance(1000);
    await notifications.idle();
    expect(executions.started.map((start) => start.stateMachineArn)).toEqual([machine, 'none']);
  });

  it('tries again when the buckets cannot be read or written', async () => {
    let broken = true;
    const check = (): void => {
      if (broken) throw new Error('disk I/O error');
    };
    const events = {
      ...local.events,
      pending: (limit: number, after?: number) => {
        check();
        return local.events.pending(limit, after);
      },
    };
    const notifications = begin([trigger], { events });
    await put('in/a.csv');
    await notifications.idle();
    expect(started()).toEqual([]);
    expect(logger.lines).toHaveLength(1);
    broken = false;
    clock.advance(1000);
    await notifications.idle();
    expect(started()).toEqual(['in/a.csv']);
    expect(pending()).toEqual([]);
  });

  it('keeps the event when it cannot be acknowledged or the sync fails', async () => {
    let broken = true;
    const sync = async (): Promise<void> => {
      if (broken) throw new Error('no space left');
    };
    const notifications = begin([trigger], { sync });
    await put('in/a.csv');
    await notifications.idle();
    expect(pending()).toEqual(['in/a.csv']);
    broken = false;
    clock.advance(1000);
    await notifications.idle();
    expect(pending()).toEqual([]);
    expect(executions.started).toHaveLength(1);
  });

  it('makes the input from the template of the trigger', async () => {
    const input = {
      'bucket.$': '$.Records[0].s3.bucket.name',
      'key.$': '$.Records[0].s3.object.key',
      'id.$': 'States.UUID()',
      fixed: true,
    };
    const notifications = begin([
      { ...trigger, input },
      { ...trigger, name: 'second', input },
    ]);
    await put('in/\u00fc.csv');
    await notifications.idle();
    const [first, second] = executions.started.map((start) => JSON.parse(start.input));
    expect(first).toEqual({
      bucket: BUCKET,
      key: 'in/%C3%BC.csv',
      fixed: true,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(second.id).not.toBe(first.id);
  });

  it('gives each delivery of an event the same input', async () => {
    const input = { 'id.$': 'States.UUID()' };
    const inputs: (string | undefined)[] = [];
    executions.refuse = (params) => {
      inputs.push(params.input);
      throw new Error('not yet');
    };
    const notifications = begin([{ ...trigger, input }]);
    await put('in/a.csv');
    await notifications.idle();
    clock.advance(1000);
    await notifications.idle();
    expect(inputs).toHaveLength(2);
    expect(inputs[0]).toBe(inputs[1]);
  });

  it('keeps an event whose input cannot be made', async () => {
    const notifications = begin([{ ...trigger, input: { 'x.$': '$.nothing' } }]);
    await put('in/a.csv');
    await notifications.idle();
    expect(pending()).toEqual(['in/a.csv']);
    expect(String(logger.lines[0]?.fields.error)).toContain('$.nothing');
  });

  it('starts nothing for the error reports of the arrivals', async () => {
    const notifications = begin([{ name: 'all', bucket: BUCKET, stateMachineArn: machine }]);
    await local.objects.put({ bucket: BUCKET, key: 'a.error.json', body: '', metadata: { [REPORT_OF]: 'arn' } });
    await put('b.error.json');
    await notifications.idle();
    expect(started()).toEqual(['b.error.json']);
    expect(pending()).toEqual([]);
  });

  it('starts nothing before it is started nor after it is closed', async () => {
    const notifications = create([trigger]);
    await put('in/a.csv');
    await notifications.idle();
    expect(started()).toEqual([]);
    notifications.start();
    await notifications.close();
    await put('in/b.csv');
    await new Promise(setImmediate);
    expect(started()).toEqual(['in/a.csv']);
    expect(pending()).toEqual(['in/b.csv']);
  });

  it('says what is wrong with a trigger', () => {
    const refuses = (triggers: readonly Trigger[], message: string): void =>
      expect(() => create(triggers)).toThrow(message);
    refuses([trigger, trigger], 'Two triggers are named "intake"');
    refuses([{ ...trigger, archive: '' }], 'The trigger "intake" moves objects to an empty prefix');
    refuses(
      [{ ...trigger, input: { a: { 'b.$': 'x y' } } }],
      'The input of the trigger "intake" is no payload template',
    );
  });
});
