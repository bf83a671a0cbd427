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
    begin({ objects: { list, delete: local.objects.delete } });
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
    begin({ objects: { list, delete: local.objects.delete } });
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
