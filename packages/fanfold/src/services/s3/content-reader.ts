/**
 * Reads the bytes of one object. The file is open before the reader is handed out, so that what is replaced or deleted
 * afterwards is still read to its end; and it is closed when the reader is done, given up, or forgotten.
 */
import { close as closeFd, constants, open as openFd, read as readFd } from 'node:fs';
import { promisify } from 'node:util';
import { ServiceError } from '../../ports/service-error.ts';
import { sealedRange } from './content-cipher.ts';

const open = promisify(openFd);
const read = promisify(readFd);
const close = promisify(closeFd);

const CHUNK = 256 * 1024;
/** Contents are plain files: a link that somebody put in the place of one is not followed. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * A body that nobody reads on: a descriptor is not memory, no collector frees it. A read under way holds its reader (its
 * `finish` does), so nothing is closed under one.
 */
const forgotten = new FinalizationRegistry<number>((fd) => closeFd(fd));

export interface StoredContent {
  readonly path: string;
  /** Bytes, before they were encrypted. */
  readonly size: number;
  /** Of an encrypted one. */
  readonly key?: Uint8Array;
}

/** @returns undefined when there is no such file. @throws ServiceError AccessDenied when a link stands in its place */
export async function openContent(
  { path, size, key }: StoredContent,
  start: number,
  length: number,
): Promise<AsyncIterableIterator<Uint8Array> | undefined> {
  const fd = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ELOOP')
      throw new ServiceError('AccessDenied', 'A symbolic link stands in the place of the content of this object.', 403);
    throw error;
  });
  if (fd === undefined) return undefined;
  const sealed = key && sealedRange(start, length, size);
  if (!sealed) return contentReader(fd, (finish) => readBytes(fd, path, start, length, finish));
  return contentReader(fd, (finish) => sealed.open(readBytes(fd, path, sealed.start, sealed.length, finish), key));
}

/** @param read gives the bytes, and calls `finish` when it is done with the file or given up */
function contentReader(
  fd: number,
  read: (finish: () => Promise<void>) => AsyncGenerator<Uint8Array, undefined>,
): AsyncIterableIterator<Uint8Array> {
  const token = {};
  let isOpen = true;
  const finish = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    forgotten.unregister(token);
    await close(fd);
  };
  const bytes = read(finish);
  let started = false;
  const reader: AsyncIterableIterator<Uint8Array> = {
    next: () => {
      started = true;
      return bytes.next();
    },
    // A generator that was never started does not run its `finally`.
    return: async () => {
      if (!started) await finish();
      return await bytes.return(undefined);
    },
    [Symbol.asyncIterator]: () => reader,
  };
  forgotten.register(reader, fd, token);
  return reader;
}

async function* readBytes(
  fd: number,
  path: string,
  start: number,
  length: number,
  finish: () => Promise<void>,
): AsyncGenerator<Uint8Array, undefined> {
  const end = start + length;
  const readAt = async (at: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - at));
    const { bytesRead } = await read(fd, buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error(`${path} ends at byte ${at}, before the ${end} bytes of its object.`);
    return buffer.subarray(0, bytesRead);
  };
  let ahead: Promise<Buffer> | undefined;
  try {
    for (let at = start; at < end;) {
      const bytes = await (ahead ?? readAt(at));
      at += bytes.length;
      // Read while the caller is at work on these.
      ahead = at < end ? readAt(at) : undefined;
      ahead?.catch(() => {});
      yield bytes;
    }
    return undefined;
  } finally {
    await ahead?.catch(() => {});
    await finish();
  }
}
