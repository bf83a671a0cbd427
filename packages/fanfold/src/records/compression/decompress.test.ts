import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonLines } from '../jsonl/read.ts';
import { RecordError } from '../record-error.ts';
import { hostileBytes, hostileCases } from '../../testing/records/hostile.ts';
import { failureOf, gather, inPieces } from '../../testing/records/streams.ts';
import { type Compression, decompress } from './decompress.ts';

async function read(bytes: Buffer, size = 1000, compression: Compression | 'auto' = 'auto'): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of decompress(inPieces(bytes, size), compression)) parts.push(part);
  return Buffer.concat(parts).toString();
}

const CODECS: [string, (text: string | Buffer) => Buffer][] = [
  ['gzip', (text) => gzipSync(text)],
  ['zstd', (text) => zstdCompressSync(text)],
];
const SIZES = [1, 2, 3, 1000];

describe('decompress', () => {
  it('passes on what is not compressed, short files too', async () => {
    for (const text of ['', 'a', 'abc', 'abcdef'])
      for (const size of SIZES) expect(await read(Buffer.from(text), size)).toBe(text);
  });

  describe.each(CODECS)('%s', (_, compress) => {
    it('reads one file, and several in a row', async () => {
      const whole = Buffer.concat([compress('abc'), compress(''), compress('x'.repeat(300_000)), compress('end')]);
      for (const size of [7, 1000, 1_000_000]) expect(await read(whole, size)).toBe(`abc${'x'.repeat(300_000)}end`);
    });

    it('refuses a file that was cut anywhere', async () => {
      const whole = Buffer.concat([compress('abcabcabc'), compress('defdef')]);
      const border = compress('abcabcabc').length;
      for (let length = 4; length < whole.length; length++)
        for (const size of [1, 1000]) {
          const found = await read(whole.subarray(0, length), size).catch((error: unknown) => error);
          if (length === border) expect(found).toBe('abcabcabc');
          else expect(found).toMatchObject({ code: 'BrokenCompression' });
        }
    });

    it('refuses what stands behind the end', async () => {
      for (const size of SIZES) {
        const error = await failureOf(read(Buffer.concat([compress('abc'), Buffer.from('more')]), size));
        expect(error).toMatchObject({ code: 'BrokenCompression' });
      }
    });

    it('gives for random bytes, broken anywhere, the text or an error', async () => {
      const bytes = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), fc.option(fc.nat()), async (parts, size, broken) => {
          const whole = Buffer.concat(parts.map((part) => compress(Buffer.from(part))));
          if (broken !== null) whole[broken % whole.length] = (whole[broken % whole.length] as number) ^ 0x10;
          const compression = compress === CODECS[0]?.[1] ? 'gzip' : 'zstd';
          const found = await read(whole, size, compression).catch((error: unknown) => error);
          if (broken === null) expect(found).toBe(Buffer.concat(parts).toString());
          else if (typeof found !== 'string') expect(found).toBeInstanceOf(RecordError);
        }),
      );
    });
  });

  it('takes zeros behind gzip for padding, unless data follow', async () => {
    const padded = Buffer.concat([gzipSync('abc'), Buffer.alloc(600)]);
    for (const size of SIZES) expect(await read(padded, size)).toBe('abc');
    const more = Buffer.concat([padded, gzipSync('def')]);
    for (const size of SIZES) {
      const found = await read(more, size).catch((error: unknown) => error);
      if (found !== 'abcdef') expect(found).toMatchObject({ code: 'BrokenCompression' });
    }
  });

  it('skips the frames of zstd that hold no data', async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const [abc, def] = [zstdCompressSync('abc'), zstdCompressSync('def')];
    for (const size of SIZES)
      for (const frames of [
        [abc, skippable, def],
        [skippable, abc, skippable, def, skippable],
      ])
        expect(await read(Buffer.concat(frames), size)).toBe('abcdef');
    expect(await read(Buffer.from('P*M'), 1)).toBe('P*M');
  });

  it('says what is broken also where the source takes its time to close', async () => {
    const later = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.concat([gzipSync('abc'), Buffer.from('garbage')]);
        for (let i = 0; i < 100; i++) yield later().then(() => Buffer.alloc(1));
      } finally {
        await later();
      }
    }
    expect(await failureOf(readAll(source()))).toMatchObject({ code: 'BrokenCompression' });
  });

  it('closes the source when reading stops early', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync('x'.repeat(100_000));
      } finally {
        closed = true;
      }
    }
    for await (const _ of decompress(source())) break;
    expect(closed).toBe(true);
  });

  it('passes on the error of the source', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield gzipSync('abc').subarray(0, 10);
      throw new Error('the disk is gone');
    }
    expect(await failureOf(readAll(source()))).toMatchObject({ message: 'the disk is gone' });
  });

  it.each(hostileCases('limits').map((entry) => [entry.id, entry] as const))('%s', async (_, entry) => {
    const bytes = hostileBytes(entry);
    expect(gunzipSync(bytes).length).toBeGreaterThan(100_000_000 - 1);
    const entries = await gather(readJsonLines(decompress(inPieces(bytes, 65_536))));
    expect(entries).toMatchObject([{ kind: 'reject', code: 'RecordTooLarge' }]);
  });
});

async function readAll(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of decompress(source));
}

it('says between which bytes something is wrong', async () => {
  const bytes = Buffer.concat([gzipSync('a\n'), Buffer.from('garbage')]);
  await expect(read(bytes)).rejects.toThrow(`in the ${bytes.length} bytes behind byte 0`);
});
