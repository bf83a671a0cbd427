/** Objects that are made of parts (multipart uploads): nothing is seen of one before it is completed (I4). */
import type { ChecksumAlgorithm } from '../checksum.ts';
import type { BodyDigests, ObjectBody, ObjectChecksum, ObjectDescription, ObjectInfo, ObjectRef } from './objects.ts';

export interface UploadRef extends ObjectRef {
  readonly uploadId: string;
}

export interface UploadInfo extends UploadRef, ObjectDescription {
  readonly initiated: Date;
  readonly encryption?: 'AES256';
  /** What the parts and the object are to be checked by. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ObjectChecksum['type'] };
}

export interface PartInfo {
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  /** MD5 in hex. */
  readonly eTag: string;
  readonly lastModified: Date;
  /** Base64. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

export interface PutPartParams extends UploadRef {
  readonly partNumber: number;
  readonly body: ObjectBody;
  readonly digests?: BodyDigests;
}

export interface CompleteUploadParams extends UploadRef {
  /** In the order of their numbers. */
  readonly parts: readonly {
    readonly partNumber: number;
    /** MD5 in hex. */
    readonly eTag: string;
    /** Base64. */
    readonly checksum?: string;
  }[];
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
  /** Bytes that the whole must have. */
  readonly size?: number;
  /** What the whole must come to. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  /** The state machine whose execution completes it, by name. */
  readonly writer?: string;
}

export interface ListPartsParams extends UploadRef {
  /** Start behind this number. */
  readonly after: number;
  readonly limit: number;
}

export interface ListUploadsParams {
  readonly bucket: string;
  readonly prefix: string;
  /** Start behind this upload. */
  readonly after?: { readonly key: string; readonly uploadId: string };
  readonly limit: number;
}

/** @throws ServiceError NoSuchUpload, where one is named; NoSuchBucket */
export interface Uploads {
  create(params: ObjectRef & ObjectDescription & Pick<UploadInfo, 'checksum' | 'encryption'>): Promise<UploadInfo>;
  find(ref: UploadRef): Promise<UploadInfo>;
  /** A part of the same number is replaced. */
  putPart(params: PutPartParams): Promise<PartInfo>;
  /** @throws ServiceError InvalidPart, InvalidPartOrder, EntityTooSmall, PreconditionFailed, BadDigest */
  complete(params: CompleteUploadParams): Promise<ObjectInfo>;
  abort(ref: UploadRef): Promise<void>;
  listParts(params: ListPartsParams): Promise<{ readonly parts: readonly PartInfo[]; readonly more: boolean }>;
  list(params: ListUploadsParams): Promise<{ readonly uploads: readonly UploadInfo[]; readonly more: boolean }>;
}
