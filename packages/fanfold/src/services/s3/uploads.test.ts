import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PartInfo, UploadInfo, UploadRef } from '../../ports/uploads.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const MB = 1024 * 1024;
const ref = { bucket: 'parts-bucket', key: 'made/of parts' };
const description = { contentType: 'text/csv', metadata: { a: 'b' }, details: { tags: { c: 'd' } } };

const target = ({ bucket, key, uploadId }: UploadInfo): UploadRef => ({ bucket, key, uploadId });

describe.each([{ encrypted: false }, { encrypted: true }])(
  'objects made of parts, encrypted: $encrypted',
  ({ encrypted }) => {
    let directory: string;
    let local: LocalObjects;
    const open = (): void => {
      const encryption = { key: Buffer.alloc(32, 3), buckets: encrypted ? [ref.bucket] : [] };
      local = openLocalObjects({ directory, buckets: [ref.bucket], encryption });
    };
    const reopen = async (): Promise<void> => {
      await local.close();
      open();
    };
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'fanfold-uploads-'));
      open();
    });
    afterEach(async () => {
      await local.close();
      rmSync(directory, { recursive: true });
    });
    const files = (): number =>
      readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
        .length;
    const putPart = (upload: UploadInfo, partNumber: number, body: Uint8Array): Promise<PartInfo> =>
      local.uploads.putPart({ ...upload, partNumber, body });
    const named = (parts: readonly PartInfo[]) => parts.map(({ partNumber, eTag }) => ({ partNumber, eTag }));

    it('outlive the process, are there whole or not at all, and leave nothing behind', async () => {
      const upload = await local.uploads.create({ ...ref, ...description });
      const bytes = randomBytes(5 * MB + 3);
      await putPart(upload, 2, Buffer.from('to be replaced'));
      const first = await putPart(upload, 1, bytes);
      const last = await putPart(upload, 2, Buffer.from('end'));
      expect(await local.objects.head(ref)).toBeUndefined();
      await reopen();
      expect(files()).toBe(2);
      expect((await local.uploads.listParts({ ...upload, after: 0, limit: 10 })).parts).toEqual([first, last]);
      const info = await local.uploads.complete({ ...target(upload), parts: named([first, last]) });
      const digests = [first, last].map(({ eTag }) => Buffer.from(eTag, 'hex'));
      const eTag = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-2`;
      expect(info).toMatchObject({ ...description, eTag, size: bytes.length + 3 });
      expect(info.encryption).toBe(encrypted ? 'AES256' : undefined);
      const whole = await buffer((await local.objects.get(ref)).body);
      expect(whole.equals(Buffer.concat([bytes, Buffer.from('end')]))).toBe(true);
      expect(local.events.pending(10).map(({ name }) => name)).toEqual(['ObjectCreated:CompleteMultipartUpload']);
      await reopen();
      expect(files()).toBe(1);
      await expect(local.uploads.find(upload)).rejects.toThrow('The specified upload does not exist');
    });

    it('are gone with all parts when they are aborted, or their bucket is deleted', async () => {
      const aborted = await local.uploads.create({ ...ref, ...description });
      await putPart(aborted, 1, Buffer.from('x'));
      await local.uploads.abort(aborted);
      await expect(putPart(aborted, 2, Buffer.from('x'))).rejects.toThrow('The specified upload does not exist');
      const left = await local.uploads.create({ ...ref, ...description });
      await putPart(left, 1, Buffer.from('x'));
      await local.buckets.delete(ref.bucket);
      await reopen();
      expect(files()).toBe(0);
    });

    it('are aborted or completed while a part is written, and the part is undone', async () => {
      const upload = await local.uploads.create({ ...ref, ...description });
      const { promise, resolve } = Promise.withResolvers<void>();
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('begun');
        await promise;
      }
      const part = local.uploads.putPart({ ...upload, partNumber: 1, body: slow() });
      const refused = expect(part).rejects.toThrow('The specified upload does not exist');
      await local.uploads.abort(upload);
      resolve();
      await refused;
      await reopen();
      expect(files()).toBe(0);
    });

    it('are refused when what they replace is not what was meant', async () => {
      await local.objects.put({ ...ref, body: 'there' });
      const upload = await local.uploads.create({ ...ref, ...description });
      const parts = named([await putPart(upload, 1, Buffer.from('new'))]);
      await expect(local.uploads.complete({ ...target(upload), parts, ifAbsent: true })).rejects.toThrow(
        'pre-conditions',
      );
      await expect(local.uploads.complete({ ...target(upload), parts, ifMatch: 'x' })).rejects.toThrow(
        'pre-conditions',
      );
      await expect(local.uploads.complete({ ...target(upload), parts, size: 4 })).rejects.toThrow(
        'x-amz-mp-object-size',
      );
      const eTag = createHash('md5').update('there').digest('hex');
      expect((await local.uploads.complete({ ...target(upload), parts, ifMatch: eTag })).size).toBe(3);
    });
  },
);
