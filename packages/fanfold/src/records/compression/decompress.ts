/**
 * Files that were compressed: gzip with any number of members, zstd with any number of frames, told by their first
 * bytes. What the codec would pass over in silence (bytes behind the end, a second frame) is read or refused.
 * Line numbers and byte offsets of records are then those of the decompressed text.
 */
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { peek } from '../peek.ts';
import { RecordError } from '../record-error.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

const MAGIC: readonly { readonly compression: Compression; readonly bytes: Buffer }[] = [
  { compression: 'gzip', bytes: Buffer.from([0x1f, 0x8b]) },
  { compression: 'zstd', bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
];
const LONGEST_MAGIC = 4;
/** Of a frame of zstd without data, such as parallel compressors put first: one of sixteen, by its first byte. */
const SKIPPABLE = Buffer.from([0x2a, 0x4d, 0x18]);

interface Codec {
  readonly create: () => Transform & { readonly bytesWritten: number };
  readonly prepare: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

const CODECS: { readonly [Name in Exclude<Compression, 'none'>]: Codec } = {
  gzip: { create: () => createGunzip({ chunkSize: 65_536 }), prepare: (source) => source },
  zstd: { create: () => createZstdDecompress({ chunkSize: 65_536 }), prepare: zstdFrames },
};

/** What the first four bytes of a file say of its compression. */
export function compressionOf(first: Uint8Array): Compression {
  const found = MAGIC.find(({ bytes }) => bytes.equals(first.subarray(0, bytes.length)));
  if (found) return found.compression;
  const isSkippable = ((first[0] ?? 0) & 0xf0) === 0x50 && SKIPPABLE.equals(first.subarray(1, LONGEST_MAGIC));
  return isSkippable ? 'zstd' : 'none';
}

/**
 * The bytes of a file, decompressed as they come where they are compressed. Memory does not grow with the file's size.
 *
 * @param compression `auto`: by the first bytes
 * @throws RecordError BrokenCompression when the data are damaged, cut off, or followed by something else
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression | 'auto' = 'auto',
): AsyncGenerator<Uint8Array, void, void> {
  const { first, all } = await peek(source, LONGEST_MAGIC);
  const found = compression === 'auto' ? compressionOf(first) : compression;
  if (found === 'none') yield* all;
  else yield* decode(all, found);
}

async function* decode(
  source: AsyncIterable<Uint8Array>,
  name: Exclude<Compression, 'none'>,
): AsyncGenerator<Uint8Array, void, void> {
  const { create, prepare } = CODECS[name];
  let length = 0;
  /** Length without zeros at the end: gzip files may be padded with them. */
  let filled = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const bytes of prepare(source)) {
      const lastFilled = bytes.findLastIndex((byte) => byte !== 0);
      if (lastFilled !== -1) filled = length + lastFilled + 1;
      length += bytes.length;
      yield bytes;
    }
  }
  const codec = create();
  // The error of the source or of the codec comes out of the codec's own iterator.
  const input = Readable.from(counted());
  const decoded = pipeline(input, codec, () => {});
  try {
    yield* decoded as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (isCodecError(error))
      throw broken(
        name,
        `${error.message}, in the ${length - codec.bytesWritten} bytes behind byte ${codec.bytesWritten}`,
        error,
      );
    throw error;
  } finally {
    input.destroy();
    // Its error is that of the codec or of the source, which is told already.
    if (!input.closed) await new Promise((resolve) => input.once('close', resolve));
  }
  if (codec.bytesWritten < filled) throw broken(name, `something else follows its end at byte ${codec.bytesWritten}`);
}

function isCodecError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
}

function broken(name: Compression, what: string, cause?: Error): RecordError {
  return new RecordError(
    'BrokenCompression',
    `The ${name} data are broken: ${what}. Send the file again.`,
    undefined,
    cause && { cause },
  );
}
