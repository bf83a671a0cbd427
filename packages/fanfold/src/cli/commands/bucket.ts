/** `fanfold bucket ls|cp|rm|sign`: files to and from the buckets. */
import { createReadStream, createWriteStream, existsSync, type Stats } from 'node:fs';
import { mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BucketFiles, ListedVersion } from '../../app/remote-buckets.ts';
import type { ListVersionsParams, ObjectRef, ObjectVersionPlace, ObjectVersionRef } from '../../ports/objects.ts';
import { DiskError, isDiskFailure } from '../../database/disk-error.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { visible } from '../../visible.ts';
import { type BucketAccess, openBuckets, parsePlace, placeIn } from '../bucket-access.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { sizeOfFile } from '../input-file.ts';
import type { GlobalOptions } from '../project-access.ts';

export interface LsOptions extends GlobalOptions {
  readonly place?: string;
  readonly recursive?: boolean;
  readonly versions?: boolean;
  readonly json?: boolean;
}

export function ls(asked: LsOptions): Promise<number> {
  const { place: text, recursive = false, versions = false, json = false, ...options } = asked;
  const place = text === undefined ? undefined : placeIn(text);
  return withBuckets(options, 'look', async ({ files }) => {
    if (!place) {
      for (const { name, created } of await files.buckets())
        print(json ? JSON.stringify({ bucket: name, created }) : name);
      return;
    }
    const listing = { bucket: place.bucket, prefix: place.key, ...(!recursive && { delimiter: '/' }) };
    const lineOf = json ? JSON.stringify : textLine;
    if (versions) {
      for await (const page of versionPages(files, listing)) {
        for (const prefix of page.prefixes) print(lineOf({ prefix }));
        for (const { key, versionId, isLatest, lastModified, size } of page.versions)
          print(
            lineOf({
              key,
              versionId,
              isLatest,
              lastModified,
              ...(size === undefined ? { isDeleteMarker: true } : { size }),
            }),
          );
      }
      return;
    }
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await files.list({ ...listing, after });
      for (const prefix of page.prefixes) print(lineOf({ prefix }));
      for (const { key, size, lastModified } of page.objects) print(lineOf({ key, size, lastModified }));
      after = page.next;
    }
  });
}

interface Line extends Partial<ListedVersion> {
  readonly prefix?: string;
  readonly isDeleteMarker?: boolean;
}

/** One line of a list for people. */
function textLine({ prefix, key, versionId, lastModified, size }: Line): string {
  const version = versionId === undefined ? '' : `${versionId.padEnd(32)} `;
  if (lastModified === undefined) return `${' '.repeat(36)} ${prefix}`;
  return `${lastModified.toISOString().slice(0, 19)}Z ${String(size ?? 'deleted').padStart(15)} ${version}${key}`;
}

async function* versionPages(
  files: BucketFiles,
  listing: ListVersionsParams,
): AsyncGenerator<Awaited<ReturnType<BucketFiles['listVersions']>>> {
  for (let after: ObjectVersionPlace | undefined; ;) {
    const page = await files.listVersions({ ...listing, ...(after && { after }) });
    yield page;
    if (!page.next) return;
    after = page.next;
  }
}

export interface CpOptions extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly versionId?: string;
}

/** At least one of the two is in a bucket. */
export function cp({ from, to, versionId, ...options }: CpOptions): Promise<number> {
  const [source, target] = [parsePlace(from), parsePlace(to)];
  if (!source && !target) throw neitherInABucket(from, to);
  if (!source && versionId !== undefined) throw new UsageError(`A file has no versions: leave --version-id out.`);
  return withBuckets(options, target ? 'work' : 'look', async ({ files }) => {
    if (source && target) {
      const ref = named(target, lastPart(source.key));
      await files.copy(versionIn(source, versionId), ref);
      print(`s3://${ref.bucket}/${ref.key}`);
    } else if (target) {
      const ref = objectIn(from === STANDARD ? target : named(target, basename(resolve(from))));
      await upload(from, (body, size) => files.put(ref, body, size));
      print(`s3://${ref.bucket}/${ref.key}`);
    } else if (source) {
      const ref = versionIn(source, versionId);
      if (to === STANDARD) await pipeline(await files.get(ref), process.stdout, { end: false });
      else await download(files, ref, to);
    }
  });
}

/** As a file: standard input, or standard output. */
const STANDARD = '-';

