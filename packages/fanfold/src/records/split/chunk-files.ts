/** Chunks as files of their own, where a workflow wants files: their names, and their bytes, cut out of the source. */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../byte-source.ts';
import type { ChunkFile } from '../manifest.ts';
import type { RecordRange } from './ranges.ts';

/** The name of a chunk's file. @param index from 0 @param count of all chunks */
export type ChunkName = (index: number, count: number) => string;

/** `customers_0.csv`, `customers_1.csv`, … */
export function numberedName(stem: string, ending = '.csv'): (index: number) => string {
  return (index) => `${stem}_${index}${ending}`;
}

/** `orders__part1__of17`, `orders__part2__of17`, … */
export function partName(stem: string, ending = ''): ChunkName {
  return (index, count) => `${stem}__part${index + 1}__of${count}${ending}`;
}

/** `orders.csv.aa` to `orders.csv.yz`, then four letters that begin with `z`, and so on: as many as there are, and still in order. */
export function letteredName(file: string): (index: number) => string {
  return (index) => `${file}.${letters(index)}`;
}

function letters(index: number): string {
  let width = 2;
  let left = index;
  let prefix = '';
  for (let room = 25 * 26; left >= room; room = 25 * 26 ** (width - 1)) {
    left -= room;
    prefix += 'z';
    width += 1;
  }
  let found = '';
  for (let i = 0; i < width; i++) {
    found = String.fromCharCode(97 + (left % 26)) + found;
    left = Math.floor(left / 26);
  }
  return prefix + found;
}

export interface ChunkFilesParams {
  readonly source: Pick<ByteSource, 'read'>;
  /** As the split has gathered them. */
  readonly ranges: readonly RecordRange[];
  readonly name: ChunkName;
  /** What every file begins with, such as a header with its line ending. @defaultValue nothing */
  readonly before?: string;
  /** Writes a file, whole or not at all. */
  write(name: string, body: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Writes a file for each range, one after the other. Doing it again writes the same. @returns the chunks of the manifest */
export async function writeChunkFiles({
  source,
  ranges,
  name,
  before = '',
  write,
}: ChunkFilesParams): Promise<readonly ChunkFile[]> {
  const chunks: ChunkFile[] = [];
  for (const { index, byteOffset, byteLength, records, firstLine } of ranges) {
    const key = name(index, ranges.length);
    const hash = createHash('sha256');
    async function* body(): AsyncGenerator<Uint8Array> {
      if (before !== '') yield Buffer.from(before);
      yield* source.read(byteOffset, byteOffset + byteLength);
    }
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const bytes of body()) {
        hash.update(bytes);
        yield bytes;
      }
    }
    await write(key, hashed());
    chunks.push({ key, records, firstLine, sha256: hash.digest('hex') });
  }
  return chunks;
}
