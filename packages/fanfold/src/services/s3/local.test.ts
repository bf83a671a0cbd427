import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as consumeText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectsSuite } from '../../testing/objects.suite.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const buckets = ['alpha-bucket', 'beta-bucket'];

objectsSuite('a local directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-objects-'));
  const { objects, close } = openLocalObjects({ directory, buckets });
  return {
    objects,
    close: async () => {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
});

objectsSuite('a local directory that is encrypted', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-objects-'));
  const encryption = { key: Buffer.alloc(32, 7), buckets };
  const { objects, close } = openLocalObjects({ directory, buckets, encryption });
  return {
    objects,
    close: async () => {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('a local directory of objects', () => {
  let directory: string;
  let local: LocalObjects;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-objects-'));
    local = openLocalObjects({ directory, buckets });
  });
  afterEach(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });

  const at = (key: string) => ({ bucket: 'alpha-bucket', key });
  const put = (key: string, body = key) => local.objects.put({ ...at(key), body });
  const pending = () => local.events.pending(100).map((e) => [e.name, e.object.key, e.object.sequencer]);
  const contentFiles = () =>
    readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  const reopen = async () => {
    await local.close();
    local = openLocalObjects({ directory, buckets });
  };

  it('has an event for each put and copy, none for a move, until it is acknowledged', async () => {
    const first = await put('a');
    const copy = await local.objects.copy({ from: at('a'), to: at('b') });
    await local.objects.move({ from: at('b'), to: at('c') });
    await local.objects.delete(at('a'));
    await reopen();
    expect(pending()).toEqual([
      ['ObjectCreated:Put', 'a', first.sequencer],
      ['ObjectCreated:Copy', 'b', copy.sequencer],
    ]);
    const [event] = local.events.pending(1);
    expect(event?.object).toEqual(first);
    expect(event?.at).toEqual(first.lastModified);
    local.events.acknowledge(event?.id ?? -1);
    await reopen();
    expect(pending()).toEqual([['ObjectCreated:Copy', 'b', copy.sequencer]]);
  });

  it('tells its listeners once the event is there', async () => {
    const seen: number[] = [];
    local.events.onPending(() => seen.push(local.events.pending(10).length));
    await put('a');
    await put('b');
    await local.objects.move({ from: at('b'), to: at('c') });
    expect(seen).toEqual([1, 2]);
  });

  it('adds no event for a refused put', async () => {
    await put('a');
    await expect(local.objects.put({ ...at('a'), body: '', ifAbsent: true })).rejects.toThrow();
    await expect(local.objects.put({ ...at('a'), body: '', metadata: { a: '\n' } })).rejects.toThrow();
    expect(pending()).toHaveLength(1);
    expect(contentFiles()).toHaveLength(1);
  });

  it('keeps one file for each content that somebody has', async () => {
    await put('a', 'one');
    await local.objects.copy({ from: at('a'), to: at('b') });
    expect(contentFiles()).toHaveLength(1);
    await put('a', 'two');
    await put('c', 'three');
    await local.objects.move({ from: at('c'), to: at('a') });
    await reopen();
    expect(contentFiles()).toHaveLength(2);
    await local.objects.delete(at('a'));
    await local.objects.delete(at('b'));
    await reopen();
    expect(contentFiles()).toHaveLength(0);
  });

  it('puts no file but its own into the directory', async () => {
    for (const key of ['../../../escape', '/abs', 'objects.db', '..']) await put(key);
    const names = readdirSync(directory).filter((name) => !name.startsWith('objects.db'));
    expect(names).toEqual(['objects']);
    expect(contentFiles().every((file) => /^[0-9a-f]{32}$/.test(file.name))).toBe(true);
  });

  it('undoes writes that were begun and not published', async () => {
    const write = await local.index.begin(at('a'));
    writeFileSync(write.temp, 'half');
    const renamed = await local.index.begin(at('b'));
    writeFileSync(renamed.path, 'whole, but not published');
    await reopen();
    expect(contentFiles()).toEqual([]);
    expect((await local.objects.list({ bucket: 'alpha-bucket' })).objects).toEqual([]);
    const description = { size: 4, eTag: '', contentType: 'a/b', metadata: {}, details: {}, ifAbsent: false };
    await expect(local.index.publish({ ...at('a'), id: write.id, ...description })).rejects.toThrow('No write');
  });

  it('remembers sources until told to forget', async () => {
    await local.objects.put({ ...at('a'), body: '', source: 's1' });
    await reopen();
    expect(await local.index.ingested('s1')).toBe(true);
    expect(await local.index.ingested('s2')).toBe(false);
    await local.index.forgetIngested('s1');
    expect(await local.index.ingested('s1')).toBe(false);
    await local.objects.put({ ...at('a'), body: '', source: 's1' });
  });

  it('gives no sequencer twice and none behind another when the clock goes back', async () => {
    await local.close();
    let now = Date.UTC(2030, 0, 1);
    local = openLocalObjects({ directory, buckets, now: () => now });
    const first = (await put('a')).sequencer;
    now -= 86_400_000;
    const second = (await put('a')).sequencer;
    now += 172_800_000;
    const third = (await put('a')).sequencer;
    expect([third, second, first].sort()).toEqual([first, second, third]);
    expect(first).toMatch(/^[0-9A-F]{16}$/);
  });

  it('says so when a content is lost, and reads what replaced a file that went meanwhile', async () => {
    await put('a', 'one');
    for (const file of contentFiles()) rmSync(join(file.parentPath, file.name));
    await expect(local.objects.get(at('a'))).rejects.toMatchObject({ code: 'InternalError', status: 500 });
    await put('a', 'two');
    const { body } = await local.objects.get(at('a'));
    expect(await consumeText(body)).toBe('two');
  });

  it('refuses to open with a name that is no bucket', () => {
    const open = (bucket: string) => openLocalObjects({ directory: join(directory, 'x'), buckets: [bucket] });
    for (const name of ['', 'ab', 'A-bucket', 'a..b', '-ab', 'ab-', '10.0.0.1', 'x'.repeat(64), 'a_b', 'a/b', 'xn--ab'])
      expect(() => open(name)).toThrow('The specified bucket is not valid');
  });
});
