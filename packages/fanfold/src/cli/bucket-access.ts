/** Reaches the buckets of a project: through the server that holds its directory, or by opening the directory. */
import { createApp } from '../app/load-app.ts';
import { inside } from '../app/inside.ts';
import { loadProject } from '../app/load-project.ts';
import { type BucketFiles, remoteBuckets } from '../app/remote-buckets.ts';
import type { ObjectRef } from '../ports/objects.ts';
import { UsageError } from './exit.ts';
import { dataDirectory, findServer, type GlobalOptions } from './project-access.ts';
import { createTextLogger } from './text-logger.ts';

export interface BucketAccess {
  readonly files: BucketFiles;
  /** A link to an object. */
  sign(ref: ObjectRef, expiresInSeconds: number): Promise<string>;
  /** Whether somebody answers to links. */
  readonly isServed: boolean;
  close(): Promise<void>;
}

/** An object, or all that begin with a key, in a bucket. */
export interface Place {
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

/** @returns undefined for what is a path of this machine @throws UsageError */
export function parsePlace(text: string): Place | undefined {
  if (!text.startsWith('s3://')) return undefined;
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(text) ?? [];
  if (bucket === '') throw new UsageError(`There is no bucket in '${text}'. Write s3://bucket/key.`);
  return { bucket, key };
}

/** A place that is in a bucket, whatever it begins with: `bucket/key` is one too. @throws UsageError */
export function placeIn(text: string): Place {
  const place = parsePlace(text) ?? (/^[.~/]/.test(text) ? undefined : parsePlace(`s3://${text}`));
  if (!place) throw new UsageError(`'${text}' is in no bucket. Write s3://bucket/key.`);
  return place;
}

/** @param use `look`: where no server holds the directory, what is there starts nothing */
export async function openBuckets(options: GlobalOptions, use: 'look' | 'work'): Promise<BucketAccess> {
  const project = await loadProject(options.directory);
  const url = await findServer(project, options);
  if (url) {
    const place = options.data ?? inside(project.directory, project.definition.dataDirectory ?? '.fanfold');
    return { ...remoteBuckets(url, place), isServed: true, close: async () => {} };
  }
  const app = await createApp({
    project,
    logger: createTextLogger({ quiet: true }),
    still: use === 'look',
    ...dataDirectory(options),
  });
  const { objects, buckets, links } = app;
  const files: BucketFiles = {
    buckets: () => buckets.list(),
    list: (params) => objects.list(params),
    listVersions: (params) => objects.listVersions(params),
    get: async (ref) => (await objects.get(ref)).body,
    put: async (ref, body) => void (await objects.put({ ...ref, body })),
    copy: async (from, to) => void (await objects.copy({ from, to })),
    remove: async (ref) => void (await objects.delete(ref)),
  };
  return { files, sign: (ref, seconds) => links.sign(ref, seconds), isServed: false, close: () => app.close() };
}
