/**
 * Buckets of objects, as S3 has them: a key is any text, never a path; an object is there whole or not at all (I4).
 * Used by the services, the triggers, the wire and, through their context, by functions.
 */

import type { ChecksumAlgorithm, ChecksumType } from '../checksum.ts';

export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectVersionRef extends ObjectRef {
  /** @defaultValue what is current */
  readonly versionId?: string;
}

/** What was written while its bucket kept no versions. */
export const NULL_VERSION = 'null';

export interface ObjectInfo extends ObjectRef {
  /** Bytes. */
  readonly size: number;
  /** MD5 of the content in hex, without quotes. */
  readonly eTag: string;
  readonly lastModified: Date;
  /** Grows with every write in this store; the same width always, so that texts compare as the writes were ordered. */
  readonly sequencer: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: ObjectDetails;
  /** Set where the bytes lie encrypted on the disk. */
  readonly encryption?: 'AES256';
  /** Absent where the bucket never kept versions. */
  readonly versionId?: string;
}

/** What few objects have. */
export interface ObjectDetails {
  /** Headers that readers get with the object, by their names in lower case: those of {@link KEPT_HEADERS}. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly checksum?: ObjectChecksum;
  readonly tags?: Readonly<Record<string, string>>;
  /** The parts that it was made of, in order. */
  readonly parts?: readonly PartRun[];
}

/** Parts with numbers one after the other, all of one size. */
export interface PartRun {
  /** The number of the first of them. */
  readonly first: number;
  /** Bytes of each. */
  readonly size: number;
  readonly count: number;
}

export const KEPT_HEADERS: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite one the checksum of the parts' checksums, a hyphen and their number. */
  readonly value: string;
  readonly type: ChecksumType;
}

/** Of parts, each is done with once the next is asked for: whoever makes them may use its memory again. */
export type ObjectBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** What a body is held against: one that differs becomes no object. */
export interface BodyDigests {
  /** Base64. Refuse with `BadDigest`. */
  readonly md5?: string;
  /** Hex. Refuse with `XAmzContentSHA256Mismatch`. */
  readonly sha256?: string;
  /** Kept with the object. Refuse with `BadDigest`. */
  readonly checksum?: {
    readonly algorithm: ChecksumAlgorithm;
    /** Base64; asked for once the body was read. @defaultValue there is nothing to hold it against */
    readonly value?: () => string;
  };
}

export interface PutObjectParams extends ObjectRef {
  readonly body: ObjectBody;
  /** @defaultValue application/octet-stream */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly details?: Omit<ObjectDetails, 'checksum' | 'parts'>;
  readonly digests?: BodyDigests;
  /**
   * What names this content, of a caller who hashes it himself; as S3 has ETags that are no MD5. Asked for once the body was read.
   * @defaultValue its MD5
   */
  readonly eTag?: string | (() => string);
  /** @defaultValue as the bucket has it */
  readonly encryption?: 'AES256';
  /** Refuse with `PreconditionFailed` when the key exists. */
  readonly ifAbsent?: boolean;
  /** Refuse with `PreconditionFailed` when what is there has another ETag, with `NoSuchKey` when nothing is. */
  readonly ifMatch?: string;
  /**
   * Names what is taken in (a dropped file: path, inode, size, time). Kept with the object; a put with a source that was
   * taken in before is refused with `PreconditionFailed`, so that a file becomes an object once, crashes or not.
   */
  readonly source?: string;
  /** The state machine whose execution writes it, by name: its triggers are not told of it. */
  readonly writer?: string;
}

export interface GetObjectParams extends ObjectVersionRef {
  /** `end` is inclusive, as in an HTTP range. @defaultValue all of it */
  readonly range?: { readonly start: number; readonly end?: number };
  /** Gives memory of so many bytes for a part of the body, where it can be read into it. @defaultValue each has its own */
  readonly allocate?: (bytes: number) => Uint8Array;
}

export interface GetObjectResult {
  readonly info: ObjectInfo;
  /** The bytes asked for. A version that was replaced or deleted meanwhile is still read to its end. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ListObjectsParams {
  readonly bucket: string;
  readonly prefix?: string;
  /** Start behind this key; and behind all that begin with it, where it is one of `prefixes`. */
  readonly after?: string;
  /** Keys that have it behind the prefix are taken together as one of `prefixes`. */
  readonly delimiter?: string;
  /** @defaultValue 1000 */
  readonly limit?: number;
}