async function upload(from: string, put: (body: Readable, size: number) => Promise<void>): Promise<void> {
  if (from !== STANDARD) {
    const size = await sizeOfFile(from);
    return put(createReadStream(from), size);
  }
  // How long it is has to be said before: it waits in a file.
  const folder = await mkdtemp(join(tmpdir(), 'fanfold-'));
  try {
    const file = join(folder, 'stdin');
    await pipeline(process.stdin, createWriteStream(file));
    await put(createReadStream(file), await sizeOfFile(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface RmOptions extends GlobalOptions {
  readonly place: string;
  readonly recursive?: boolean;
  readonly versionId?: string;
  readonly versions?: boolean;
}

export function rmObjects(asked: RmOptions): Promise<number> {
  const { place: text, recursive = false, versionId, versions = false, ...options } = asked;
  const place = placeIn(text);
  if (recursive && versionId !== undefined)
    throw new UsageError('--version-id is of one object: leave --recursive out.');
  if (versions && !recursive) throw new UsageError('--versions removes all versions: say --recursive with it.');
  if (!recursive && place.key === '')
    throw new UsageError(`'${text}' is a bucket: name an object in it, or say --recursive to remove all of them.`);
  return withBuckets(options, 'look', async ({ files }) => {
    if (!recursive) {
      const ref = versionIn(place, versionId);
      if (versionId === undefined && !(await isThere(files, place))) throw noSuchObject(place);
      return files.remove(ref);
    }
    let removed = 0;
    const told = (line: string): void => {
      removed += 1;
      print(line);
    };
    const end = (): void => {
      if (removed === 0) process.stderr.write(`fanfold: Nothing in ${place.bucket} begins with '${place.key}'.\n`);
    };
    if (versions) {
      for await (const page of versionPages(files, { bucket: place.bucket, prefix: place.key }))
        for (const { key, versionId: gone } of page.versions) {
          await files.remove({ bucket: place.bucket, key, versionId: gone });
          told(`s3://${place.bucket}/${key} ${gone}`);
        }
      return end();
    }
    for (;;) {
      const { objects } = await files.list({ bucket: place.bucket, prefix: place.key });
      if (objects.length === 0) return end();
      for (const { key } of objects) {
        await files.remove({ bucket: place.bucket, key });
        told(`s3://${place.bucket}/${key}`);
      }
    }
  });
}

/** A key comes before all others that begin with it. */
async function isThere(files: BucketFiles, { bucket, key }: ObjectRef): Promise<boolean> {
  const { objects } = await files.list({ bucket, prefix: key, limit: 1 });
  return objects[0]?.key === key;
}

function noSuchObject({ bucket, key }: ObjectRef): ServiceError {
  return new ServiceError('NoSuchKey', `There is no object s3://${bucket}/${key}; nothing was removed.`, 404);
}

export interface SignOptions extends GlobalOptions {
  readonly place: string;
  /** Seconds. */
  readonly expires: number;
}

export function sign({ place, expires, ...options }: SignOptions): Promise<number> {
  const ref = objectIn(placeIn(place));
  return withBuckets(options, 'look', async ({ sign: signed, isServed }) => {
    print(await signed(ref, expires));
    if (!isServed) process.stderr.write("fanfold: the link opens once 'fanfold dev' or 'fanfold serve' is running.\n");
  });
}

async function withBuckets(
  options: GlobalOptions,
  use: 'look' | 'work',
  work: (access: BucketAccess) => Promise<void>,
): Promise<number> {
  const access = await openBuckets(options, use);
  try {
    await work(access);
    return ExitCode.ok;
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'NoSuchBucket')) throw error;
    const names = (await access.files.buckets()).map(({ name }) => name);
    throw new ServiceError(error.code, `${error.message}. There are: ${names.join(', ') || 'none'}.`, error.status);
  } finally {
    await access.close();
  }
}

function neitherInABucket(from: string, to: string): UsageError {
  const other = existsSync(from) ? to : from;
  const example = /^[.~/]/.test(other) ? 's3://bucket/key' : `s3://${other}`;
  return new UsageError(`One of the two must be in a bucket, and begin with s3://: did you mean ${example}?`);
}

/** A file whole or not at all; a device or a pipe is written to as it is. */
async function download(files: BucketFiles, ref: ObjectVersionRef, to: string): Promise<void> {
  const found = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);
  const folder = to.endsWith('/') || (await found(to))?.isDirectory() === true;
  const parent = folder ? to : dirname(to);
  if (!(await found(parent))?.isDirectory()) throw new UsageError(`There is no folder ${parent}: make it first.`);
  const path = folder ? join(to, fileName(ref.key)) : to;
  const there = await found(path);
  if (there?.isDirectory()) throw new UsageError(`${path} is a folder: say which file to write.`);
  const body = await files.get(ref);
  if (there && !there.isFile()) return pipeline(body, createWriteStream(path)).catch(notWritten(path));
  // What a link leads to is replaced, not the link.
  const file = there ? await realpath(path) : path;
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    await pipeline(body, createWriteStream(unfinished, { flags: 'wx' }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    notWritten(path)(error);
  }
  print(path);
}

function notWritten(path: string): (error: unknown) => never {
  return (error) => {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (error instanceof ServiceError || syscall === undefined) throw error;
    if (isDiskFailure(error)) throw new DiskError(path, error);
    throw new UsageError(`${path} cannot be written: ${code}.`, { cause: error });
  };
}

/** @throws UsageError when the last part of a key is no name of a file */
function fileName(key: string): string {
  const name = lastPart(key);
  if (name === '' || name === '.' || name === '..' || /[\0\\]/.test(name))
    throw new UsageError(
      `The key ${JSON.stringify(key)} does not end with a name for a file. Say which file to write.`,
    );
  return name;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** A target that is a bucket or ends with a slash gets the name of what is copied. */
function named({ bucket, key }: ObjectRef, name: string): ObjectRef {
  return { bucket, key: key === '' || key.endsWith('/') ? key + name : key };
}

/** @throws UsageError */
function objectIn(ref: ObjectRef): ObjectRef {
  if (ref.key === '') throw new UsageError(`'s3://${ref.bucket}' is a bucket: name an object in it.`);
  return ref;
}

function versionIn(ref: ObjectRef, versionId: string | undefined): ObjectVersionRef {
  return { ...objectIn(ref), ...(versionId !== undefined && { versionId }) };
}

function print(line: string): void {
  process.stdout.write(`${visible(line)}\n`);
}
