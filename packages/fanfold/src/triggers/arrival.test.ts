import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as consumeText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../interpreter/execution.ts';
import type { Objects } from '../ports/objects.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { executionOf } from '../testing/execution.fixture.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { type Arrival, createArrival } from './arrival.ts';
import type { ObjectOrigin } from './error-report.ts';
import type { Trigger } from './trigger.ts';

const bucket = 'alpha-bucket';
const full: Trigger = { name: 'intake', bucket, stateMachineArn: 'arn', archive: 'archive/', error: 'errors/' };

const failed = executionOf({
  status: 'FAILED',
  error: 'OrderError',
  cause: JSON.stringify({ errorType: 'OrderError', errorMessage: 'Line 3 has no date.', trace: [] }),
});

describe('an arrival', () => {
  let directory: string;
  let local: LocalObjects;
  let logger: ReturnType<typeof recordingLogger>;
  let done: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-arrival-'));
    local = openLocalObjects({ directory, buckets: [bucket] });
    logger = recordingLogger();
    done = [];
  });
  afterEach(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const arrival = (trigger: Trigger = full, objects: Objects = local.objects): Arrival =>
    createArrival({
      triggers: [trigger],
      objects,
      sync: async () => {
        done.push('sync');
      },
      logger,
    });
  const arrive = async (key: string, body = key): Promise<ObjectOrigin> => {
    const { sequencer } = await local.objects.put({ bucket, key, body });
    return { kind: 'object', trigger: 'intake', bucket, key, sequencer };
  };
  const keys = async () => (await local.objects.list({ bucket })).objects.map((object) => object.key);
  const read = async (key: string) => consumeText((await local.objects.get({ bucket, key })).body);
  /** Stops the process, as far as the objects can tell, before the given call. */
  const crashing = (verb: 'put' | 'move', after = false): Objects => ({
    ...local.objects,
    [verb]: async (params: never) => {
      if (after) await local.objects[verb](params);
      throw new Error('killed');
    },
  });

  /** Stops the process at so many writes: before the last one where the number is even, else behind it. */
  const dyingAt = (last: number): { readonly objects: Objects; readonly died: () => boolean } => {
    let writes = 0;
    const dying =
      <P, R>(write: (params: P) => Promise<R>) =>
      async (params: P): Promise<R> => {
        const isLast = writes++ >= last >> 1;
        if (isLast && last % 2 === 0) throw new Error('killed');
        const result = await write.call(local.objects, params);
        if (isLast) throw new Error('killed');
        return result;
      };
    const { put, move } = local.objects;
    const objects = { ...local.objects, put: dying(put), move: dying(move), delete: dying(local.objects.delete) };
    return { objects, died: () => writes > last >> 1 };
  };

  it('archives the object once its execution has succeeded, between two syncs', async () => {
    const origin = await arrive('in/a.csv', 'one');
    const objects: Objects = {
      ...local.objects,
      move: (params) => {
        done.push('move');
        return local.objects.move(params);
      },
    };
    await arrival(full, objects).closed(origin, executionOf());
    expect(await keys()).toEqual(['archive/a.csv']);
    expect(await read('archive/a.csv')).toBe('one');
    expect(done).toEqual(['sync', 'move', 'sync']);
  });

  it('moves what a manifest names with it, the files first, but not what has come after its start', async () => {
    for (const key of ['1.csv', '2.csv', '3.csv']) await arrive(`in/${key}`);
    const { sequencer } = await arrive('in/manifest.json', '["1.csv", "2.csv", "missing.csv"]');
    const origin = { kind: 'object', trigger: 'intake', bucket, key: 'in/manifest.json', sequencer } as const;
    await arrive('in/2.csv', 'newer');
    const trigger = { ...full, suffix: 'manifest.json', manifest: {} };
    const started = { ...origin, filesUpTo: sequencer };
    let moves = 0;
    const dying: Objects = {
      ...local.objects,
      move: async (params) => {
        if (++moves === 2) throw new Error('killed');
        return local.objects.move(params);
      },
    };
    await expect(arrival(trigger, dying).closed(started, failed)).rejects.toThrow('killed');
    await arrival(trigger).closed(started, failed);
    expect(await keys()).toEqual([
      'errors/1.csv',
      'errors/manifest.json',
      'errors/manifest.json.error.json',
      'in/2.csv',
      'in/3.csv',
    ]);
  });

  it('archives from the error folder what a redriven execution has succeeded with after all', async () => {
    const origin = await arrive('in/a.csv', 'one');
    const other = { ...(await arrive('in/b/a.csv', 'two')), key: 'in/b/a.csv' };
    await arrival().closed(origin, failed);
    await arrival().closed(other, executionOf({ ...failed, arn: 'another' }));
    const redrive = { count: 1, at: 1, tokens: [], formerDefinitions: [], alone: false };
    const before = await keys();
    await arrival().closed(origin, executionOf());
    expect(await keys()).toEqual(before);
    const [objects, redriven] = [crashing('move', true), executionOf({ redrive })];
    await expect(arrival(full, objects).closed(origin, redriven)).rejects.toThrow('killed');
    for (let told = 0; told < 2; told++) {
      await arrival().closed(origin, redriven);
      expect(await keys()).toEqual([
        'archive/a.csv',
        `errors/a-${other.sequencer}.csv`,
        `errors/a-${other.sequencer}.csv.error.json`,
      ]);
    }
    expect(await read('archive/a.csv')).toBe('one');
  });

  it('archives the files of a manifest from there too, wherever that was cut off', async () => {
    const trigger = { ...full, suffix: 'manifest.json', manifest: {} };
    const redrive = { count: 1, at: 1, tokens: [], formerDefinitions: [], alone: false };
    const files = { 'a/1.csv': 'first', 'b/1.csv': 'second', '2.csv': 'third' };
    let cuts = 0;
    for (let wasCut = true; wasCut; cuts++) {
      const folder = `round-${cuts}/`;
      const own = { ...trigger, archive: `${folder}archive/`, error: `${folder}errors/` };
      for (const [name, body] of Object.entries(files)) await arrive(`${folder}in/${name}`, body);
      await arrive(`${folder}errors/2.csv`, 'of another');
      const origin = await arrive(`${folder}in/manifest.json`, JSON.stringify(Object.keys(files)));
      const started = { ...origin, filesUpTo: origin.sequencer };
      wasCut = false;
      for (const execution of [failed, executionOf({ redrive })]) {
        const { objects, died } = dyingAt(cuts);
        await arrival(own, objects)
          .closed(started, execution)
          .catch(() => {});
        wasCut ||= died();
        await arrival(own).closed(started, execution);
        await arrival(own).closed(started, execution);
      }
      const left = (await keys()).filter((key) => key.startsWith(folder));
      const found = await Promise.all(left.map(async (key) => `${key.slice(folder.length)} ${await read(key)}`));
      expect(found.map((each) => each.replace(/-\w+\.csv/, '-again.csv')).sort()).toEqual([
        'archive/1-again.csv second',
        'archive/1.csv first',
        'archive/2.csv third',
        `archive/manifest.json ${JSON.stringify(Object.keys(files))}`,
        'errors/2.csv of another',
      ]);
    }
    expect(cuts).toBeGreaterThan(8);
  });

  it('leaves in the error folder what somebody has put there in place of a file', async () => {
    const trigger = { ...full, suffix: 'manifest.json', manifest: {} };
    for (const name of ['1.csv', '2.csv', '3.csv']) await arrive(`in/${name}`, name);
    const { sequencer, ...rest } = await arrive('in/manifest.json', '["1.csv", "2.csv", "3.csv"]');
    const origin = { ...rest, sequencer, filesUpTo: sequencer };
    await arrival(trigger).closed(origin, failed);
    const report = JSON.parse(await read('errors/manifest.json.error.json')) as { files: Record<string, unknown>[] };
    expect(report.files[0]).toMatchObject({ key: 'in/1.csv', to: 'errors/1.csv', size: 5 });
    await arrive('errors/1.csv', 'mended');
    await local.objects.delete({ bucket, key: 'errors/2.csv' });
    // What the report says comes from a bucket: nothing that lies elsewhere is moved for it.
    const to = 'secret/3.csv';
    const { lastModified } = await local.objects.copy({
      from: { bucket, key: 'errors/3.csv' },
      to: { bucket, key: to },
    });
    const elsewhere = { ...report, files: [...report.files, { ...report.files[2], to, lastModified }] };
    const { metadata } = (await local.objects.head({ bucket, key: 'errors/manifest.json.error.json' })) ?? {};
    const body = JSON.stringify(elsewhere);
    await local.objects.put({ bucket, key: 'errors/manifest.json.error.json', body, metadata: metadata ?? {} });
    const redrive = { count: 1, at: 1, tokens: [], formerDefinitions: [], alone: false };
    await arrival(trigger).closed(origin, executionOf({ redrive }));
    expect(await keys()).toEqual(['archive/3.csv', 'archive/manifest.json', 'errors/1.csv', 'secret/3.csv']);
  });

  it.each<[Execution['status'], Partial<Execution>, object]>([
    ['FAILED', failed, { error: 'OrderError', message: 'Line 3 has no date.', cause: failed.cause }],
    ['FAILED', { error: 'Plain', cause: 'It broke.' }, { error: 'Plain', message: 'It broke.' }],
    ['FAILED', { error: 'Odd', cause: '{"errorMessage":7}' }, { message: '{"errorMessage":7}' }],
    ['FAILED', { error: 'Bare' }, { error: 'Bare', cause: null, message: expect.stringContaining('gave no cause') }],
    ['TIMED_OUT', {}, { error: 'States.Timeout', message: expect.stringContaining('longer') }],
    ['ABORTED', {}, { error: null, message: 'The execution was stopped.' }],
  ])('sets the object aside with a report when its execution is %s (%#)', async (status, changes, expected) => {
    const execution = executionOf({ ...changes, status });
    await arrival().closed(await arrive('in/a.csv', 'one'), execution);
    expect(await keys()).toEqual(['errors/a.csv', 'errors/a.csv.error.json']);
    expect(await read('errors/a.csv')).toBe('one');
    expect(JSON.parse(await read('errors/a.csv.error.json'))).toMatchObject({
      bucket,
      key: 'in/a.csv',
      executionArn: execution.arn,
      status,
      stoppedAt: '2026-01-02T00:00:00.000Z',
      ...expected,
    });
  });

  it('leaves the object where the trigger says nothing, or is gone', async () => {
    const { archive: _, error: __, ...bare } = full;
    const origin = await arrive('in/a.csv');
    await arrival(bare).closed(origin, executionOf());
    await arrival(bare).closed(origin, failed);
    await arrival({ ...full, name: 'other' }).closed(origin, executionOf());
    expect(await keys()).toEqual(['in/a.csv']);
    expect(logger.lines.map((line) => line.level)).toEqual(['warn']);
    expect(done).toEqual([]);
  });

  it.each([
    ['archive/', executionOf(), []],
    ['errors/', failed, ['.error.json']],
  ])('overwrites nothing in %s', async (prefix, execution, reports) => {
    await arrive(`${prefix}a.csv`, 'old');
    const origin = await arrive('in/a.csv', 'new');
    const named = `${prefix}a-${origin.sequencer}.csv`;
    await arrival().closed(origin, execution);
    expect(await keys()).toEqual([named, ...reports.map((report) => named + report), `${prefix}a.csv`]);
    expect([await read(`${prefix}a.csv`), await read(named)]).toEqual(['old', 'new']);
  });

  it('takes another name when only the name of the report is taken', async () => {
    await arrive('errors/a.csv.error.json', 'of an earlier file');
    const origin = await arrive('in/a.csv');
    await arrival().closed(origin, failed);
    const named = `errors/a-${origin.sequencer}.csv`;
    expect(await keys()).toEqual([named, `${named}.error.json`, 'errors/a.csv.error.json']);
    expect(await read('errors/a.csv.error.json')).toBe('of an earlier file');
  });

  it('does nothing when it is told again', async () => {
    const origin = await arrive('in/a.csv');
    for (let i = 0; i < 3; i++) await arrival().closed(origin, executionOf());
    const second = await arrive('in/b.csv');
    for (let i = 0; i < 3; i++) await arrival().closed(second, failed);
    expect(await keys()).toEqual(['archive/a.csv', 'errors/b.csv', 'errors/b.csv.error.json']);
  });

  it.each<[string, 'put' | 'move', boolean]>([
    ['before the report', 'put', false],
    ['after the report', 'put', true],
    ['before the move', 'move', false],
    ['after the move', 'move', true],
  ])('comes to the same after a crash %s', async (_, verb, after) => {
    const origin = await arrive('in/a.csv');
    await expect(arrival(full, crashing(verb, after)).closed(origin, failed)).rejects.toThrow('killed');
    await arrival().closed(origin, failed);
    expect(await keys()).toEqual(['errors/a.csv', 'errors/a.csv.error.json']);
  });

  it('leaves a new version alone: it has its own execution', async () => {
    const old = await arrive('in/a.csv', 'old');
    const current = await arrive('in/a.csv', 'new');
    await arrival().closed(old, executionOf());
    await arrival().closed(old, failed);
    expect(await keys()).toEqual(['in/a.csv']);
    expect(logger.lines.map((line) => [line.level, line.fields.key])).toEqual([
      ['info', 'in/a.csv'],
      ['info', 'in/a.csv'],
    ]);
    await arrival().closed(current, executionOf());
    expect(await read('archive/a.csv')).toBe('new');
  });

  it('keeps all versions where the bucket does: nothing that has come is lost, whatever replaces it', async () => {
    await local.buckets.setVersioning(bucket, 'Enabled');
    const old = await arrive('in/a.csv', 'old');
    const current = await arrive('in/a.csv', 'new');
    await arrival().closed(old, executionOf());
    for (let i = 0; i < 2; i++) await arrival().closed(current, executionOf());
    expect(await keys()).toEqual(['archive/a.csv']);
    expect(await read('archive/a.csv')).toBe('new');
    const { versions } = await local.objects.listVersions({ bucket, prefix: 'in/' });
    const bodies = versions.map(async ({ kind, ...ref }) =>
      kind === 'object' ? consumeText((await local.objects.get(ref)).body) : kind,
    );
    expect(await Promise.all(bodies)).toEqual(['delete-marker', 'new', 'old']);
  });

  it('leaves a version alone that comes in the last moment', async () => {
    const origin = await arrive('in/a.csv', 'old');
    let late = true;
    const objects: Objects = {
      ...local.objects,
      move: async (params) => {
        if (late) await arrive('in/a.csv', 'new');
        late = false;
        return local.objects.move(params);
      },
    };
    await arrival(full, objects).closed(origin, failed);
    expect(await keys()).toEqual(['in/a.csv']);
    expect(await read('in/a.csv')).toBe('new');
  });

  it('takes the next name when somebody takes the first in the last moment', async () => {
    const origin = await arrive('in/a.csv', 'mine');
    let late = true;
    const objects: Objects = {
      ...local.objects,
      move: async (params) => {
        if (late) await arrive('errors/a.csv', 'theirs');
        late = false;
        return local.objects.move(params);
      },
    };
    await arrival(full, objects).closed(origin, failed);
    const named = `errors/a-${origin.sequencer}.csv`;
    expect(await keys()).toEqual([named, `${named}.error.json`, 'errors/a.csv']);
    expect(await read('errors/a.csv')).toBe('theirs');
  });

  it('reports beside an object that lies in the error folder already', async () => {
    const origin = await arrive('errors/a.csv');
    await arrival().closed(origin, failed);
    await arrival().closed(origin, failed);
    expect(await keys()).toEqual(['errors/a.csv', 'errors/a.csv.error.json']);
  });

  it('cuts names that would become too long', async () => {
    const origin = await arrive(`in/${'\u6f22'.repeat(335)}.csv`, 'long');
    await arrival().closed(origin, failed);
    const [moved, report] = await keys();
    expect(report).toBe(`${moved}.error.json`);
    expect(moved).toMatch(/^errors\/\u6f22+\.csv$/);
  });

  it('tells whoever called when the move fails', async () => {
    const origin = await arrive('in/a.csv');
    await expect(arrival(full, crashing('move')).closed(origin, executionOf())).rejects.toThrow('killed');
    expect(await keys()).toEqual(['in/a.csv']);
  });
});
