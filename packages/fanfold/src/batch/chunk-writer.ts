/** What a chunk gives to one of its sinks, gathered: bounded by the chunk's size. */
import { createHash } from 'node:crypto';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import { eTagOf } from './publish.ts';

export interface ChunkWriter {
  readonly to: ByteWriter;
  readonly bytes: number;
  /** Of all that was written, in hex; nothing is written behind it. */
  sha256(): string;
  /** All that was written. */
  text(): string;
  put(objects: Objects, ref: ObjectRef): Promise<void>;
  /** Nothing is read of it any more. */
  release(): void;
}

export function createChunkWriter(): ChunkWriter {
  const to = createByteWriter();
  let hash: string | undefined;
  const sha256 = (): string => (hash ??= createHash('sha256').update(to.bytes()).digest('hex'));
  return {
    to,
    get bytes() {
      return to.length;
    },
    sha256,
    text: () => to.bytes().toString('utf8'),
    put: async (objects, ref) => {
      await objects.put({ ...ref, body: to.bytes(), eTag: eTagOf(sha256()) });
    },
    release: () => to.release(),
  };
}
