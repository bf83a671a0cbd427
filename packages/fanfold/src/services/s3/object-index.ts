/**
 * The index half of the buckets: which object is where. It never touches the bytes of an object; `objects.ts` does, and
 * calls this. Whoever runs elsewhere (a function in a thread) uses the same `objects.ts` with a remote index: everything
 * that goes in or comes out here can be cloned. Refusals are ServiceErrors, whose code and status a proxy has to carry.
 */
import type {
  CopyObjectParams,
  DeleteObjectParams,
  DeleteObjectResult,
  ListObjectsParams,
  ListObjectsResult,
  ListVersionsParams,
  ListVersionsResult,
  ObjectDescription,
  ObjectEventName,
  ObjectInfo,
  ObjectRef,
  ObjectVersionRef,
} from '../../ports/objects.ts';

/** A write that was begun. Whoever began it publishes or abandons it; for a thread that died, its proxy abandons. */
export interface PendingWrite {
  readonly id: string;
  /** Write the bytes here first; the folder is there. */
  readonly temp: string;
  /** Then rename to here, sync the folder, and publish. */
  readonly path: string;
  /** What to encrypt the bytes with. */
  readonly key?: Uint8Array;
}

export interface BeginParams extends ObjectRef {
  readonly encryption?: 'AES256';
}

export interface PublishParams extends ObjectRef, ObjectDescription {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
  readonly ifAbsent: boolean;
  readonly ifMatch?: string;
  /** How it came about. @defaultValue ObjectCreated:Put */
  readonly event?: ObjectEventName;
  /** What was taken in, for a file that must become an object once only. */
  readonly source?: string;
  /** The state machine whose execution writes it, by name. */
  readonly writer?: string;
}

export interface LocatedObject {
  readonly info: ObjectInfo;
  /** The file with the bytes. It may be removed soon after the object was replaced or deleted: open it at once. */
  readonly path: string;
  /** Of an encrypted one. */
  readonly key?: Uint8Array;
}

/** From one object to another; `ifAbsent` refuses when `to` exists, `ifSequencer` when another version is at `from`. */
export type TransferParams = Pick<CopyObjectParams, 'from' | 'to' | 'ifAbsent' | 'ifSequencer'>;
export type MoveParams = TransferParams & { readonly from: ObjectRef };

export interface ObjectIndex {
  /** @throws ServiceError NoSuchBucket, InvalidBucketName, KeyTooLongError, InvalidArgument */
  begin(params: BeginParams): Promise<PendingWrite>;
  /**
   * Makes the object visible, in one transaction with its event and the end of its intent (I4).
   * @throws ServiceError PreconditionFailed when `ifAbsent` and the key exists, or when `source` was taken in before; the
   *   write is then still pending
   */
  publish(params: PublishParams): Promise<ObjectInfo>;
  /** Undoes a write that was begun and not published; its files are removed. Unknown ids are none of its business. */
  abandon(id: string): Promise<void>;
  /** @throws ServiceError NoSuchBucket; of a version that is named, NoSuchVersion, MethodNotAllowed */
  find(ref: ObjectVersionRef): Promise<LocatedObject | undefined>;
  list(params: ListObjectsParams): Promise<ListObjectsResult>;
  listVersions(params: ListVersionsParams): Promise<ListVersionsResult>;
  /** @returns undefined when the bytes have to be written anew, since the copy is to be encrypted and the source is not */
  copy(params: CopyObjectParams): Promise<ObjectInfo | undefined>;
  move(params: MoveParams): Promise<ObjectInfo>;
  remove(params: DeleteObjectParams): Promise<DeleteObjectResult>;
  tag(params: ObjectVersionRef & { readonly tags: Readonly<Record<string, string>> }): Promise<void>;
  /** Whether an object was published with this source. */
  ingested(source: string): Promise<boolean>;
  forgetIngested(source: string): Promise<void>;
}
