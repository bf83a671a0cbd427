/**
 * Buckets of objects, as S3 has them: a key is any text, never a path; an object is there whole or not at all (I4).
 * Used by the services, the triggers, the wire and, through their context, by functions.
 */

export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
}

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
}

export type ObjectBody = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface PutObjectParams extends ObjectRef {
  readonly body: ObjectBody;
  /** @defaultValue application/octet-stream */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Refuse with `PreconditionFailed` when the key exists. */
  readonly ifAbsent?: boolean;
  /**
   * Names what is taken in (a dropped file: path, inode, size, time). Kept with the object; a put with a source that was
   * taken in before is refused with `PreconditionFailed`, so that a file becomes an object once, crashes or not.
   */
  readonly source?: string;
}

export interface GetObjectResult {
  readonly info: ObjectInfo;
  /** The bytes asked for. A version that was replaced or deleted meanwhile is still read to its end. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ListObjectsParams {
  readonly bucket: string;
  readonly prefix?: string;
  /** Start behind this key. */
  readonly after?: string;
  /** @defaultValue 1000 */
  readonly limit?: number;
}

export interface ListObjectsResult {
  /** In the order of the keys' UTF-8 bytes. */
  readonly objects: readonly ObjectInfo[];
  /** Pass as `after` for the next page; absent on the last. */
  readonly next?: string;
}

export interface Objects {
  put(params: PutObjectParams): Promise<ObjectInfo>;
  /** @throws ServiceError NoSuchKey, NoSuchBucket. `end` is inclusive, as in an HTTP range. */
  get(
    params: ObjectRef & { readonly range?: { readonly start: number; readonly end?: number } },
  ): Promise<GetObjectResult>;
  /** The object's description, or undefined when there is none. */
  head(ref: ObjectRef): Promise<ObjectInfo | undefined>;
  list(params: ListObjectsParams): Promise<ListObjectsResult>;
  /** @throws ServiceError NoSuchKey, PreconditionFailed */
  copy(params: { readonly from: ObjectRef; readonly to: ObjectRef; readonly ifAbsent?: boolean }): Promise<ObjectInfo>;
  /**
   * Gives the object another name in one atomic act; raises no object-created event. `ifSequencer` refuses with
   * `PreconditionFailed` when what is at `from` is not that version any more.
   * @throws ServiceError NoSuchKey, PreconditionFailed
   */
  move(params: {
    readonly from: ObjectRef;
    readonly to: ObjectRef;
    readonly ifAbsent?: boolean;
    readonly ifSequencer?: string;
  }): Promise<ObjectInfo>;
  /** Deleting what is not there is no error. */
  delete(ref: ObjectRef): Promise<void>;
}

export type ObjectEventName = 'ObjectCreated:Put' | 'ObjectCreated:Copy';

/** One object-created event, kept with the object's row until it was delivered (I4, I5). */
export interface ObjectEvent {
  readonly id: number;
  readonly name: ObjectEventName;
  readonly at: Date;
  readonly object: ObjectInfo;
}

/** The events of a store, delivered at least once until acknowledged. */
export interface ObjectEvents {
  /** Events not yet acknowledged, oldest first; their ids grow. `after` is an id: start behind it. */
  pending(limit: number, after?: number): readonly ObjectEvent[];
  acknowledge(id: number): void;
  /** Called after a commit that added events. */
  onPending(listener: () => void): void;
}
