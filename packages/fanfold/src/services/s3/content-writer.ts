/** Writes the bytes of one object to their final file, durable before anybody is told (I4). */
import { createHash } from 'node:crypto';
import { close as closeFd, fsync as fsyncFd, open as openFd, rename as renameFile, write as writeFd } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { asDiskError } from '../../database/disk-error.ts';
import { syncFolder } from '../../database/sync-folder.ts';
import type { ChecksumAlgorithm } from '../../checksum.ts';
import type { BodyDigests, ObjectBody, PutObjectParams } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { type Checksum, createChecksum } from '../../checksum.ts';
import { encrypted } from './content-cipher.ts';

// Descriptors, as content-reader.ts has them: a `FileHandle` costs more than all else that is done to a small file.
const open = promisify(openFd);
const write = promisify(writeFd) as (fd: number, bytes: Uint8Array) => Promise<{ readonly bytesWritten: number }>;
const fsync = promisify(fsyncFd);
const close = promisify(closeFd);
const rename = promisify(renameFile);

/** Bytes. */
const SYNCED_AT_ONCE = 8 * 1024 * 1024;

export interface WrittenContent {
  /** Bytes. */
  readonly size: number;
  /** MD5 in hex, or what the caller has named the content. */
  readonly eTag: string;
  /** Base64. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/**
 * Temp file, fsync, rename, fsync of the folder. What it leaves behind when it throws, the caller's `abandon` removes.
 * @throws whatever the body throws; ServiceError BadDigest, XAmzContentSHA256Mismatch; DiskError when the disk refuses
 */
export async function writeContent(
  to: { readonly temp: string; readonly path: string; readonly key?: Uint8Array },
  body: ObjectBody,
  digests: BodyDigests = {},
  eTag?: PutObjectParams['eTag'],
): Promise<WrittenContent> {
  const { sha256, checksum } = digests;
  const md5 = eTag === undefined || digests.md5 !== undefined ? createHash('md5') : undefined;
  const signed = sha256 === undefined ? undefined : createHash('sha256');
  const checked = checksum && createChecksum(checksum.algorithm);
  let size = 0;
  /** Once the body was read. */
  let written: WrittenContent = { size, eTag: '' };
  /** What the body throws is told as it is. */
  let bodyFailed = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunksOf(body)) {
        if (!(chunk instanceof Uint8Array))
          throw new ServiceError('InvalidArgument', `The body of an object is made of bytes, not of ${typeof chunk}s.`);
        md5?.update(chunk);
        signed?.update(chunk);
        checked?.update(chunk);
        size += chunk.byteLength;
        yield chunk;
      }
      const found = { md5: md5?.digest(), sha256: signed?.digest('hex'), checksum: checked };
      const named = typeof eTag === 'function' ? eTag() : eTag;
      written = { size, ...compare(digests, found), ...(named !== undefined && { eTag: named }) };
    } catch (error) {
      bodyFailed = true;
      throw error;
    }
  }
  try {
    const fd = await open(to.temp, 'wx');
    try {
      await writeSynced(fd, to.key ? encrypted(counted(), to.key) : counted());
    } finally {
      await close(fd);
    }
    await rename(to.temp, to.path);
    await syncFolder(dirname(to.path));
  } catch (error) {
    throw bodyFailed ? error : asDiskError(to.path, error);
  }
  return written;
}

/** What was written goes to the disk while more is written: the last sync does not wait for all of it. */
async function writeSynced(fd: number, body: AsyncIterable<Uint8Array>): Promise<void> {
  let syncing: Promise<void> | undefined;
  let unsynced = 0;
  try {
    for await (const chunk of body) {
      await writeAll(fd, chunk);
      unsynced += chunk.byteLength;
      if (unsynced < SYNCED_AT_ONCE) continue;
      await syncing;
      unsynced = 0;
      syncing = fsync(fd);
      syncing.catch(() => {});
    }
    // A sync tells of a failure once: no later one says it again.
    await syncing;
    await fsync(fd);
  } finally {
    await syncing?.catch(() => {});
  }
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await write(fd, at === 0 ? bytes : bytes.subarray(at));
    at += bytesWritten;
  }
}

function chunksOf(body: ObjectBody): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof body === 'string') return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}

/** @throws ServiceError BadDigest, XAmzContentSHA256Mismatch */
function compare(
  digests: BodyDigests,
  found: {
    readonly md5: Buffer | undefined;
    readonly sha256: string | undefined;
    readonly checksum: Checksum | undefined;
  },
): Pick<WrittenContent, 'eTag' | 'checksum'> {
  if (digests.md5 !== undefined && found.md5?.toString('base64') !== digests.md5)
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  if (digests.sha256 !== undefined && found.sha256 !== digests.sha256.toLowerCase())
    throw new ServiceError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  const eTag = found.md5?.toString('hex') ?? '';
  if (!digests.checksum || !found.checksum) return { eTag };
  const { algorithm } = digests.checksum;
  const value = found.checksum.value();
  const given = digests.checksum.value?.() ?? value;
  if (given !== value)
    throw new ServiceError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  return { eTag, checksum: { algorithm, value } };
}
