/**
 * The index half of the buckets: which object is where. It never touches the bytes of an object; `objects.ts` does, and
 * calls this. Whoever runs elsewhere (a function in a thread) uses the same `objects.ts` with a remote index: everything
 * that goes in or comes out here can be cloned. Refusals are ServiceErrors, whose code and status a proxy has to carry.
 */
import type { ListObjectsParams, ListObjectsResult, ObjectInfo, ObjectRef } from '../../ports/objects.ts';

/** A write that was begun. Whoever began it publishes or abandons it; for a thread that died, its proxy abandons. */
export interface PendingWrite {
  readonly id: string;
  /** Write the bytes here first; the folder is there. */
  readonly temp: string;
  /** Then rename to here, sync the folder, and publish. */
  readonly path: string;
}

export interface PublishParams extends ObjectRef {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly ifAbsent: boolean;
  /** What was taken in, for a file that must become an object once only. */
  readonly source?: string;
}

export interface LocatedObject {
  readonly info: ObjectInfo;
  /** The file with the bytes. It may be removed soon after the object was replaced or deleted: open it at once. */
  readonly path: string;
}

/** From one object to another; `ifAbsent` refuses with `PreconditionFailed` when `to` exists. */
export interface TransferParams {
  readonly from: ObjectRef;
  readonly to: ObjectRef;
  readonly ifAbsent?: boolean;
}

/** `ifSequencer` refuses with `PreconditionFailed` when another version is at `from`. */
export interface MoveParams extends TransferParams {
  readonly ifSequencer?: string;
}

export interface ObjectIndex {
  /** @throws ServiceError NoSuchBucket, InvalidBucketName, KeyTooLongError, InvalidArgument */
  begin(ref: ObjectRef): Promise<PendingWrite>;
  /**
   * Makes the object visible, in one transaction with its event and the end of its intent (I4).
   * @throws ServiceError PreconditionFailed when `ifAbsent` and the key exists, or when `source` was taken in before; the
   *   write is then still pending
   */
  publish(params: PublishParams): Promise<ObjectInfo>;
  /** Undoes a write that was begun and not published; its files are removed. Unknown ids are none of its business. */
  abandon(id: string): Promise<void>;
  /** @throws ServiceError NoSuchBucket */
  find(ref: ObjectRef): Promise<LocatedObject | undefined>;
  list(params: ListObjectsParams): Promise<ListObjectsResult>;
  copy(params: TransferParams): Promise<ObjectInfo>;
  move(params: MoveParams): Promise<ObjectInfo>;
  remove(ref: ObjectRef): Promise<void>;
  /** Whether an object was published with this source. */
  ingested(source: string): Promise<boolean>;
  forgetIngested(source: string): Promise<void>;
}
