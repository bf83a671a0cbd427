import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Versioning } from '../../ports/buckets.ts';
import type { ListVersionsParams, ObjectVersionPlace } from '../../ports/objects.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const bucket = 'alpha-bucket';
const PLAIN = 'beta-bucket';

describe('versions of objects', () => {
  let directory: string;
  let local: LocalObjects;
  const open = (): LocalObjects =>
    openLocalObjects({ directory, buckets: [bucket, PLAIN], settings: { [bucket]: { versioning: 'Enabled' } } });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-versions-'));
    local = open();
  });
  afterEach(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });
  const reopen = async (): Promise<void> => {
    await local.close();
    local = openLocalObjects({ directory, buckets: [] });
  };

  const at = (key: string, versionId?: string) => ({ bucket, key, ...(versionId !== undefined && { versionId }) });
  const put = async (key: string, body: string = key): Promise<string> =>
    (await local.objects.put({ ...at(key), body })).versionId ?? 'none';
  const read = async (key: string, versionId?: string): Promise<string> =>
    text((await local.objects.get(at(key, versionId))).body);
  const remove = (key: string, versionId?: string) => local.objects.delete(at(key, versionId));
  const mode = (versioning: Versioning): Promise<void> => local.buckets.setVersioning(bucket, versioning);
  const files = (): number =>
    readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).length;
  const all = async (params: Partial<ListVersionsParams> = {}) =>
    (await local.objects.listVersions({ bucket, ...params })).versions;
  const ids = async (): Promise<string[]> => (await all()).map(({ versionId }) => versionId);

  it('are kept when an object is replaced, each to be read by its id', async () => {
    const [first, second] = [await put('a', 'one'), await put('a', 'two')];
    await reopen();
    expect(await read('a')).toBe('two');
    expect([await read('a', first), await read('a', second)]).toEqual(['one', 'two']);
    expect((await local.objects.list({ bucket })).objects).toMatchObject([{ key: 'a', versionId: second }]);
    expect(await all()).toMatchObject([
      { kind: 'object', versionId: second, isLatest: true, size: 3 },
      { kind: 'object', versionId: first, isLatest: false, noncurrentSince: expect.any(Date) },
    ]);
    expect(files()).toBe(2);
  });

  it('are there behind a delete marker, which can be removed', async () => {
    const first = await put('a');
    const { versionId: marker = '', isDeleteMarker } = await remove('a');
    expect([isDeleteMarker, await local.objects.head(at('a'))]).toEqual([true, undefined]);
    await expect(local.objects.get(at('a'))).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(local.objects.head(at('a', marker))).rejects.toMatchObject({ code: 'MethodNotAllowed', status: 405 });
    expect(await read('a', first)).toBe('a');
    await reopen();
    expect(await remove('a', marker)).toEqual({ versionId: marker, isDeleteMarker: true });
    expect([await read('a'), (await local.objects.head(at('a')))?.versionId]).toEqual(['a', first]);
  });

  it('go for good by their ids, and what was below the latest is the latest again', async () => {
    const [first, second, third] = [await put('a', '1'), await put('a', '2'), await put('a', '3')];
    expect(await remove('a', third)).toEqual({ versionId: third });
    expect(await read('a')).toBe('2');
    await remove('a', first);
    expect(await ids()).toEqual([second]);
    await remove('a', second);
    expect([await ids(), await local.objects.head(at('a'))]).toEqual([[], undefined]);
    await reopen();
    expect(files()).toBe(0);
  });

  it('are named null where the bucket kept none when they were written', async () => {
    const info = await local.objects.put({ bucket: PLAIN, key: 'a', body: 'one' });
    expect(info).not.toHaveProperty('versionId');
    const plain = { bucket: PLAIN, key: 'a' };
    expect((await local.objects.head({ ...plain, versionId: 'null' }))?.sequencer).toBe(info.sequencer);
    await local.buckets.setVersioning(PLAIN, 'Enabled');
    expect((await local.objects.head(plain))?.versionId).toBe('null');
    await local.objects.put({ ...plain, body: 'two' });
    expect(await text((await local.objects.get({ ...plain, versionId: 'null' })).body)).toBe('one');
    await local.buckets.setVersioning(PLAIN, 'Suspended');
    // Takes the place of the other null, and of nothing else.
    expect((await local.objects.put({ ...plain, body: 'three' })).versionId).toBe('null');
    expect((await local.objects.listVersions({ bucket: PLAIN })).versions).toHaveLength(2);
    expect(await local.objects.delete(plain)).toEqual({ versionId: 'null', isDeleteMarker: true });
    expect((await local.objects.listVersions({ bucket: PLAIN })).versions).toMatchObject([
      { kind: 'delete-marker', versionId: 'null', isLatest: true },
      { kind: 'object', size: 3 },
    ]);
    await reopen();
    expect(files()).toBe(1);
  });

  it('are no business of a bucket that never kept any', async () => {
    const ref = { bucket: PLAIN, key: 'a' };
    await local.objects.put({ ...ref, body: '1' });
    await local.objects.put({ ...ref, body: '2' });
    expect(await local.buckets.versioning(PLAIN)).toBeUndefined();
    expect(await local.objects.delete(ref)).toEqual({});
    expect((await local.objects.listVersions({ bucket: PLAIN })).versions).toEqual([]);
  });

  it('refuse ids that are none, that are of nothing, and that are of another key', async () => {
    const id = await put('a');
    for (const wrong of ['', 'x', '../../x', `${id}x`])
      await expect(local.objects.head(at('a', wrong))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(local.objects.head(at('b', id))).rejects.toMatchObject({ code: 'NoSuchVersion', status: 404 });
    await expect(local.objects.head(at('a', 'null'))).rejects.toMatchObject({ code: 'NoSuchVersion' });
    expect(await remove('b', id)).toEqual({ versionId: id });
    expect(await ids()).toEqual([id]);
  });

  it('are copied by their ids, over what has replaced them too, and share their bytes', async () => {
    const first = await put('a', 'one');
    await put('a', 'two');
    const restored = await local.objects.copy({ from: at('a', first), to: at('a') });
    expect([await read('a'), await ids(), restored.versionId]).toEqual([
      'one',
      [restored.versionId, expect.any(String), first],
      expect.not.stringMatching(first),
    ]);
    expect(files()).toBe(2);
    await expect(local.objects.copy({ from: at('a'), to: at('a') })).rejects.toMatchObject({ code: 'InvalidRequest' });
    const to = { bucket: PLAIN, key: 'b' };
    expect(await local.objects.copy({ from: at('a', first), to })).not.toHaveProperty('versionId');
    await remove('a', first);
    await remove('a', restored.versionId);
    await reopen();
    expect(await text((await local.objects.get(to)).body)).toBe('one');
  });

  it('are left below a delete marker by what is moved, and by what it is moved over', async () => {
    const first = await put('in/a', 'one');
    const moved = await local.objects.move({ from: at('in/a'), to: at('archive/a') });
    const again = await put('in/a', 'two');
    await local.objects.move({ from: at('in/a'), to: at('archive/a') });
    expect([await read('archive/a'), await read('archive/a', moved.versionId)]).toEqual(['two', 'one']);
    expect([await read('in/a', first), await read('in/a', again)]).toEqual(['one', 'two']);
    expect(await local.objects.head(at('in/a'))).toBeUndefined();
    await reopen();
    expect(files()).toBe(2);
  });

  it('are said in the events of what is written, and in no other bucket', async () => {
    const id = await put('a');
    await local.objects.put({ bucket: PLAIN, key: 'a', body: '' });
    const { uploadId } = await local.uploads.create({ ...at('m'), contentType: 'a/b', metadata: {}, details: {} });
    const { eTag } = await local.uploads.putPart({ ...at('m'), uploadId, partNumber: 1, body: 'x' });
    const whole = await local.uploads.complete({ ...at('m'), uploadId, parts: [{ partNumber: 1, eTag }] });
    expect(whole.versionId).toHaveLength(32);
    expect(local.events.pending(9).map(({ object }) => object.versionId)).toEqual([id, undefined, whole.versionId]);
  });

  it('have tags each', async () => {
    const [first, second] = [await put('a'), await put('a')];
    await local.objects.tag({ ...at('a', first), tags: { n: '1' } });
    expect((await local.objects.head(at('a', first)))?.details).toEqual({ tags: { n: '1' } });
    expect((await local.objects.head(at('a', second)))?.details).toEqual({});
  });

  it('hold a bucket, and go into its backup', async () => {
    const [first] = [await put('a', 'one'), await remove('a')];
    await expect(local.buckets.delete(bucket)).rejects.toMatchObject({ code: 'BucketNotEmpty' });
    const copied = mkdtempSync(join(tmpdir(), 'fanfold-copied-'));
    const snapshot = local.snapshot();
    await snapshot.copyInto(copied);
    snapshot.release();
    const other = openLocalObjects({ directory: copied, buckets: [] });
    expect(await text((await other.objects.get(at('a', first))).body)).toBe('one');
    await other.close();
    rmSync(copied, { recursive: true });
    for (const id of await ids()) await remove('a', id);
    await local.buckets.delete(bucket);
    await local.buckets.create(bucket);
    expect(await local.buckets.versioning(bucket)).toBeUndefined();
  });

  it('are listed in pages that together are the whole, also while they are removed', async () => {
    for (const key of ['a', 'b/1', 'b/2', 'c']) for (let i = 0; i < 3; i++) await put(key);
    await mode('Suspended');
    await put('c');
    await put('a');
    await mode('Enabled');
    await put('a');
    const whole = (await all()).map(({ key, versionId }) => ({ key, versionId }));
    expect(whole.map(({ key }) => key)).toEqual([
      ...'aaaaa',
      ...Array(6)
        .fill(0)
        .map((_, i) => (i < 3 ? 'b/1' : 'b/2')),
      ...'cccc',
    ]);
    for (let limit = 1; limit < 6; limit++) expect(await paged({ limit })).toEqual(whole);
    const grouped = await local.objects.listVersions({ bucket, delimiter: '/', limit: 6 });
    expect([grouped.versions.length, grouped.prefixes, grouped.next]).toEqual([5, ['b/'], { key: 'b/' }]);
    const gone: string[] = [];
    for (let after: ObjectVersionPlace | undefined = { key: '' }; after;) {
      const page = await local.objects.listVersions({ bucket, limit: 2, after });
      for (const { key, versionId } of page.versions) gone.push((await remove(key, versionId)).versionId ?? '');
      after = page.next;
    }
    expect([gone, await ids()]).toEqual([whole.map(({ versionId }) => versionId), []]);
  });

  async function paged(params: Partial<ListVersionsParams>): Promise<ObjectVersionPlace[]> {
    const found: ObjectVersionPlace[] = [];
    for (let after: ObjectVersionPlace | undefined = { key: '' }; after;) {
      const page = await local.objects.listVersions({ bucket, ...params, after });
      found.push(...page.versions.map(({ key, versionId }) => ({ key, versionId })));
      after = page.next;
    }
    return found;
  }

  it('behave as a list of versions for each key, whatever is done', async () => {
    const key = fc.constantFrom('a', 'b');
    const pick = fc.nat(5);
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), key }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('remove' as const), key, pick }),
      fc.record({ do: fc.constant('copy' as const), key, pick }),
      fc.record({ do: fc.constant('move' as const), key }),
      fc.record({ do: fc.constant('Enabled' as const) }),
      fc.record({ do: fc.constant('Suspended' as const) }),
    );
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const own = `run/${n++}/`;
        await mode('Enabled');
        let isNull = false;
        /** The newest first; a marker has no body. */
        const model: Record<'a' | 'b', { id: string; body?: string }[]> = { a: [], b: [] };
        const add = (k: 'a' | 'b', entry: { id: string; body?: string }): void => {
          if (isNull) model[k] = model[k].filter(({ id }) => id !== 'null');
          model[k].unshift(entry);
        };
        for (const [i, s] of steps.entries()) {
          if (s.do === 'Enabled' || s.do === 'Suspended') {
            isNull = s.do === 'Suspended';
            await mode(s.do);
            continue;
          }
          const name = own + s.key;
          const other = s.key === 'a' ? 'b' : 'a';
          if (s.do === 'put') add(s.key, { id: await put(name, `${i}`), body: `${i}` });
          if (s.do === 'delete') add(s.key, { id: (await remove(name)).versionId ?? '' });
          const picked = 'pick' in s ? model[s.key][s.pick] : model[s.key][0];
          if (s.do === 'remove' && picked) {
            await remove(name, picked.id);
            model[s.key] = model[s.key].filter((entry) => entry !== picked);
          }
          if (picked?.body === undefined) continue;
          if (s.do === 'copy') {
            const { versionId: id = '' } = await local.objects.copy({ from: at(name, picked.id), to: at(own + other) });
            add(other, { id, body: picked.body });
          }
          if (s.do === 'move') {
            const { versionId: id = '' } = await local.objects.move({ from: at(name), to: at(own + other) });
            add(other, { id, body: picked.body });
            const left = (await all({ prefix: name, limit: 1 }))[0]?.versionId ?? '';
            add(s.key, { id: left });
          }
        }
        for (const k of ['a', 'b'] as const) {
          const name = own + k;
          const found = await all({ prefix: name });
          expect(found.map(({ versionId }) => versionId)).toEqual(model[k].map(({ id }) => id));
          expect(found.map(({ isLatest }) => isLatest)).toEqual(model[k].map((_, i) => i === 0));
          expect(found.map(({ noncurrentSince }) => noncurrentSince === undefined)).toEqual(
            model[k].map((_, i) => i === 0),
          );
          for (const { id, body } of model[k])
            if (body === undefined)
              await expect(local.objects.head(at(name, id))).rejects.toMatchObject({ code: 'MethodNotAllowed' });
            else expect(await read(name, id)).toBe(body);
          const current = await local.objects.head(at(name));
          expect(current?.versionId).toBe(model[k][0]?.body === undefined ? undefined : model[k][0].id);
        }
      }),
      { numRuns: 50 },
    );
  });
});
