import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EncryptionSettings } from './encryption.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const KEY = randomBytes(32);
const SEGMENT = 64 * 1024;

describe('objects encrypted at rest', () => {
  let directory: string;
  let local: LocalObjects;
  const open = (encryption?: EncryptionSettings): void => {
    local = openLocalObjects({ directory, buckets: ['secret', 'plain'], ...(encryption && { encryption }) });
  };
  const reopen = async (encryption?: EncryptionSettings): Promise<void> => {
    await local.close();
    open(encryption);
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-encrypted-'));
    open({ key: KEY, buckets: ['secret'] });
  });
  afterEach(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });
  const files = (): readonly string[] =>
    readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const read = async (bucket: string, range?: { start: number; end: number }): Promise<Buffer> =>
    buffer((await local.objects.get({ bucket, key: 'k', ...(range && { range }) })).body);

  it.each([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 77])(
    'give back any range of %d bytes',
    async (size) => {
      const bytes = randomBytes(size);
      const info = await local.objects.put({ bucket: 'secret', key: 'k', body: bytes });
      expect([info.encryption, info.size]).toEqual(['AES256', size]);
      expect((await read('secret')).equals(bytes)).toBe(true);
      for (const start of [0, 1, SEGMENT - 1, SEGMENT, 2 * SEGMENT, size - 1]) {
        if (start >= size || start < 0) continue;
        for (const end of [start, start + 1, start + SEGMENT, size - 1]) {
          if (end < start || end >= size) continue;
          const part = await read('secret', { start, end });
          expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
        }
      }
    },
  );

  it('are nowhere on the disk as they are, where the bucket or the client asks for it', async () => {
    const body = 'a line that nobody may read\\n'.repeat(1000);
    await local.objects.put({ bucket: 'secret', key: 'k', body });
    await local.objects.put({ bucket: 'plain', key: 'asked', body, encryption: 'AES256' });
    const copy = await local.objects.copy({
      from: { bucket: 'secret', key: 'k' },
      to: { bucket: 'plain', key: 'k' },
    });
    expect(copy.encryption).toBe('AES256');
    expect((await read('plain')).toString()).toBe(body);
    for (const file of files()) expect(readFileSync(file).includes('nobody may read')).toBe(false);
  });

  it('are written anew when the source of a copy is not encrypted', async () => {
    const from = { bucket: 'plain', key: 'k' };
    await local.objects.put({ ...from, body: 'as it is', metadata: { a: 'b' } });
    const copy = await local.objects.copy({ from, to: { bucket: 'secret', key: 'k' } });
    expect([copy.encryption, copy.metadata]).toEqual(['AES256', { a: 'b' }]);
    expect(local.events.pending(10).map(({ name }) => name)).toEqual(['ObjectCreated:Put', 'ObjectCreated:Copy']);
    expect((await read('secret')).toString()).toBe('as it is');
  });

  it('are not read with another key, or with none, and say so', async () => {
    await local.objects.put({ bucket: 'secret', key: 'k', body: 'x' });
    await reopen({ key: randomBytes(32), buckets: [] });
    await expect(read('secret')).rejects.toThrow('is encrypted with the key');
    expect(await local.objects.list({ bucket: 'secret' })).toMatchObject({ objects: [{ key: 'k', size: 1 }] });
    await reopen();
    await expect(read('secret')).rejects.toThrow('and there is none');
    await expect(local.objects.put({ bucket: 'plain', key: 'k', body: 'x', encryption: 'AES256' })).rejects.toThrow(
      'Encryption at rest needs a key',
    );
    await reopen({ key: KEY, buckets: [] });
    expect((await read('secret')).toString()).toBe('x');
  });

  it('are not read when somebody has changed them', async () => {
    await local.objects.put({ bucket: 'secret', key: 'k', body: randomBytes(2 * SEGMENT) });
    const [file = ''] = files();
    const bytes = readFileSync(file);
    const swapped = Buffer.concat([bytes.subarray(SEGMENT + 16), bytes.subarray(0, SEGMENT + 16)]);
    writeFileSync(file, swapped);
    await expect(read('secret')).rejects.toThrow();
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(read('secret')).rejects.toThrow();
  });
});
