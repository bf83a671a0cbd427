import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as consumeText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Objects, PutObjectParams } from '../../ports/objects.ts';
import { type LocalObjects, openLocalObjects } from '../../services/s3/local.ts';
import { identityOf, lookOf } from './look.ts';
import { type TakeInParams, takeIn } from './take-in.ts';

const bucket = 'orders';
const path = 'orders/a.csv';

describe('taking a file in', () => {
  let directory: string;
  let local: LocalObjects;
  let file: string;
  let done: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-take-in-'));
    mkdirSync(join(directory, 'inbox', bucket), { recursive: true });
    file = join(directory, 'inbox', path);
    local = openLocalObjects({ directory: join(directory, 'data'), buckets: [bucket] });
    done = [];
  });
  afterEach(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const drop = (content: string): void => writeFileSync(file, content);
  const look = () => lookOf(lstatSync(file, { bigint: true }));
  const take = (more: Partial<TakeInParams> = {}) =>
    takeIn({
      root: join(directory, 'inbox'),
      path,
      look: more.look ?? look(),
      ref: { bucket, key: 'a.csv' },
      objects: local.objects,
      index: local.index,
      sync: async () => {
        done.push(existsSync(file) ? 'sync' : 'late');
      },
      signal: new AbortController().signal,
      ...more,
    });
  const events = () => local.events.pending(10).length;
  const stored = async () => consumeText((await local.objects.get({ bucket, key: 'a.csv' })).body);
  /** Does something between the last byte and the end of the body. */
  const meanwhile = (act: () => void): Objects => ({
    ...local.objects,
    put: (params) => local.objects.put({ ...params, body: followed(params.body as AsyncIterable<Uint8Array>, act) }),
  });
  async function* followed(body: AsyncIterable<Uint8Array>, act: () => void): AsyncGenerator<Uint8Array> {
    let acted = false;
    for await (const chunk of body) {
      yield chunk;
      if (!acted) act();
      acted = true;
    }
  }

  it('makes it an object, syncs, and only then removes it', async () => {
    drop('content');
    const source = identityOf(path, look());
    expect(await take()).toBe('taken');
    expect(await stored()).toBe('content');
    expect(done).toEqual(['sync']);
    expect(existsSync(file)).toBe(false);
    expect(await local.index.ingested(source)).toBe(false);
  });

  it('takes an empty file', async () => {
    drop('');
    expect(await take()).toBe('taken');
    expect(await stored()).toBe('');
  });

  it('only removes a file that became an object before a crash', async () => {
    drop('content');
    await expect(take({ sync: () => Promise.reject(new Error('killed')) })).rejects.toThrow('killed');
    expect([existsSync(file), events()]).toEqual([true, 1]);
    await local.close();
    local = openLocalObjects({ directory: join(directory, 'data'), buckets: [bucket] });
    const objects = { ...local.objects, put: () => Promise.reject(new Error('put twice')) };
    expect(await take({ objects })).toBe('taken');
    expect([existsSync(file), events()]).toEqual([false, 1]);
  });

  it('counts a put that is refused for its known source as done', async () => {
    drop('content');
    const objects: Objects = {
      ...local.objects,
      put: async (params: PutObjectParams) => {
        await local.objects.put({ ...params, body: 'content' });
        return local.objects.put(params);
      },
    };
    expect(await take({ objects })).toBe('taken');
    expect([existsSync(file), events()]).toEqual([false, 1]);
  });

  it('takes the same name, time and size again once the first was removed', async () => {
    for (const content of ['one', 'two']) {
      drop(content);
      utimesSync(file, 1000, 1000);
      expect(await take()).toBe('taken');
      expect(await stored()).toBe(content);
    }
    expect(events()).toBe(2);
  });

  it.each<[string, () => void]>([
    ['written to', () => appendFileSync(file, ' more')],
    ['rewritten at the same length', () => writeFileSync(file, 'CONTENT')],
    ['cut', () => truncateSync(file, 2)],
    [
      'replaced',
      () => {
        writeFileSync(`${file}.new`, 'content');
        renameSync(`${file}.new`, file);
      },
    ],
    ['removed', () => rmSync(file)],
  ])('publishes nothing of a file that is %s while it is read', async (_, act) => {
    drop('content');
    utimesSync(file, 1000, 1000);
    expect(await take({ objects: meanwhile(act) })).toBe('changed');
    expect(events()).toBe(0);
    expect(await local.objects.head({ bucket, key: 'a.csv' })).toBeUndefined();
  });

  it('leaves a file that was replaced after it was read', async () => {
    drop('old');
    const source = identityOf(path, look());
    expect(await take({ sync: async () => drop('newer') })).toBe('changed');
    expect(await stored()).toBe('old');
    expect(readFileSync(file, 'utf8')).toBe('newer');
    expect(await local.index.ingested(source)).toBe(false);
  });

  it('takes nothing that is not the file that was looked at', async () => {
    drop('one');
    const before = look();
    drop('other');
    expect(await take({ look: before })).toBe('changed');
    rmSync(file);
    expect(await take({ look: before })).toBe('changed');
    expect(events()).toBe(0);
  });

  it('follows no link, neither as the file nor on the way', async () => {
    const secret = join(directory, 'secret');
    mkdirSync(secret);
    writeFileSync(join(secret, 'a.csv'), 'secret');
    symlinkSync(join(secret, 'a.csv'), file);
    const target = lookOf(lstatSync(join(secret, 'a.csv'), { bigint: true }));
    expect(await take({ look: target })).toBe('changed');
    symlinkSync(secret, join(directory, 'inbox', bucket, 'sub'));
    expect(await take({ path: 'orders/sub/a.csv', look: target })).toBe('changed');
    expect(events()).toBe(0);
  });

  it('leaves the file when it cannot be put, and when it is told to end', async () => {
    drop('content');
    const full = { ...local.objects, put: () => Promise.reject(new Error('ENOSPC: no space left on device')) };
    await expect(take({ objects: full })).rejects.toThrow('ENOSPC');
    await expect(take({ signal: AbortSignal.abort() })).rejects.toThrow('abort');
    expect([existsSync(file), events()]).toEqual([true, 0]);
  });
});
