/** `fanfold bucket ls|cp|rm|sign`: files to and from the buckets. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ObjectRef } from '../../ports/objects.ts';
import { type BucketAccess, openBuckets, parsePlace } from '../bucket-access.ts';
import { ExitCode, UsageError } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';

export interface LsOptions extends GlobalOptions {
  readonly place?: string;
  readonly recursive?: boolean;
  readonly json?: boolean;
}

export function ls({ place: text, recursive = false, json = false, ...options }: LsOptions): Promise<number> {
  const place = text === undefined ? undefined : placeIn(text);
  return withBuckets(options, 'look', async ({ files }) => {
    if (!place) {
      for (const { name, created } of await files.buckets())
        print(json ? JSON.stringify({ bucket: name, created }) : name);
      return;
    }
    const delimiter = recursive ? {} : { delimiter: '/' };
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await files.list({ bucket: place.bucket, prefix: place.key, after, ...delimiter });
      for (const prefix of page.prefixes) print(json ? JSON.stringify({ prefix }) : `${' '.repeat(36)} ${prefix}`);
      for (const { key, size, lastModified } of page.objects)
        print(
          json
            ? JSON.stringify({ key, size, lastModified })
            : `${lastModified.toISOString().slice(0, 19)}Z ${String(size).padStart(15)} ${key}`,
        );
      after = page.next;
    }
  });
}

export interface CpOptions extends GlobalOptions {
  readonly from: string;
  readonly to: string;
}

/** At least one of the two is in a bucket. */
export function cp({ from, to, ...options }: CpOptions): Promise<number> {
  const [source, target] = [parsePlace(from), parsePlace(to)];
  if (!source && !target) throw new UsageError('One of the two must be in a bucket: s3://bucket/key.');
  return withBuckets(options, target ? 'work' : 'look', async ({ files }) => {
    if (source && target) {
      const ref = named(target, lastPart(source.key));
      await files.copy(objectIn(source), ref);
      print(`s3://${ref.bucket}/${ref.key}`);
    } else if (target) {
      const ref = named(target, basename(resolve(from)));
      const { size } = await stat(from).catch(() => {
        throw new UsageError(`There is no file ${from}.`);
      });
      await files.put(ref, createReadStream(from), size);
      print(`s3://${ref.bucket}/${ref.key}`);
    } else if (source) await download(files, objectIn(source), to);
  });
}

export interface RmOptions extends GlobalOptions {
  readonly place: string;
  readonly recursive?: boolean;
}

export function rmObjects({ place: text, recursive = false, ...options }: RmOptions): Promise<number> {
  const place = placeIn(text);
  if (!recursive && place.key === '')
    throw new UsageError(`'${text}' is a bucket: name an object in it, or say --recursive to remove all of them.`);
  return withBuckets(options, 'look', async ({ files }) => {
    if (!recursive) return files.remove(objectIn(place));
    for (;;) {
      const { objects } = await files.list({ bucket: place.bucket, prefix: place.key });
      if (objects.length === 0) return;
      for (const { key } of objects) {
        await files.remove({ bucket: place.bucket, key });
        print(`s3://${place.bucket}/${key}`);
      }
    }
  });
}

export interface SignOptions extends GlobalOptions {
  readonly place: string;
  /** Seconds. */
  readonly expires: number;
}

export function sign({ place, expires, ...options }: SignOptions): Promise<number> {
  const ref = objectIn(placeIn(place));
  return withBuckets(options, 'look', async (access) => print(await access.sign(ref, expires)));
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
  } finally {
    await access.close();
  }
}

/** Whole or not at all. */
async function download(files: BucketAccess['files'], ref: ObjectRef, to: string): Promise<void> {
  const folder = to.endsWith('/') || (await stat(to).catch(() => undefined))?.isDirectory() === true;
  const path = folder ? join(to, fileName(ref.key)) : to;
  const unfinished = `${path}.unfinished-${process.pid}`;
  try {
    await pipeline(await files.get(ref), createWriteStream(unfinished, { flags: 'wx' }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  print(path);
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
function placeIn(text: string): ObjectRef {
  const place = parsePlace(text);
  if (!place) throw new UsageError(`'${text}' is in no bucket. Write s3://bucket/key.`);
  return place;
}

/** @throws UsageError */
function objectIn(ref: ObjectRef): ObjectRef {
  if (ref.key === '') throw new UsageError(`'s3://${ref.bucket}' is a bucket: name an object in it.`);
  return ref;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
