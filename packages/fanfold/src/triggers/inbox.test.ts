import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as consumeText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Objects } from '../ports/objects.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { type ManualClock, machineClock, manualClock } from '../testing/clocks.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createInbox, type Inbox, type InboxParams } from './inbox.ts';

const buckets = ['orders', 'parts'];
const SETTLE = 40;

describe('the inbox', () => {
  let directory: string;
  let root: string;
  let local: LocalObjects;
  let logger: ReturnType<typeof recordingLogger>;
  let open: Inbox[];
  /** Resolves the next time an object has arrived. */
  let arrived: PromiseWithResolvers<void>;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-inbox-'));
    root = join(directory, 'inbox');
    openStore();
    logger = recordingLogger();
    open = [];
  });
  afterEach(async () => {
    for (const inbox of open) await inbox.close();
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const openStore = (): void => {
    local = openLocalObjects({ directory: join(directory, 'data'), buckets });
    arrived = Promise.withResolvers();
    local.events.onPending(() => {
      arrived.resolve();
      arrived = Promise.withResolvers();
    });
  };
  const create = async (more: Partial<InboxParams> = {}): Promise<Inbox> => {
    const { objects, index } = local;
    const sync = async (): Promise<void> => local.sync();
    const params = { directory: root, buckets, objects, index, sync, clock: machineClock, logger, settleMs: SETTLE };
    const inbox = await createInbox({ ...params, ...more });
    open.push(inbox);
    return inbox;
  };
  /** With a clock that stands still at the machine's time: nothing settles until it is told to. */
  const createStill = async (more: Partial<InboxParams> = {}): Promise<[Inbox, ManualClock]> => {
    const clock = manualClock(Date.now());
    return [await create({ clock, settleMs: 2000, ...more }), clock];
  };
  const drop = (path: string, content = path, modified?: number): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (modified !== undefined) utimesSync(file, modified, modified);
  };
  const old = 1000;
  const keys = async (bucket = 'orders') => (await local.objects.list({ bucket })).objects.map((object) => object.key);
  const read = async (key: string, bucket = 'orders') => consumeText((await local.objects.get({ bucket, key })).body);
  const eventCount = () => local.events.pending(1000).length;
  const left = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  const until = async (check: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('refuses a bucket that would lead out of the inbox', async () => {
    for (const name of ['../up', '..', 'a/b', 'a\\b', ''])
      await expect(create({ buckets: [name] })).rejects.toThrow('cannot have a folder in the inbox');
  });

  it('makes a folder for each bucket', async () => {
    await create();
    expect(readdirSync(root)).toEqual(buckets);
  });

  it('takes what is dropped while it watches, and what lay there before', async () => {
    drop('orders/before.csv', 'one', old);
    drop('parts/sub/deep/\u00fcn\u00ef x+y.csv', 'two', old);
    const inbox = await create();
    await inbox.idle();
    expect([await keys(), await keys('parts')]).toEqual([['before.csv'], ['sub/deep/\u00fcn\u00ef x+y.csv']]);
    const seen = arrived.promise;
    drop('orders/new/sub/after.csv', 'three');
    await seen;
    await inbox.idle();
    expect(await read('new/sub/after.csv')).toBe('three');
    expect(left()).toEqual([]);
    expect(logger.lines).toEqual([]);
  });

  it('takes a file that is renamed in at once when it is old enough', async () => {
    const [inbox] = await createStill();
    writeFileSync(join(directory, 'outside.csv'), 'whole');
    utimesSync(join(directory, 'outside.csv'), old, old);
    const seen = arrived.promise;
    renameSync(join(directory, 'outside.csv'), join(root, 'orders', 'in.csv'));
    await seen;
    await inbox.idle();
    expect(await read('in.csv')).toBe('whole');
  });

  it('takes a file under its last name when a temporary one is renamed', async () => {
    const inbox = await create();
    drop('orders/a.csv.part', 'whole', old);
    await inbox.idle();
    expect(await keys()).toEqual([]);
    const seen = arrived.promise;
    renameSync(join(root, 'orders/a.csv.part'), join(root, 'orders/a.csv'));
    await seen;
    await inbox.idle();
    expect(await keys()).toEqual(['a.csv']);
  });

  it('waits for a slow writer, and takes the file once and whole', async () => {
    const [inbox, clock] = await createStill({ sweepMs: 1e9 });
    drop('orders/slow.csv', 'line 0\n');
    const file = join(root, 'orders/slow.csv');
    const waiting = () => clock.due()[0] === 2000;
    await until(waiting);
    for (let i = 1; i <= 4; i++) {
      appendFileSync(file, `line ${i}\n`);
      clock.advance(2000);
      await until(waiting);
      expect(eventCount()).toBe(0);
    }
    clock.advance(1999);
    expect(eventCount()).toBe(0);
    clock.advance(1);
    await inbox.idle();
    expect(await read('slow.csv')).toBe('line 0\nline 1\nline 2\nline 3\nline 4\n');
    expect(eventCount()).toBe(1);
    expect(left()).toEqual([]);
  });

  it('takes a file of the same name again', async () => {
    const inbox = await create();
    for (const content of ['one', 'two', 'three']) {
      drop('orders/a.csv', content, old);
      await inbox.idle();
      expect(await read('a.csv')).toBe(content);
    }
    expect(eventCount()).toBe(3);
  });

  it('takes the new file when one is replaced while it is read', async () => {
    let first = true;
    const objects: Objects = {
      ...local.objects,
      put: (params) => {
        if (first) {
          drop('orders/other', 'new content', old);
          renameSync(join(root, 'orders/other'), join(root, 'orders/a.csv'));
        }
        first = false;
        return local.objects.put(params);
      },
    };
    drop('orders/a.csv', 'old', old);
    const inbox = await create({ objects });
    await inbox.idle();
    expect(await read('a.csv')).toBe('new content');
    expect([eventCount(), left()]).toEqual([1, []]);
  });

  it('takes both when a file is replaced after it was read', async () => {
    let first = true;
    const sync = async (): Promise<void> => {
      if (first) drop('orders/a.csv', 'new', old);
      first = false;
    };
    drop('orders/a.csv', 'before', old);
    const inbox = await create({ sync });
    await inbox.idle();
    expect(await read('a.csv')).toBe('new');
    expect([eventCount(), left()]).toEqual([2, []]);
  });

  it('goes on after a crash between the put and the removal: one object, one event', async () => {
    drop('orders/a.csv', 'content', old);
    const [inbox] = await createStill({ sync: () => Promise.reject(new Error('killed')) });
    await inbox.idle();
    await inbox.close();
    expect([left(), eventCount()]).toEqual([['a.csv'], 1]);
    await local.close();
    openStore();
    await (await create()).idle();
    expect([left(), eventCount()]).toEqual([[], 1]);
  });

  it('ignores what is hidden or not finished', async () => {
    for (const name of ['.hidden', 'a.tmp', 'a.part', 'a.filepart', 'a.crdownload', 'a.csv~', '.dir/a.csv'])
      drop(`orders/${name}`, 'x', old);
    drop('.DS_Store', 'x', old);
    const inbox = await create();
    await inbox.idle();
    expect(eventCount()).toBe(0);
    expect(left()).toHaveLength(8);
    expect(logger.lines).toEqual([]);
  });

  it('warns once of folders that are no buckets, and of files in none', async () => {
    drop('unknown/a.csv', 'x', old);
    drop('unknown/sub/b.csv', 'x', old);
    drop('stray.csv', 'x', old);
    const inbox = await create();
    for (let i = 0; i < 3; i++) await inbox.idle();
    expect(logger.lines.map((line) => [line.level, line.fields.file])).toEqual([
      ['warn', 'stray.csv'],
      ['warn', 'unknown/'],
    ]);
    for (const { message } of logger.lines) expect(message).toContain('orders/, parts/');
    rmSync(join(root, 'stray.csv'));
    await inbox.idle();
    drop('stray.csv', 'x', old);
    await inbox.idle();
    expect(logger.lines).toHaveLength(3);
    expect(eventCount()).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('follows no link and opens no pipe', async () => {
    drop('../secret/passwd', 'secret', old);
    const inbox = await create();
    symlinkSync(join(directory, 'secret/passwd'), join(root, 'orders/link.csv'));
    symlinkSync(join(directory, 'secret'), join(root, 'orders/folder'));
    symlinkSync(join(directory, 'nowhere'), join(root, 'orders/broken'));
    execFileSync('mkfifo', [join(root, 'orders/pipe.csv')]);
    for (let i = 0; i < 2; i++) await inbox.idle();
    expect(eventCount()).toBe(0);
    const warned = logger.lines.filter((line) => line.level === 'warn').map((line) => line.fields.file);
    expect(warned.sort()).toEqual(['orders/broken', 'orders/folder', 'orders/link.csv', 'orders/pipe.csv']);
    expect(existsSync(join(directory, 'secret/passwd'))).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('does not take the folder of a bucket that is a link', async () => {
    drop('../elsewhere/a.csv', 'x', old);
    mkdirSync(root);
    symlinkSync(join(directory, 'elsewhere'), join(root, 'orders'));
    await (await create()).idle();
    expect(eventCount()).toBe(0);
    expect(logger.lines.map((line) => line.fields.file)).toEqual(['orders']);
  });

  it('leaves a file whose key would be too long, and says so', async () => {
    const folder = `${'d'.repeat(200)}/`.repeat(5);
    drop(`orders/${folder}${'x'.repeat(19)}`, 'fits', old);
    drop(`orders/${folder}${'x'.repeat(20)}`, 'too long', old);
    await (await create()).idle();
    expect(await keys()).toEqual([`${folder}${'x'.repeat(19)}`]);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.message).toContain('1025 bytes');
    expect(left()).toEqual(['x'.repeat(20)]);
  });

  it.skipIf(process.platform !== 'linux')('says so when a name is not UTF-8', async () => {
    const inbox = await create();
    const file = Buffer.concat([Buffer.from(join(root, 'orders/')), Buffer.from([0xfc, 0x2e, 0x63])]);
    writeFileSync(file, 'x');
    await inbox.idle();
    await inbox.idle();
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.message).toContain('not valid UTF-8');
    rmSync(file);
  });

  it('keeps names as they are, composed or not', async () => {
    const names = ['\u00e9.csv', 'e\u0301.csv', ' a  b .csv', '100%.csv', "it's; a $(test).csv"];
    for (const name of names) drop(`orders/${name}`, name, old);
    await (await create()).idle();
    expect(new Set(await keys())).toEqual(new Set(names));
  });

  it('takes an empty file', async () => {
    drop('orders/empty.csv', '', old);
    await (await create()).idle();
    expect(await read('empty.csv')).toBe('');
    expect(left()).toEqual([]);
  });

  it('tries again what fails, ever later, and logs the same error once', async () => {
    let broken = true;
    const objects: Objects = {
      ...local.objects,
      put: (params) =>
        broken && params.key === 'bad.csv'
          ? Promise.reject(new Error('ENOSPC: no space left on device'))
          : local.objects.put(params),
    };
    drop('orders/bad.csv', 'bad', old);
    drop('orders/good.csv', 'good', old);
    const [inbox, clock] = await createStill({ objects, sweepMs: 1e9 });
    await inbox.idle();
    expect(await keys()).toEqual(['good.csv']);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const [wait = 0] = clock.due();
      waits.push(wait);
      clock.advance(wait);
      await inbox.idle();
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { file: 'orders/bad.csv', retryInSeconds: 1 } });
    broken = false;
    clock.advance(60_000);
    await inbox.idle();
    expect(await keys()).toEqual(['bad.csv', 'good.csv']);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'info', fields: { file: 'orders/bad.csv' } });
    expect(left()).toEqual([]);
  });

  it('finds on its rounds what nobody told of', async () => {
    const [, clock] = await createStill({ sweepMs: 500 });
    await until(() => clock.due().length === 1);
    // Of a folder that was removed and made again no watcher tells.
    rmSync(root, { recursive: true });
    drop('orders/a.csv', 'x', old);
    const seen = arrived.promise;
    clock.advance(500);
    await seen;
    expect(await keys()).toEqual(['a.csv']);
  });

  it('ends in the middle of a file, which stays and is taken next time', async () => {
    drop('orders/large.bin', 'x'.repeat(2_000_000), old);
    const reading = Promise.withResolvers<void>();
    const resume = Promise.withResolvers<void>();
    const objects: Objects = {
      ...local.objects,
      put: async (params) => {
        reading.resolve();
        await resume.promise;
        return local.objects.put(params);
      },
    };
    const inbox = await create({ objects });
    await reading.promise;
    const closed = inbox.close();
    resume.resolve();
    await closed;
    expect([left(), eventCount()]).toEqual([['large.bin'], 0]);
    await (await create()).idle();
    expect([left(), eventCount()]).toEqual([[], 1]);
    expect(logger.lines).toEqual([]);
  });

  it('takes hundreds of files that come at once, a few at a time', async () => {
    let running = 0;
    let most = 0;
    const objects: Objects = {
      ...local.objects,
      put: async (params) => {
        running += 1;
        most = Math.max(most, running);
        try {
          return await local.objects.put(params);
        } finally {
          running -= 1;
        }
      },
    };
    const inbox = await create({ objects });
    for (let i = 0; i < 300; i++) drop(`orders/${i % 7}/${i}.csv`, `${i}`);
    await inbox.idle();
    expect(eventCount()).toBe(300);
    expect(await read('5/299.csv')).toBe('299');
    expect(left()).toEqual([]);
    expect(most).toBe(4);
    expect(logger.lines).toEqual([]);
  });
});
