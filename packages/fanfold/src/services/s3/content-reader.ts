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

export interface ContentPart {
  readonly start: number;
  /** Bytes. */
  readonly length: number;
  /** As of `GetObjectParams`. */
  readonly allocate?: Allocate | undefined;
}

type Allocate = (bytes: number) => Uint8Array;

/** @returns undefined when there is no such file. @throws ServiceError AccessDenied when a link stands in its place */
export async function openContent(
  { path, size, key }: StoredContent,
  { start, length, allocate = Buffer.allocUnsafeSlow }: ContentPart,
): Promise<AsyncIterableIterator<Uint8Array> | undefined> {
  const fd = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ELOOP')
      throw new ServiceError('AccessDenied', 'A symbolic link stands in the place of the content of this object.', 403);
    throw error;
  });
  if (fd === undefined) return undefined;
  const sealed = key && sealedRange(start, length, size);
  if (!sealed) return contentReader(fd, (finish) => readBytes({ fd, path, start, length, allocate }, finish));
  // What is decrypted has memory of its own.
  const file = { fd, path, start: sealed.start, length: sealed.length, allocate: Buffer.allocUnsafeSlow };
  return contentReader(fd, (finish) => sealed.open(readBytes(file, finish), key));
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

interface OpenFile extends Required<ContentPart> {
  readonly fd: number;
  readonly path: string;
  readonly allocate: Allocate;
}

async function* readBytes(
  { fd, path, start, length, allocate }: OpenFile,
  finish: () => Promise<void>,
): AsyncGenerator<Uint8Array, undefined> {
  const end = start + length;
  const readAt = async (at: number): Promise<Uint8Array> => {
    const buffer = allocate(Math.min(CHUNK, end - at));
    const { bytesRead } = await read(fd, buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error(`${path} ends at byte ${at}, before the ${end} bytes of its object.`);
    return buffer.subarray(0, bytesRead);
  };
  let ahead: Promise<Uint8Array> | undefined;
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
