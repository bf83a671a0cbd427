/** The lines of events whose executions run one after the other, and objects that are rejected. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../interpreter/execution.ts';
import type { StartParams } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import type { ObjectOrigin } from './error-report.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import type { Trigger } from './trigger.ts';

const BUCKET = 'alpha-bucket';
const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:intake';
const trigger: Trigger = { name: 'intake', bucket: BUCKET, prefix: 'in/', suffix: '.csv', stateMachineArn };

describe('triggers', () => {
  let directory: string;
  let local: LocalObjects;
  let notifications: Notifications;
  /** Each execution that was started, in the order of the starts; its origin until it has ended. */
  let started: Map<string, ObjectOrigin | undefined>;
  let rejected: [string, string][];
  let refuse: (params: StartParams) => void;

  const executions = {
    start: async (params: StartParams) => {
      refuse(params);
      const executionArn = `arn:aws:states:us-east-1:000000000000:execution:intake:${params.name}`;
      const existing = started.has(executionArn);
      if (existing && !started.get(executionArn))
        throw new ServiceError('ExecutionAlreadyExists', 'Execution Already Exists');
      if (!existing) started.set(executionArn, params.origin as ObjectOrigin);
      return { executionArn, startDate: new Date(0), existing };
    },
    describe: async (arn: string) => {
      if (!started.has(arn)) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
      return { status: started.get(arn) ? 'RUNNING' : 'SUCCEEDED' } as Execution;
    },
  };
  const begin = (triggers: readonly Trigger[]): void => {
    notifications = createNotifications({
      triggers,
      events: local.events,
      objects: local.objects,
      executions,
      reject: async ({ key }, reason) => void rejected.push([key, reason]),
      sync: async () => {},
      clock: manualClock(),
      logger: recordingLogger(),
      region: 'us-east-1',
      account: '000000000000',
    });
    notifications.start();
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-order-'));
    local = openLocalObjects({ directory, buckets: [BUCKET] });
    started = new Map();
    rejected = [];
    refuse = () => {};
  });
  afterEach(async () => {
    await notifications.close();
    await local.close();
    rmSync(directory, { recursive: true });
  });
  const put = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await local.objects.put({ bucket: BUCKET, key, body: key });
    await notifications.idle();
  };
  const running = (): string[] => [...started.values()].flatMap((origin) => origin?.key ?? []);
  const end = async (key: string): Promise<void> => {
    for (const [arn, origin] of started) {
      if (origin?.key !== key) continue;
      started.set(arn, undefined);
      notifications.ended(origin);
      break;
    }
    await notifications.idle();
  };
  const pending = (): string[] => local.events.pending(100).map((event) => event.object.key);

  it('have their executions one after the other, in the order of arrival, where they say so', async () => {
    begin([{ ...trigger, order: 'sequential' }]);
    await put('in/c.csv', 'in/a.csv', 'in/b.csv', 'in/no.txt');
    expect([running(), pending()]).toEqual([['in/c.csv'], ['in/c.csv', 'in/a.csv', 'in/b.csv']]);
    await end('in/c.csv');
    expect([running(), pending()]).toEqual([['in/a.csv'], ['in/a.csv', 'in/b.csv']]);
    await end('in/a.csv');
    await end('in/b.csv');
    expect([running(), pending(), started.size]).toEqual([[], [], 3]);
  });

  it('keep the order of a folder, or of a key, and let others go on beside', async () => {
    begin([
      { ...trigger, order: 'folder' },
      { ...trigger, name: 'by key', prefix: 'keys/', order: 'key' },
    ]);
    await put('in/x/1.csv', 'in/x/2.csv', 'in/y/1.csv', 'keys/a.csv', 'keys/b.csv', 'keys/a.csv');
    expect(running()).toEqual(['in/x/1.csv', 'in/y/1.csv', 'keys/a.csv', 'keys/b.csv']);
    await end('keys/a.csv');
    await end('in/x/1.csv');
    expect(running()).toEqual(['in/y/1.csv', 'keys/b.csv', 'keys/a.csv', 'in/x/2.csv']);
  });

  it('go on in the same order after a restart, and start nothing twice', async () => {
    const ordered = [{ ...trigger, order: 'sequential' as const }];
    begin(ordered);
    await put('in/1.csv', 'in/2.csv', 'in/3.csv');
    await notifications.close();
    begin(ordered);
    await notifications.idle();
    expect([running(), started.size]).toEqual([['in/1.csv'], 1]);
    // It ends while nobody is told.
    for (const arn of started.keys()) started.set(arn, undefined);
    await notifications.close();
    begin(ordered);
    await notifications.idle();
    expect([running(), pending(), started.size]).toEqual([['in/2.csv'], ['in/2.csv', 'in/3.csv'], 2]);
  });

  it('hold the others of a line while the first cannot be started', async () => {
    refuse = ({ origin }) => {
      if (origin?.kind === 'object' && origin.key === 'in/1.csv') throw new Error('not now');
    };
    begin([
      { ...trigger, order: 'sequential' },
      { ...trigger, name: 'free', prefix: 'free/' },
    ]);
    await put('in/1.csv', 'in/2.csv', 'free/3.csv');
    expect([running(), pending()]).toEqual([['free/3.csv'], ['in/1.csv', 'in/2.csv']]);
  });

  describe('with a marker', () => {
    const marked = { ...trigger, marker: '.done' };
    const keys = async (): Promise<string[]> =>
      (await local.objects.list({ bucket: BUCKET })).objects.map(({ key }) => key);

    it.each([
      ['the object first', ['in/a.csv', 'in/a.csv.done']],
      ['the marker first', ['in/a.csv.done', 'in/a.csv']],
    ])('start an object when both are there, %s, and take the marker away', async (_, order) => {
      begin([marked]);
      await put(order[0] as string, 'in/b.csv', 'in/c.csv.done', 'in/d.txt.done');
      expect([running(), pending()]).toEqual([[], []]);
      await put(order[1] as string);
      expect([running(), pending()]).toEqual([['in/a.csv'], []]);
      expect(await keys()).toEqual(['in/a.csv', 'in/b.csv', 'in/c.csv.done', 'in/d.txt.done']);
      await put('in/a.csv');
      expect(started.size).toBe(1);
      await put('in/a.csv.done');
      expect(started.size).toBe(2);
    });

    it('start an object once, when both have come before anybody looked', async () => {
      await local.objects.put({ bucket: BUCKET, key: 'in/a.csv', body: 'a' });
      await local.objects.put({ bucket: BUCKET, key: 'in/a.csv.done', body: '' });
      begin([marked]);
      await notifications.idle();
      expect([running(), pending(), started.size]).toEqual([['in/a.csv'], [], 1]);
    });

    it('keep their order, also after a restart', async () => {
      const ordered = [{ ...marked, order: 'sequential' as const }];
      begin(ordered);
      await put('in/1.csv', 'in/1.csv.done', 'in/2.csv.done', 'in/2.csv');
      expect(running()).toEqual(['in/1.csv']);
      await notifications.close();
      begin(ordered);
      await notifications.idle();
      expect([running(), started.size]).toEqual([['in/1.csv'], 1]);
      await local.objects.move({ from: { bucket: BUCKET, key: 'in/1.csv' }, to: { bucket: BUCKET, key: 'old/1.csv' } });
      await end('in/1.csv');
      expect(running()).toEqual(['in/2.csv']);
      await end('in/2.csv');
      await put('in/3.csv', 'in/3.csv.done');
      expect([running(), started.size]).toEqual([['in/3.csv'], 3]);
      await end('in/3.csv');
      expect(pending()).toEqual([]);
    });

    it('reject what is too large, and no markers', async () => {
      begin([{ ...marked, maxBytes: 8, others: 'reject', error: 'bad/' }]);
      await put('in/a.csv', 'in/larger.csv', 'in/a.csv.done', 'in/other.txt');
      expect(rejected.map(([key]) => key)).toEqual(['in/larger.csv', 'in/other.txt']);
      expect(running()).toEqual(['in/a.csv']);
    });
  });

  it('reject what is too large, and what is no file for them, unless another one takes it', async () => {
    begin([
      { ...trigger, maxBytes: 8, others: 'reject', error: 'error/' },
      { ...trigger, name: 'json', suffix: '.json', others: 'reject', error: 'error/' },
    ]);
    await put('in/a.csv', 'in/larger.csv', 'in/a.json', 'in/a.CSV', 'elsewhere/a.txt');
    expect(running()).toEqual(['in/a.csv', 'in/a.json']);
    expect(rejected).toEqual([
      ['in/larger.csv', 'The file has 13 bytes, and 8 is the most that is taken here.'],
      ['in/a.CSV', 'No file for this place: its name must end with .csv.'],
    ]);
    expect(pending()).toEqual([]);
  });

  it.each([
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: 1.5 }, 'maxBytes'],
    [{ others: 'reject' as const }, "name one with 'error'"],
  ])('cannot have %j', (settings, problem) => {
    begin([]);
    expect(() => begin([{ ...trigger, ...settings }])).toThrow(problem);
  });
});
