/** Which buckets there are, and what is set for each. */
import type { Json } from '../json.ts';

export interface BucketInfo {
  readonly name: string;
  readonly created: Date;
}

/** Whether what is replaced or deleted is kept, as S3 has it. One that was enabled can only be suspended. */
export type Versioning = 'Enabled' | 'Suspended';

/** The names under which these are set. */
export const VERSIONING_SETTING = 'versioning';
/** The document, as text. */
export const POLICY_SETTING = 'policy';

/** What a project says of a bucket, and nobody can set over the API. */
export interface BucketConfiguration {
  /** Of every object. @defaultValue of those that are put so */
  readonly encryption?: 'AES256';
  readonly expiry: readonly BucketExpiry[];
}

/** Which objects below a prefix are let go of after a time, and which versions of them. */
export interface BucketExpiry {
  readonly prefix: string;
  /** From when the object was written, or the upload begun. @defaultValue they stay */
  readonly days?: number;
  /** @defaultValue versions stay */
  readonly noncurrent?: NoncurrentRule;
}

export interface NoncurrentRule {
  /** From when it was replaced or deleted. */
  readonly days: number;
  /** So many of the newest stay all the same, of each key. */
  readonly keep: number;
}

export interface Buckets {
  /** Making one that is there changes nothing. @throws ServiceError InvalidBucketName */
  create(bucket: string): Promise<void>;
  has(bucket: string): Promise<boolean>;
  /** By their names. */
  list(): Promise<readonly BucketInfo[]>;
  /** @throws ServiceError NoSuchBucket, BucketNotEmpty, while a version is there too; uploads that are not complete are aborted */
  delete(bucket: string): Promise<void>;
  /** What was set under a name; undefined when nothing was. @throws ServiceError NoSuchBucket */
  setting(bucket: string, name: string): Promise<Json | undefined>;
  /** @param value undefined takes it away @throws ServiceError NoSuchBucket */
  set(bucket: string, name: string, value: Json | undefined): Promise<void>;
  /** Undefined for a bucket that never kept versions. @throws ServiceError NoSuchBucket */
  versioning(bucket: string): Promise<Versioning | undefined>;
  /** @throws ServiceError NoSuchBucket */
  setVersioning(bucket: string, versioning: Versioning): Promise<void>;
}
