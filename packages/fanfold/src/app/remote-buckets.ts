/** The buckets of a directory that a server holds, for the commands of its owner. */
import type { ObjectRef } from '../ports/objects.ts';
import { type BucketFiles, createRemoteFiles } from '../server/s3/s3-client.ts';
import { createLinks } from '../services/s3/links.ts';
import { defaultRegion } from './arn.ts';
import { loadCredentials } from './credentials.ts';

export type { BucketFiles, ListedVersion } from '../server/s3/s3-client.ts';

export interface RemoteBuckets {
  readonly files: BucketFiles;
  /** A link to an object. */
  sign(ref: ObjectRef, expiresInSeconds: number): Promise<string>;
}

/** @param dataDirectory its key signs the links */
export function remoteBuckets(url: string, dataDirectory: string): RemoteBuckets {
  const links = createLinks({
    endpoint: () => url,
    region: defaultRegion(),
    ...loadCredentials(dataDirectory),
    now: Date.now,
  });
  return { files: createRemoteFiles(url), sign: (ref, seconds) => links.sign(ref, seconds) };
}
