/** What every implementation of the port `Objects` does. The buckets `alpha-bucket` and `beta-bucket` are there. */
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BodyDigests, ObjectBody, ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';

export interface OpenedObjects {
  readonly objects: Objects;
  close(): Promise<void>;
}

const BUCKET = 'alpha-bucket';
const AWKWARD_KEYS = [
  '../../etc/passwd',
  '..\\..\\etc\\passwd',
  '/etc/passwd',
  '.',
  '..',
  'a//b',
  'a/./b',
  'a/',
  'a',
  '%2e%2e/x',
  'a\r\nX: y.csv',
  'nul\u0000byte',
  ' lead',
  'trail ',
  'trail.',
  '--help',
  '$(id).csv',
  '*.csv',
  '%_.csv',
  'CON',
  'a:b',
  '\u00e9.csv',
  'e\u0301.csv',
  '__proto__',
  'constructor',
  '\uffff',
  '\u{1f600}',
  'a\'b"c;--',
  'x'.repeat(1024),
  '\u6f22'.repeat(341),
];

/** Writes each part over the one before it. */
export async function* inOneMemory(whole: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.max(...sizes));
  let at = 0;
  for (const size of sizes) {
    memory.set(whole.subarray(at, at + size));
    at += size;
    yield memory.subarray(0, size);
  }
}