export interface ListObjectsResult {
  /** In the order of the keys' UTF-8 bytes. */
  readonly objects: readonly ObjectInfo[];
  /** In the same order; each counts as one towards the limit. Empty without a delimiter. */
  readonly prefixes: readonly string[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: string;
}

export interface ListVersionsParams extends Omit<ListObjectsParams, 'after'> {
  /** Start behind this version; behind all of the key's where none is named. */
  readonly after?: ObjectVersionPlace;
}

export type ObjectVersionPlace = Pick<ObjectVersionRef, 'key' | 'versionId'>;

interface VersionAge {
  readonly versionId: string;
  readonly isLatest: boolean;
  /** When it was replaced; absent for the latest. */
  readonly noncurrentSince?: Date;
}

export type ObjectVersion = ObjectInfo & VersionAge & { readonly kind: 'object' };

/** What a deletion leaves: while it is the latest, there is no object under its key. */
export interface DeleteMarker extends ObjectRef, VersionAge, Pick<ObjectInfo, 'lastModified' | 'sequencer'> {
  readonly kind: 'delete-marker';
}

export interface ListVersionsResult {
  /** In the order of the keys' UTF-8 bytes; of a key, the latest first. */
  readonly versions: readonly (ObjectVersion | DeleteMarker)[];
  readonly prefixes: readonly string[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: ObjectVersionPlace;
}

export interface DeleteObjectParams extends ObjectVersionRef {
  readonly ifMatch?: string;
  readonly ifSequencer?: string;
}

export interface DeleteObjectResult {
  /** The version that was removed, or the marker that was made; absent where the bucket never kept versions. */
  readonly versionId?: string;
  /** A marker was made, or removed. */
  readonly isDeleteMarker?: boolean;
}

export interface CopyObjectParams {
  readonly from: ObjectVersionRef;
  readonly to: ObjectRef;
  readonly ifAbsent?: boolean;
  /** Refuse with `PreconditionFailed` when another version is at `from`. */
  readonly ifSequencer?: string;
  /** What the copy says of itself, in place of what the source says. */
  readonly description?: ObjectDescription;
  /** @defaultValue as the source, or the bucket it goes to, has it */
  readonly encryption?: 'AES256';
  /** The state machine whose execution copies it, by name. */
  readonly writer?: string;
}

export interface ObjectDescription {
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: ObjectDetails;
}

/** Where a version is named: @throws ServiceError NoSuchVersion, MethodNotAllowed for a delete marker, InvalidArgument */
export interface Objects {
  put(params: PutObjectParams): Promise<ObjectInfo>;
  /** @throws ServiceError NoSuchKey, NoSuchBucket, InvalidRange */
  get(params: GetObjectParams): Promise<GetObjectResult>;
  /** The object's description, or undefined when there is none. */
  head(ref: ObjectVersionRef): Promise<ObjectInfo | undefined>;
  list(params: ListObjectsParams): Promise<ListObjectsResult>;
  listVersions(params: ListVersionsParams): Promise<ListVersionsResult>;
  /** @throws ServiceError NoSuchKey, PreconditionFailed */
  copy(params: CopyObjectParams): Promise<ObjectInfo>;
  /**
   * Gives the object another name in one atomic act; raises no object-created event. `ifSequencer` refuses with
   * `PreconditionFailed` when what is at `from` is not that version any more. A bucket that keeps versions keeps the one that
   * has gone, below a delete marker.
   * @throws ServiceError NoSuchKey, PreconditionFailed
   */
  move(params: {
    readonly from: ObjectRef;
    readonly to: ObjectRef;
    readonly ifAbsent?: boolean;
    readonly ifSequencer?: string;
  }): Promise<ObjectInfo>;
  /**
   * Deleting what is not there is no error. `ifMatch` refuses with `PreconditionFailed` when what is there has another
   * ETag, with `NoSuchKey` when nothing is. `ifSequencer` deletes nothing but that version, and is no error either.
   * In a bucket that keeps versions it makes a delete marker, and removes for good what `versionId` names.
   */
  delete(params: DeleteObjectParams): Promise<DeleteObjectResult>;
  /** Gives an object other tags; it stays the same version. @throws ServiceError NoSuchKey, InvalidTag */
  tag(params: ObjectVersionRef & { readonly tags: Readonly<Record<string, string>> }): Promise<void>;
}

export type ObjectEventName = 'ObjectCreated:Put' | 'ObjectCreated:Copy' | 'ObjectCreated:CompleteMultipartUpload';

/** One object-created event, kept with the object's row until it was delivered (I4, I5). */
export interface ObjectEvent {
  readonly id: number;
  readonly name: ObjectEventName;
  readonly at: Date;
  readonly object: ObjectInfo;
  /** The state machine whose execution has written it, by name; absent when it was anybody else. */
  readonly writer?: string;
}

/** The events of a store, delivered at least once until acknowledged. */
export interface ObjectEvents {
  /** Events not yet acknowledged, oldest first; their ids grow. `after` is an id: start behind it. */
  pending(limit: number, after?: number): readonly ObjectEvent[];
  acknowledge(id: number): void;
  /** Tells of objects that are there as if each were created now, all or none. */
  raise(objects: readonly Pick<ObjectEvent, 'name' | 'object'>[]): void;
  /** Called after a commit that added events. */
  onPending(listener: () => void): void;
}
