/** Writes the bytes of one object to their final file, durable before anybody is told (I4). */
import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asDiskError } from '../../database/disk-error.ts';
import { syncFolder } from '../../database/sync-folder.ts';
import type { ObjectBody } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

export interface WrittenContent {
  /** Bytes. */
  readonly size: number;
  /** MD5 in hex. */
  readonly eTag: string;
}

/**
 * Temp file, fsync, rename, fsync of the folder. What it leaves behind when it throws, the caller's `abandon` removes.
 * @throws whatever the body throws; DiskError when the disk refuses
 */
export async function writeContent(
  to: { readonly temp: string; readonly path: string },
  body: ObjectBody,
): Promise<WrittenContent> {
  const hash = createHash('md5');
  let size = 0;
  /** What the body throws is told as it is. */
  let bodyFailed = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunksOf(body)) {
        if (!(chunk instanceof Uint8Array))
          throw new ServiceError('InvalidArgument', `The body of an object is made of bytes, not of ${typeof chunk}s.`);
        hash.update(chunk);
        size += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      bodyFailed = true;
      throw error;
    }
  }
  try {
    const file = await open(to.temp, 'wx');
    try {
      await file.writeFile(counted());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(to.temp, to.path);
    await syncFolder(dirname(to.path));
  } catch (error) {
    throw bodyFailed ? error : asDiskError(to.path, error);
  }
  return { size, eTag: hash.digest('hex') };
}

function chunksOf(body: ObjectBody): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof body === 'string') return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}
