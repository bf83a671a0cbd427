/**
 * One complete file becomes one object, once: put, sync, unlink, in this order (I2, I5). After a crash between the
 * steps the store knows the file's identity, and what is left to do is to remove it.
 */
import { constants, lstatSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../database/sync-folder.ts';
import type { ObjectRef, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { hasCode, isNoFile } from './file-error.ts';
import { fileOf, identityOf, isBehindLink, type Look, lookOf, sameLook } from './look.ts';

/** Which files have become objects. */
export interface IngestedFiles {
  /** Whether an object was published with this source. */
  ingested(source: string): Promise<boolean>;
  forgetIngested(source: string): Promise<void>;
}

export interface TakeInParams {
  /** The inbox: its real path. */
  readonly root: string;
  /** The file, relative to the inbox, with slashes. */
  readonly path: string;
  /** The file as it was when it was found complete. */
  readonly look: Look;
  readonly ref: ObjectRef;
  readonly objects: Objects;
  readonly index: IngestedFiles;
  /** Resolves once what was put so far survives a power cut. */
  readonly sync: () => Promise<void>;
  /** Ends it while the file is being read. */
  readonly signal: AbortSignal;
}

/** `changed`: what lies there now is not what was found complete, or was taken in; look again. */
export type TakeInResult = 'taken' | 'changed';

const CHUNK = 256 * 1024;

/** Opens no link and does not hang on a pipe. Windows knows neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** @throws ServiceError and filesystem errors: the file is then still there and can be tried again */
export async function takeIn(params: TakeInParams): Promise<TakeInResult> {
  const { root, path, look, index, sync } = params;
  const source = identityOf(path, look);
  if (!(await index.ingested(source)) && !(await upload(params, source))) return 'changed';
  await sync();
  const file = fileOf(root, path);
  const result = removeUnchanged(file, look);
  if (result === 'taken') await syncRemoval(dirname(file));
  // The file is gone for good: another of the same name, time and size is a new one.
  await index.forgetIngested(source);
  return result;
}

/** False when the file is not what it was any more; nothing was put then. */
async function upload(params: TakeInParams, source: string): Promise<boolean> {
  const { root, path, look, ref, objects, signal } = params;
  const file = fileOf(root, path);
  const handle = await openFile(file);
  if (!handle) return false;
  let unchanged = false;
  const check = async (): Promise<void> => {
    const stats = await handle.stat({ bigint: true });
    unchanged = stats.isFile() && sameLook(look, lookOf(stats)) && isUnchanged(file, look);
    if (!unchanged) throw new Error(`The file ${path} changed while it was read.`);
  };
  try {
    await check();
    if (await isBehindLink(root, path)) return false;
    await objects.put({ ...ref, source, body: contents(handle, look.size, check, signal) });
  } catch (error) {
    if (!unchanged) return false;
    if (!isKnown(error)) throw error;
  } finally {
    await handle.close();
  }
  return true;
}

/** The file's bytes. The check comes before the end is told, so that what changed meanwhile is never published. */
async function* contents(
  handle: FileHandle,
  size: bigint,
  check: () => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let read = 0n;
  for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: CHUNK })) {
    signal.throwIfAborted();
    read += BigInt((chunk as Uint8Array).byteLength);
    yield chunk as Uint8Array;
  }
  await check();
  if (read !== size) throw new Error(`The file has ${size} bytes, but ${read} could be read.`);
}

async function openFile(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, FLAGS);
  } catch (error) {
    if (isNoFile(error) || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

/** Looks and removes in one go, so that a file put in its place is not removed for it. */
function removeUnchanged(file: string, look: Look): TakeInResult {
  if (!isUnchanged(file, look)) return 'changed';
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isNoFile(error)) throw error;
  }
  return 'taken';
}

function isUnchanged(file: string, look: Look): boolean {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && sameLook(look, lookOf(stats));
}

/** The source was taken in before: by this put's own first try, or before a crash. */
function isKnown(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'PreconditionFailed';
}

/** Makes the removal survive a power cut. A folder that is gone too has nothing to keep. */
async function syncRemoval(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (!isNoFile(error)) throw error;
  }
}
