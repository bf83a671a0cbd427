/** What a chunk gives to one of its sinks, gathered: bounded by the chunk's size. */
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import type { ChunkPart } from './account.ts';
import { partETag, partOf } from './chunk-part.ts';

export interface ChunkWriter {
  readonly to: ByteWriter;
  /** All that was written; nothing is written behind it. */
  part(): ChunkPart;
  /** All that was written. */
  text(): string;
  put(objects: Objects, ref: ObjectRef): Promise<void>;
  /** Nothing is read of it any more. */
  release(): void;
}

export function createChunkWriter(): ChunkWriter {
  const to = createByteWriter();
  let made: ChunkPart | undefined;
  const part = (): ChunkPart => (made ??= partOf(to.bytes()));
  return {
    to,
    part,
    text: () => to.bytes().toString('utf8'),
    put: async (objects, ref) => {
      await objects.put({ ...ref, body: to.bytes(), eTag: partETag(part()) });
    },
    release: () => to.release(),
  };
}
