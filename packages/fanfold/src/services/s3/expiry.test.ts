import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../testing/clocks.ts';
import { recordingLogger } from '../../testing/logger.fixture.ts';
import { type Expiry, type ExpiryParams, startExpiry } from './expiry.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const DAY = 86_400_000;
const RULES = [
  { bucket: 'files', prefix: 'tmp/', days: 7 },
  { bucket: 'files', prefix: 'runs/', days: 30 },
];

describe('the time of objects', () => {
  let directory: string;
  let local: LocalObjects;
  let clock: ManualClock;
  let logger: ReturnType<typeof recordingLogger>;
  let expiry: Expiry | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-expiry-'));
    local = openLocalObjects({ directory, buckets: ['files', 'other'] });
    clock = manualClock(Date.now());
    logger = recordingLogger();
  });
  afterEach(async () => {
    await expiry?.close();
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const begin = (params: Partial<ExpiryParams> = {}): void => {
    expiry = startExpiry({ rules: RULES, ...local, clock, logger, ...params });
  };
  const put = (key: string, bucket = 'files') => local.objects.put({ bucket, key, body: key });
  const keys = async (bucket = 'files') =>
    (await local.objects.list({ bucket, limit: 1000 })).objects.map(({ key }) => key);
  /** Lets time pass, and one look with all of its pages. */
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    for (let page = 0; page < 20; page++) {
      await turn();
      clock.advance(20);
    }
    await turn();
  };

  it('goes by rules: what is due is removed, and nothing else', async () => {
    for (const key of ['tmp/a', 'runs/a', 'tmpfile', 'keep/tmp/a']) await put(key);
    await put('tmp/a', 'other');
    begin();
    await pass(7 * DAY - 60_000);
    expect(await keys()).toEqual(['keep/tmp/a', 'runs/a', 'tmp/a', 'tmpfile']);
    await pass(2 * 3_600_000);
    expect(await keys()).toEqual(['keep/tmp/a', 'runs/a', 'tmpfile']);
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { objects: 1 } }]);
    await pass(23 * DAY);
    expect([await keys(), await keys('other')]).toEqual([['keep/tmp/a', 'tmpfile'], ['tmp/a']]);
  });

  it('is that of uploads too which nobody completes', async () => {
    const begun = (key: string) =>
      local.uploads.create({ bucket: 'files', key, contentType: 'text/plain', metadata: {}, details: {} });
    const left = async () =>
      (await local.uploads.list({ bucket: 'files', prefix: '', limit: 1000 })).uploads.map(({ key }) => key);
    for (let i = 0; i < 120; i++) await begun(`tmp/${i}`);
    await begun('runs/a');
    const { uploadId } = await begun('keep');
    await local.uploads.putPart({ bucket: 'files', key: 'keep', uploadId, partNumber: 1, body: 'x' });
    begin();
    await pass(6 * DAY);
    expect(await left()).toHaveLength(122);
    await pass(2 * DAY);
    expect(await left()).toEqual(['keep', 'runs/a']);
  });

  describe('of versions that were replaced or deleted', () => {
    const versions = async () =>
      (await local.objects.listVersions({ bucket: 'files' })).versions.map(({ kind, key, isLatest }) =>
        [kind === 'object' ? key : `no ${key}`, ...(isLatest ? ['latest'] : [])].join(' '),
      );
    beforeEach(() => local.buckets.setVersioning('files', 'Enabled'));

    it('goes by days, and by how many are kept; what is current stays', async () => {
      for (let i = 0; i < 4; i++) await put('tmp/a');
      for (let i = 0; i < 2; i++) await put('tmp/b');
      for (let i = 0; i < 3; i++) await put('keep');
      begin({ rules: [{ bucket: 'files', prefix: 'tmp/', noncurrent: { days: 7, keep: 1 } }] });
      await pass(6 * DAY);
      expect(await versions()).toHaveLength(9);
      await pass(2 * DAY);
      expect(await versions()).toEqual([
        'keep latest',
        'keep',
        'keep',
        'tmp/a latest',
        'tmp/a',
        'tmp/b latest',
        'tmp/b',
      ]);
      expect(logger.lines).toMatchObject([{ level: 'info', fields: { objects: 2 } }]);
    });

    it('counts those of a key over the ends of pages', async () => {
      await Promise.all(Array.from({ length: 230 }, () => put('tmp/many')));
      begin({ rules: [{ bucket: 'files', prefix: '', noncurrent: { days: 0, keep: 150 } }] });
      await pass(60_000);
      expect(await versions()).toHaveLength(151);
    });

    it('takes a delete marker away with the last that is below it', async () => {
      await put('tmp/a');
      await put('tmp/b');
      await local.objects.delete({ bucket: 'files', key: 'tmp/a' });
      await local.objects.delete({ bucket: 'files', key: 'tmp/b' });
      await put('tmp/b');
      begin({ rules: [{ bucket: 'files', prefix: 'tmp/', noncurrent: { days: 7, keep: 0 } }] });
      await pass(6 * DAY);
      expect(await versions()).toEqual(['no tmp/a latest', 'tmp/a', 'tmp/b latest', 'no tmp/b', 'tmp/b']);
      await pass(2 * DAY);
      await pass(3_600_000);
      expect(await versions()).toEqual(['tmp/b latest']);
    });

    it('deletes what is current as anybody does: a delete marker hides it', async () => {
      await put('tmp/a');
      begin({ rules: [{ bucket: 'files', prefix: 'tmp/', days: 7 }] });
      await pass(8 * DAY);
      expect(await versions()).toEqual(['no tmp/a latest', 'tmp/a']);
      expect(await keys()).toEqual([]);
    });

    it('leaves a version that another has taken the name of', async () => {
      await local.buckets.setVersioning('files', 'Suspended');
      await put('tmp/a');
      await local.buckets.setVersioning('files', 'Enabled');
      await put('tmp/a');
      const listVersions: typeof local.objects.listVersions = async (params) => {
        const page = await local.objects.listVersions(params);
        await local.buckets.setVersioning('files', 'Suspended');
        await put('tmp/a');
        return page;
      };
      begin({
        rules: [{ bucket: 'files', prefix: '', noncurrent: { days: 0, keep: 0 } }],
        objects: { ...local.objects, listVersions },
      });
      await pass(60_000);
      expect(await keys()).toEqual(['tmp/a']);
    });
  });

  it('goes through any number of objects', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, i) => put(`tmp/${i}`)));
    begin();
    await pass(8 * DAY);
    expect(await keys()).toEqual([]);
  });

  it('leaves what has replaced an object meanwhile', async () => {
    await put('tmp/a');
    const list: typeof local.objects.list = async (params) => {
      const page = await local.objects.list(params);
      if (params.prefix === 'tmp/') await put('tmp/a');
      return page;
    };
    begin({ objects: { ...local.objects, list } });
    await pass(8 * DAY);
    expect(await keys()).toEqual(['tmp/a']);
  });

  it('goes on with the next rule when one fails, and tries again in an hour', async () => {
    await put('runs/a');
    let fails = true;
    const list: typeof local.objects.list = async (params) => {
      if (fails && params.prefix === 'tmp/') throw new Error('the disk is gone');
      return local.objects.list(params);
    };
    begin({ objects: { ...local.objects, list } });
    await pass(31 * DAY);
    expect(await keys()).toEqual([]);
    expect(logger.lines.map(({ level }) => level)).toContain('error');
    fails = false;
    await put('tmp/a');
    await pass(3_600_000);
    expect(await keys()).toEqual([]);
  });

  it('removes nothing once it is closed', async () => {
    await put('tmp/a');
    begin();
    await expiry?.close();
    await pass(8 * DAY);
    expect([await keys(), clock.due()]).toEqual([['tmp/a'], []]);
  });
});