export function objectsSuite(name: string, open: () => Promise<OpenedObjects>): void {
  describe(`objects of ${name}`, () => {
    let opened: OpenedObjects;
    let objects: Objects;
    beforeEach(async () => {
      opened = await open();
      objects = opened.objects;
    });
    afterEach(() => opened.close());

    const put = (key: string, body: ObjectBody, bucket = BUCKET) => objects.put({ bucket, key, body });
    const text = async (key: string, bucket = BUCKET) => readText((await objects.get({ bucket, key })).body);
    const keys = async (prefix = '') => (await objects.list({ bucket: BUCKET, prefix })).objects.map((o) => o.key);

    describe('put and get', () => {
      it('gives back the bytes and describes them', async () => {
        const info = await objects.put({
          bucket: BUCKET,
          key: 'in/a.csv',
          body: 'id,name\n1,ü\n',
          contentType: 'text/csv',
          metadata: { origin: 'test', ['__proto__']: 'own' },
        });
        expect(info).toMatchObject({ bucket: BUCKET, key: 'in/a.csv', size: 13, contentType: 'text/csv' });
        expect(info.eTag).toBe(md5('id,name\n1,ü\n'));
        expect(Object.entries(info.metadata)).toEqual([
          ['origin', 'test'],
          ['__proto__', 'own'],
        ]);
        expect(info.lastModified).toBeInstanceOf(Date);
        expect(await text('in/a.csv')).toBe('id,name\n1,ü\n');
        expect(await objects.head({ bucket: BUCKET, key: 'in/a.csv' })).toEqual(info);
        expect((await objects.get({ bucket: BUCKET, key: 'in/a.csv' })).info).toEqual(info);
      });

      it('has the ETag that a caller names, who has hashed the bytes', async () => {
        const eTag = `${'0123456789abcdef'.repeat(2)}-1`;
        const info = await objects.put({ ...ref('named'), body: 'x', eTag });
        expect(info).toMatchObject({ eTag, size: 1 });
        expect(await objects.head(ref('named'))).toEqual(info);
        const md5InBase64 = Buffer.from(md5('y'), 'hex').toString('base64');
        await refuses(objects.put({ ...ref('k'), body: 'x', eTag, digests: { md5: md5InBase64 } }), 'BadDigest', 400);
      });

      it('takes texts, bytes and streams of bytes, empty ones too', async () => {
        const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
        await put('bytes', bytes);
        await put('stream', streamOf(bytes.subarray(0, 1), new Uint8Array(0), bytes.subarray(1)));
        await put('empty', '');
        await put('empty-stream', streamOf());
        expect((await buffer((await objects.get(ref('bytes'))).body)).equals(bytes)).toBe(true);
        expect((await objects.head({ bucket: BUCKET, key: 'stream' }))?.eTag).toBe(md5(bytes));
        expect(await text('empty')).toBe('');
        expect(await objects.head({ bucket: BUCKET, key: 'empty-stream' })).toMatchObject({
          size: 0,
          contentType: 'application/octet-stream',
          metadata: {},
        });
      });

      it.each(AWKWARD_KEYS)('keeps the key %j as it is', async (key) => {
        await put(key, `content of ${key}`);
        expect(await text(key)).toBe(`content of ${key}`);
        expect(await keys()).toEqual([key]);
        expect(await keys(key)).toEqual([key]);
        await objects.delete({ bucket: BUCKET, key });
        expect(await keys()).toEqual([]);
      });

      it('takes a body whose parts are all in one memory, and gives one in the memory that it is given', async () => {
        const sizes = [1, 70_000, 262_144, 100_000, 5];
        const whole = randomBytes(sizes.reduce((sum, size) => sum + size, 0));
        const { eTag } = await put('k', inOneMemory(whole, sizes));
        expect(eTag).toBe(md5(whole));
        const memories = [0, 1].map(() => new Uint8Array(1_000_000));
        let given = 0;
        const allocate = (bytes: number): Uint8Array => (memories[given++ % 2] as Uint8Array).subarray(0, bytes);
        const found: Uint8Array[] = [];
        for await (const part of (await objects.get({ ...ref('k'), allocate })).body) found.push(Uint8Array.from(part));
        expect(Buffer.concat(found).equals(whole)).toBe(true);
      });

      it('never takes one key for another', async () => {
        for (const key of AWKWARD_KEYS) await put(key, key);
        for (const key of AWKWARD_KEYS) expect(await text(key)).toBe(key);
        expect(await keys()).toEqual([...AWKWARD_KEYS].sort(byBytes));
      });

      it('replaces an object, and what is being read is read to its end', async () => {
        const old = 'old'.repeat(400_000);
        await put('k', old);
        const before = await objects.get({ bucket: BUCKET, key: 'k' });
        const [replaced, deleted] = [await put('k', 'new'), await objects.get({ bucket: BUCKET, key: 'k' })];
        await objects.delete({ bucket: BUCKET, key: 'k' });
        expect(await readText(before.body)).toBe(old);
        expect(await readText(deleted.body)).toBe('new');
        expect(deleted.info).toEqual(replaced);
      });

      it('numbers the writes in their order, all numbers of one width', async () => {
        const numbers: string[] = [];
        for (const key of ['a', 'b', 'a', 'c']) numbers.push((await put(key, key)).sequencer);
        numbers.push((await objects.copy({ from: ref('a'), to: ref('d') })).sequencer);
        expect([...new Set(numbers)].sort()).toEqual(numbers);
        expect(new Set(numbers.map((n) => n.length)).size).toBe(1);
      });

      it('keeps what is there when asked for an absent key', async () => {
        await put('k', 'first');
        await refuses(objects.put({ ...ref('k'), body: 'second', ifAbsent: true }), 'PreconditionFailed', 412);
        expect(await text('k')).toBe('first');
        await objects.put({ ...ref('other'), body: 'second', ifAbsent: true });
        expect(await text('other')).toBe('second');
      });

      it('lets one of many writers of an absent key win', async () => {
        const tries = Array.from({ length: 8 }, (_, i) => objects.put({ ...ref('k'), body: `${i}`, ifAbsent: true }));
        const settled = await Promise.allSettled(tries);
        const winners = settled.flatMap((s, i) => (s.status === 'fulfilled' ? [i] : []));
        expect(winners).toHaveLength(1);
        expect(await text('k')).toBe(`${winners[0]}`);
      });

      it('shows nothing of a body that fails, and keeps what was there', async () => {
        async function* broken(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('half');
          throw new Error('the source broke');
        }
        await put('k', 'whole');
        await expect(put('k', broken())).rejects.toThrow('the source broke');
        await expect(put('never', broken())).rejects.toThrow('the source broke');
        expect(await text('k')).toBe('whole');
        expect(await keys()).toEqual(['k']);
      });

      it('takes a source once', async () => {
        await objects.put({ ...ref('k'), body: 'one', source: '/in/k 1 2' });
        await refuses(objects.put({ ...ref('k2'), body: 'two', source: '/in/k 1 2' }), 'PreconditionFailed', 412);
        await objects.put({ ...ref('k'), body: 'three', source: '/in/k 1 3' });
        expect(await keys()).toEqual(['k']);
        expect(await text('k')).toBe('three');
      });
    });

    describe('ranges', () => {
      it.each([
        [{ start: 0 }, '0123456789'],
        [{ start: 3 }, '3456789'],
        [{ start: 3, end: 3 }, '3'],
        [{ start: 3, end: 5 }, '345'],
        [{ start: 9, end: 9 }, '9'],
        [{ start: 8, end: 1000 }, '89'],
      ])('reads %j', async (range, expected) => {
        await put('k', '0123456789');
        const { info, body } = await objects.get({ ...ref('k'), range });
        expect(await readText(body)).toBe(expected);
        expect(info.size).toBe(10);
      });

      it.each([{ start: 10 }, { start: 5, end: 4 }, { start: -1 }, { start: 0.5 }, { start: Number.NaN }])(
        'refuses %j',
        async (range) => {
          await put('k', '0123456789');
          await refuses(objects.get({ ...ref('k'), range }), 'InvalidRange', 416);
        },
      );

      it('reads nothing from an empty object', async () => {
        await put('k', '');
        await refuses(objects.get({ ...ref('k'), range: { start: 0 } }), 'InvalidRange', 416);
      });

      it('may be given up in the middle', async () => {
        await put('k', 'x'.repeat(2_000_000));
        for await (const chunk of (await objects.get(ref('k'))).body) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        await put('k', 'next');
        expect(await text('k')).toBe('next');
      });
    });

    describe('list', () => {
      it('goes by the bytes of the keys, bucket by bucket', async () => {
        const all = ['b', 'a', 'A', 'a/b', 'a-b', 'aa', '\uffff', '\u{10000}', '\u00e9', '~'];
        for (const key of all) await put(key, key);
        await put('elsewhere', '', 'beta-bucket');
        expect(await keys()).toEqual([...all].sort(byBytes));
      });

      it('finds a prefix by its own characters', async () => {
        for (const key of ['in/', 'in/a', 'in/b', 'in_', 'in%', 'iN/c', 'inx', 'i', '']) if (key) await put(key, '');
        expect(await keys('in/')).toEqual(['in/', 'in/a', 'in/b']);
        expect(await keys('in_')).toEqual(['in_']);
        expect(await keys('in%')).toEqual(['in%']);
        expect(await keys('nothing')).toEqual([]);
      });

      it('gives pages that together are the whole', async () => {
        const all = Array.from({ length: 23 }, (_, i) => `p/${String(i).padStart(2, '0')}`);
        for (const key of [...all, 'a', 'z']) await put(key, '');
        const pages: string[][] = [];
        for (let after: string | undefined; ;) {
          const from = after === undefined ? {} : { after };
          const page = await objects.list({ bucket: BUCKET, prefix: 'p/', limit: 5, ...from });
          pages.push(page.objects.map((o) => o.key));
          after = page.next;
          if (after === undefined) break;
        }
        expect(pages.map((p) => p.length)).toEqual([5, 5, 5, 5, 3]);
        expect(pages.flat()).toEqual(all);
      });

      it('has no next page after a last one that is full', async () => {
        for (const key of ['p1', 'p2', 'q']) await put(key, '');
        const page = await objects.list({ bucket: BUCKET, prefix: 'p', limit: 2 });
        expect(page.objects).toHaveLength(2);
        expect(page.next).toBeUndefined();
      });

      it('starts behind a key that need not be there', async () => {
        for (const key of ['a', 'b', 'c']) await put(key, '');
        const after = async (key: string) =>
          (await objects.list({ bucket: BUCKET, after: key })).objects.map((o) => o.key);
        expect(await after('a')).toEqual(['b', 'c']);
        expect(await after('aa')).toEqual(['b', 'c']);
        expect(await after('c')).toEqual([]);
      });
    });

    it('takes keys together that a delimiter ends, in pages of any length', async () => {
      const part = fc.constantFrom('a', 'b', '/', '--', '\u{10ffff}');
      const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 8 }),
          fc.constantFrom('', 'a', 'a/'),
          fc.constantFrom('/', '--'),
          fc.integer({ min: 1, max: 3 }),
          async (all, prefix, delimiter, limit) => {
            for (const old of await keys()) await objects.delete(ref(old));
            for (const one of all) await put(one, '');
            const groups = all
              .filter((one) => one.startsWith(prefix))
              .map((one) => {
                const at = one.indexOf(delimiter, prefix.length);
                return at < 0 ? one : `${one.slice(0, at + delimiter.length)} taken together`;
              });
            const found: string[] = [];
            for (let after: string | undefined = ''; after !== undefined;) {
              const page = await objects.list({ bucket: BUCKET, prefix, delimiter, limit, after });
              expect(page.objects.length + page.prefixes.length).toBeLessThanOrEqual(limit);
              found.push(...page.objects.map((o) => o.key), ...page.prefixes.map((one) => `${one} taken together`));
              after = page.next;
            }
            expect(found.toSorted()).toEqual([...new Set(groups)].toSorted());
          },
        ),
        { numRuns: 15 },
      );
    });

    describe('what few objects have', () => {
      const details = { headers: { 'content-encoding': 'gzip', expires: 'never' }, tags: { a: 'ü' } };

      it('is kept, copied, and replaced by what a copy is said to be', async () => {
        const info = await objects.put({ ...ref('k'), body: 'x', details });
        expect(info.details).toEqual(details);
        expect((await objects.list({ bucket: BUCKET })).objects).toEqual([info]);
        expect((await objects.copy({ from: ref('k'), to: ref('l') })).details).toEqual(details);
        const description = { contentType: 'a/b', metadata: { m: 'n' }, details: { tags: { b: 'c' } } };
        const renewed = await objects.copy({ from: ref('k'), to: ref('k'), description });
        expect(renewed).toMatchObject({ ...description, eTag: info.eTag, size: 1 });
        expect(renewed.sequencer > info.sequencer).toBe(true);
        expect(await text('k')).toBe('x');
      });

      it('may be other tags, on the same version', async () => {
        const info = await objects.put({ ...ref('k'), body: 'x', details });
        await objects.tag({ ...ref('k'), tags: { b: '' } });
        expect(await objects.head(ref('k'))).toEqual({ ...info, details: { ...details, tags: { b: '' } } });
        await refuses(objects.tag({ ...ref('none'), tags: {} }), 'NoSuchKey', 404);
        const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`t${i}`, '']));
        await refuses(objects.tag({ ...ref('k'), tags: many }), 'BadRequest', 400);
        await refuses(objects.tag({ ...ref('k'), tags: { ['x'.repeat(129)]: '' } }), 'InvalidTag', 400);
      });

      it('cannot be headers that an object does not have, or that break an answer', async () => {
        const put = (headers: Record<string, string>) => objects.put({ ...ref('k'), body: '', details: { headers } });
        await refuses(put({ 'set-cookie': 'a' }), 'InvalidArgument', 400);
        await refuses(put({ expires: 'a\r\nb: c' }), 'InvalidArgument', 400);
      });
    });

    describe('conditions and digests', () => {
      it('replaces and deletes only the version that is meant', async () => {
        const { eTag } = await put('k', 'one');
        await refuses(objects.put({ ...ref('k'), body: 'x', ifMatch: 'other' }), 'PreconditionFailed', 412);
        await refuses(objects.put({ ...ref('none'), body: 'x', ifMatch: eTag }), 'NoSuchKey', 404);
        await refuses(objects.delete({ ...ref('k'), ifMatch: 'other' }), 'PreconditionFailed', 412);
        await objects.put({ ...ref('k'), body: 'two', ifMatch: eTag });
        expect(await text('k')).toBe('two');
        const { sequencer } = await put('k', 'two');
        const { sequencer: again } = await put('k', 'two');
        await objects.delete({ ...ref('k'), ifSequencer: sequencer });
        expect(await text('k')).toBe('two');
        await objects.delete({ ...ref('k'), ifSequencer: again });
        await put('k', 'two');
        await objects.delete({ ...ref('k'), ifMatch: md5('two') });
        expect(await keys()).toEqual([]);
      });

      it('takes a body that is what was said, and no other', async () => {
        const body = 'a,b\n';
        const digest = (name: string, text = body) => createHash(name).update(text);
        const put = (digests: BodyDigests) => objects.put({ ...ref('k'), body, digests });
        await refuses(put({ md5: digest('md5', 'x').digest('base64') }), 'BadDigest', 400);
        await refuses(put({ sha256: digest('sha256', 'x').digest('hex') }), 'XAmzContentSHA256Mismatch', 400);
        await refuses(put({ checksum: { algorithm: 'SHA1', value: () => 'x' } }), 'BadDigest', 400);
        expect(await keys()).toEqual([]);
        const value = digest('sha1').digest('base64');
        const info = await put({
          md5: digest('md5').digest('base64'),
          sha256: digest('sha256').digest('hex'),
          checksum: { algorithm: 'SHA1', value: () => value },
        });
        expect(info.details.checksum).toEqual({ algorithm: 'SHA1', value, type: 'FULL_OBJECT' });
        const { details } = await objects.put({ ...ref('l'), body, digests: { checksum: { algorithm: 'SHA1' } } });
        expect(details.checksum?.value).toBe(value);
      });
    });

    describe('copy, move and delete', () => {
      it('copies into another bucket; the copy outlives its source', async () => {
        const source = await objects.put({
          ...ref('k'),
          body: 'content',
          contentType: 'text/plain',
          metadata: { a: 'b' },
        });
        const copy = await objects.copy({ from: ref('k'), to: { bucket: 'beta-bucket', key: 'c' } });
        expect(copy).toMatchObject({
          bucket: 'beta-bucket',
          key: 'c',
          size: 7,
          eTag: source.eTag,
          contentType: 'text/plain',
        });
        expect(copy.metadata).toEqual({ a: 'b' });
        await objects.delete(ref('k'));
        expect(await text('c', 'beta-bucket')).toBe('content');
        await put('k', 'another');
        expect(await text('c', 'beta-bucket')).toBe('content');
      });

      it('moves: the old name is gone, the rest stays', async () => {
        const source = await put('k', 'content');
        const moved = await objects.move({ from: ref('k'), to: { bucket: 'beta-bucket', key: 'm' } });
        expect(moved).toMatchObject({ size: 7, eTag: source.eTag, bucket: 'beta-bucket', key: 'm' });
        expect(moved.sequencer > source.sequencer).toBe(true);
        expect(await objects.head(ref('k'))).toBeUndefined();
        expect(await text('m', 'beta-bucket')).toBe('content');
      });

      it.each(['copy', 'move'] as const)('%s replaces its target unless told otherwise', async (verb) => {
        await put('from', 'new');
        await put('to', 'old');
        const target = { from: ref('from'), to: ref('to') };
        await refuses(objects[verb]({ ...target, ifAbsent: true }), 'PreconditionFailed', 412);
        expect(await text('to')).toBe('old');
        await objects[verb](target);
        expect(await text('to')).toBe('new');
        expect(await keys()).toEqual(verb === 'copy' ? ['from', 'to'] : ['to']);
      });

      it('moves only the version asked for', async () => {
        const { sequencer } = await put('v', 'one');
        await put('v', 'two');
        const move = objects.move({ from: ref('v'), to: ref('w'), ifSequencer: sequencer });
        await refuses(move, 'PreconditionFailed', 412);
        const now = await objects.head(ref('v'));
        await objects.move({ from: ref('v'), to: ref('w'), ifSequencer: now?.sequencer ?? '' });
        expect([await text('w'), await objects.head(ref('v'))]).toEqual(['two', undefined]);
      });

      it('moves an object to its own name without harm', async () => {
        const info = await put('k', 'content');
        expect(await objects.move({ from: ref('k'), to: ref('k') })).toEqual(info);
        expect(await text('k')).toBe('content');
        await refuses(objects.copy({ from: ref('k'), to: ref('k') }), 'InvalidRequest', 400);
      });

      it('deletes; what is not there is no error', async () => {
        await put('k', '');
        await objects.delete(ref('k'));
        await objects.delete(ref('k'));
        expect(await objects.head(ref('k'))).toBeUndefined();
      });
    });

    describe('refusals', () => {
      const verbs: readonly [string, (r: ObjectRef) => Promise<unknown>][] = [
        ['put', (r) => objects.put({ ...r, body: '' })],
        ['get', (r) => objects.get(r)],
        ['head', (r) => objects.head(r)],
        ['delete', (r) => objects.delete(r)],
        ['copy from', (r) => objects.copy({ from: r, to: ref('x') })],
        ['copy to', (r) => objects.copy({ from: ref('k'), to: r })],
        ['move to', (r) => objects.move({ from: ref('k'), to: r })],
      ];
      const cases: readonly [ObjectRef, string, number][] = [
        [{ bucket: 'gamma-bucket', key: 'k' }, 'NoSuchBucket', 404],
        [{ bucket: 'Gamma_Bucket', key: 'k' }, 'NoSuchBucket', 404],
        [{ bucket: 'gamma bucket', key: 'k' }, 'InvalidBucketName', 400],
        [{ bucket: '../..', key: 'k' }, 'InvalidBucketName', 400],
        [{ bucket: BUCKET, key: '' }, 'InvalidArgument', 400],
        [{ bucket: BUCKET, key: 'x'.repeat(1025) }, 'KeyTooLongError', 400],
        [{ bucket: BUCKET, key: `${'\u6f22'.repeat(341)}xx` }, 'KeyTooLongError', 400],
        [{ bucket: BUCKET, key: '\ud800.csv' }, 'InvalidURI', 400],
      ];
      it.each(verbs)('%s refuses what is no bucket or no key', async (_, act) => {
        await put('k', '');
        for (const [at, code, status] of cases) await refuses(act(at), code, status);
        expect(await keys()).toEqual(['k']);
      });

      it('names a missing key', async () => {
        await refuses(objects.get(ref('none')), 'NoSuchKey', 404);
        await refuses(objects.copy({ from: ref('none'), to: ref('x') }), 'NoSuchKey', 404);
        await refuses(objects.move({ from: ref('none'), to: ref('x') }), 'NoSuchKey', 404);
        expect(await objects.head(ref('none'))).toBeUndefined();
      });

      it('refuses descriptions that could break a header', async () => {
        const description = { ...ref('k'), body: '' };
        await refuses(objects.put({ ...description, contentType: 'a\r\nX: y' }), 'InvalidArgument', 400);
        await refuses(objects.put({ ...description, metadata: { a: 'b\nc' } }), 'InvalidArgument', 400);
        await refuses(objects.put({ ...description, metadata: { 'a\n': 'b' } }), 'InvalidArgument', 400);
        await refuses(objects.put({ ...description, metadata: { a: 'b'.repeat(2048) } }), 'MetadataTooLarge', 400);
        await refuses(objects.list({ bucket: BUCKET, limit: -1 }), 'InvalidArgument', 400);
        await refuses(objects.list({ bucket: 'gamma-bucket' }), 'NoSuchBucket', 404);
      });
    });

    it('behaves like a map of keys to contents, whatever is done to it', async () => {
      const name = fc.constantFrom('a', 'b', 'c', 'a/b');
      const step = fc.oneof(
        fc.record({
          verb: fc.constant('put' as const),
          key: name,
          body: fc.string({ maxLength: 3 }),
          ifAbsent: fc.boolean(),
        }),
        fc.record({
          verb: fc.constantFrom('copy' as const, 'move' as const),
          from: name,
          key: name,
          ifAbsent: fc.boolean(),
        }),
        fc.record({ verb: fc.constant('delete' as const), key: name }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          for (const key of await keys()) await objects.delete(ref(key));
          const model = new Map<string, string>();
          for (const s of steps) {
            if (s.verb === 'delete') {
              model.delete(s.key);
              await objects.delete(ref(s.key));
              continue;
            }
            const content = s.verb === 'put' ? s.body : model.get(s.from);
            const refused = content === undefined || (s.ifAbsent && model.has(s.key));
            const itself = s.verb === 'copy' && s.from === s.key;
            const { ifAbsent } = s;
            const act =
              s.verb === 'put'
                ? objects.put({ ...ref(s.key), body: s.body, ifAbsent })
                : objects[s.verb]({ from: ref(s.from), to: ref(s.key), ifAbsent });
            if (refused || itself) {
              await expect(act).rejects.toThrow(ServiceError);
              continue;
            }
            await act;
            if (s.verb === 'move') model.delete(s.from);
            model.set(s.key, content);
          }
          expect(await keys()).toEqual([...model.keys()].sort(byBytes));
          for (const [key, content] of model) expect(await text(key)).toBe(content);
        }),
        { numRuns: 30 },
      );
    });
  });
}

function ref(key: string): ObjectRef {
  return { bucket: BUCKET, key };
}

function md5(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* streamOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return (await buffer(body)).toString();
}

async function refuses(act: Promise<unknown>, code: string, status: number): Promise<void> {
  const error = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ServiceError);
  expect(error).toMatchObject({ code, status });
}
