/** What a chunk gives to its sinks, gathered: bounded by the chunk's size. */
import { createHash } from 'node:crypto';
import type { ObjectRef, Objects } from '../ports/objects.ts';

export interface ChunkWriter {
  write(text: string): void;
  /** Turns the text gathered so far into bytes; to be called now and then. */
  flush(): void;
  readonly bytes: number;
  /** In hex. */
  sha256(): string;
  /** All that was written. */
  text(): string;
  put(objects: Objects, ref: ObjectRef): Promise<void>;
}

export function createChunkWriter(): ChunkWriter {
  const hash = createHash('sha256');
  const buffers: Buffer[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (texts.length === 0) return;
    const buffer = Buffer.from(texts.join(''));
    texts = [];
    bytes += buffer.length;
    hash.update(buffer);
    buffers.push(buffer);
  };
  return {
    write: (text) => void texts.push(text),
    flush,
    get bytes() {
      flush();
      return bytes;
    },
    sha256: () => {
      flush();
      return hash.copy().digest('hex');
    },
    text: () => {
      flush();
      return Buffer.concat(buffers).toString('utf8');
    },
    put: async (objects, ref) => {
      flush();
      await objects.put({ ...ref, body: Buffer.concat(buffers) });
    },
  };
}
