/** Which action a request asks for. What is in no table here is refused by name, never ignored. */
import { getAttributes } from './attributes.ts';
import { createBucket, deleteBucket, getLocation, headBucket, listBuckets } from './bucket-actions.ts';
import { ACCESS_DENIED } from './authority.ts';
import { always, deleteNone, getAcl, getEncryption, getLifecycle, none } from './bucket-configurations.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  uploadPart,
  uploadPartCopy,
} from './multipart.ts';
import { getNotification, putNotification } from './notification-configuration.ts';
import { OVERRIDING } from './object-headers.ts';
import { deletePolicy, getPolicy, getPolicyStatus, putPolicy } from './policy.ts';
import { copyObject, putObject } from './put-object.ts';
import { notImplemented, type S3Action, type S3Request } from './request.ts';
import { getObject, headObject } from './send-object.ts';
import { deleteTagging, getTagging, putTagging } from './tagging.ts';
import { getVersioning, listObjectVersions, putVersioning } from './versions.ts';

interface Row {
  /** AWS's name. */
  readonly name: string;
  readonly method: string;
  readonly on: 'service' | 'bucket' | 'object';
  /** What must be in the query. */
  readonly with?: string;
  /** A header that must be there. */
  readonly header?: string;
  /** What else may be in the query. */
  readonly query?: readonly string[];
  readonly run: S3Action;
}

const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys'];
const VERSION = ['versionId'];
const COPY = 'x-amz-copy-source';
const RANGE_COPIED = 'x-amz-copy-source-range';

/** The first that fits. */
const ROWS: readonly Row[] = [
  {
    name: 'ListBuckets',
    method: 'GET',
    on: 'service',
    query: ['prefix', 'max-buckets', 'continuation-token'],
    run: listBuckets,
  },
  { name: 'GetBucketLocation', method: 'GET', on: 'bucket', with: 'location', run: getLocation },
  { name: 'GetBucketVersioning', method: 'GET', on: 'bucket', with: 'versioning', run: getVersioning },
  { name: 'PutBucketVersioning', method: 'PUT', on: 'bucket', with: 'versioning', run: putVersioning },
  {
    name: 'ListObjectVersions',
    method: 'GET',
    on: 'bucket',
    with: 'versions',
    query: [...LISTING, 'key-marker', 'version-id-marker'],
    run: listObjectVersions,
  },
  { name: 'GetBucketAcl', method: 'GET', on: 'bucket', with: 'acl', run: getAcl },
  { name: 'GetBucketCors', method: 'GET', on: 'bucket', with: 'cors', run: none('cors') },
  { name: 'DeleteBucketCors', method: 'DELETE', on: 'bucket', with: 'cors', run: deleteNone },
  { name: 'GetBucketEncryption', method: 'GET', on: 'bucket', with: 'encryption', run: getEncryption },
  { name: 'GetBucketLifecycleConfiguration', method: 'GET', on: 'bucket', with: 'lifecycle', run: getLifecycle },
  { name: 'GetBucketLogging', method: 'GET', on: 'bucket', with: 'logging', run: always('BucketLoggingStatus', '') },
  { name: 'GetObjectLockConfiguration', method: 'GET', on: 'bucket', with: 'object-lock', run: none('objectLock') },
  {
    name: 'GetBucketOwnershipControls',
    method: 'GET',
    on: 'bucket',
    with: 'ownershipControls',
    run: always('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
  },
  { name: 'GetBucketReplication', method: 'GET', on: 'bucket', with: 'replication', run: none('replication') },
  { name: 'DeleteBucketReplication', method: 'DELETE', on: 'bucket', with: 'replication', run: deleteNone },
  {
    name: 'GetBucketRequestPayment',
    method: 'GET',
    on: 'bucket',
    with: 'requestPayment',
    run: always('RequestPaymentConfiguration', { Payer: 'BucketOwner' }),
  },
  { name: 'GetBucketTagging', method: 'GET', on: 'bucket', with: 'tagging', run: none('tagging') },
  { name: 'DeleteBucketTagging', method: 'DELETE', on: 'bucket', with: 'tagging', run: deleteNone },
  {
    name: 'GetBucketAccelerateConfiguration',
    method: 'GET',
    on: 'bucket',
    with: 'accelerate',
    run: always('AccelerateConfiguration', ''),
  },
  { name: 'GetBucketWebsite', method: 'GET', on: 'bucket', with: 'website', run: none('website') },
  { name: 'DeleteBucketWebsite', method: 'DELETE', on: 'bucket', with: 'website', run: deleteNone },
  {
    name: 'GetPublicAccessBlock',
    method: 'GET',
    on: 'bucket',
    with: 'publicAccessBlock',
    run: none('publicAccessBlock'),
  },
  { name: 'DeletePublicAccessBlock', method: 'DELETE', on: 'bucket', with: 'publicAccessBlock', run: deleteNone },
  { name: 'GetBucketPolicy', method: 'GET', on: 'bucket', with: 'policy', run: getPolicy },
  { name: 'PutBucketPolicy', method: 'PUT', on: 'bucket', with: 'policy', run: putPolicy },
  { name: 'DeleteBucketPolicy', method: 'DELETE', on: 'bucket', with: 'policy', run: deletePolicy },
  { name: 'GetBucketPolicyStatus', method: 'GET', on: 'bucket', with: 'policyStatus', run: getPolicyStatus },
  {
    name: 'GetBucketNotificationConfiguration',
    method: 'GET',
    on: 'bucket',
    with: 'notification',
    run: getNotification,
  },
  {
    name: 'PutBucketNotificationConfiguration',
    method: 'PUT',
    on: 'bucket',
    with: 'notification',
    run: putNotification,
  },
  {
    name: 'ListMultipartUploads',
    method: 'GET',
    on: 'bucket',
    with: 'uploads',
    query: ['prefix', 'delimiter', 'encoding-type', 'key-marker', 'max-uploads', 'upload-id-marker'],
    run: listUploads,
  },
  {
    name: 'ListObjectsV2',
    method: 'GET',
    on: 'bucket',
    with: 'list-type',
    query: [...LISTING, 'start-after', 'continuation-token', 'fetch-owner'],
    run: listObjectsV2,
  },
  { name: 'ListObjects', method: 'GET', on: 'bucket', query: [...LISTING, 'marker'], run: listObjectsV1 },
  { name: 'DeleteObjects', method: 'POST', on: 'bucket', with: 'delete', run: deleteObjects },
  { name: 'CreateBucket', method: 'PUT', on: 'bucket', run: createBucket },
  { name: 'HeadBucket', method: 'HEAD', on: 'bucket', run: headBucket },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket', run: deleteBucket },
  { name: 'CreateMultipartUpload', method: 'POST', on: 'object', with: 'uploads', run: createUpload },
  { name: 'CompleteMultipartUpload', method: 'POST', on: 'object', with: 'uploadId', run: completeUpload },
  { name: 'AbortMultipartUpload', method: 'DELETE', on: 'object', with: 'uploadId', run: abortUpload },
  {
    name: 'ListParts',
    method: 'GET',
    on: 'object',
    with: 'uploadId',
    query: ['max-parts', 'part-number-marker', 'encoding-type'],
    run: listParts,
  },
  {
    name: 'UploadPartCopy',
    method: 'PUT',
    on: 'object',
    with: 'uploadId',
    header: COPY,
    query: ['partNumber'],
    run: uploadPartCopy,
  },
  { name: 'UploadPart', method: 'PUT', on: 'object', with: 'uploadId', query: ['partNumber'], run: uploadPart },
  { name: 'GetObjectAttributes', method: 'GET', on: 'object', with: 'attributes', query: VERSION, run: getAttributes },
  { name: 'GetObjectAcl', method: 'GET', on: 'object', with: 'acl', query: VERSION, run: getAcl },
  { name: 'GetObjectTagging', method: 'GET', on: 'object', with: 'tagging', query: VERSION, run: getTagging },
  { name: 'PutObjectTagging', method: 'PUT', on: 'object', with: 'tagging', query: VERSION, run: putTagging },
  { name: 'DeleteObjectTagging', method: 'DELETE', on: 'object', with: 'tagging', query: VERSION, run: deleteTagging },
  { name: 'CopyObject', method: 'PUT', on: 'object', header: COPY, run: copyObject },
  { name: 'PutObject', method: 'PUT', on: 'object', run: putObject },
  { name: 'GetObject', method: 'GET', on: 'object', query: [...VERSION, ...OVERRIDING, 'partNumber'], run: getObject },
  {
    name: 'HeadObject',
    method: 'HEAD',
    on: 'object',
    query: [...VERSION, ...OVERRIDING, 'partNumber'],
    run: headObject,
  },
  { name: 'DeleteObject', method: 'DELETE', on: 'object', query: VERSION, run: deleteObject },
];

export interface ChosenAction {
  readonly name: string;
  readonly run: S3Action;
}

/** @throws ServiceError NotImplemented, MethodNotAllowed */
export function actionOf(request: S3Request): ChosenAction {
  const { bucket, key, query, headers, incoming } = request;
  const { method = '' } = incoming;
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const row = ROWS.find(
    (each) =>
      each.method === method &&
      each.on === on &&
      (each.with === undefined || query.has(each.with)) &&
      (each.header === undefined || headers[each.header] !== undefined),
  );
  if (!row) throw notImplemented(`the method ${method} on ${ARTICLES[on]}${subresource(query)}`);
  const unknown = [...query.keys()].find(
    (name) => name !== row.with && name !== 'x-id' && !row.query?.includes(name) && !/^x-amz-/i.test(name),
  );
  if (unknown !== undefined)
    throw notImplemented(`'${unknown}' in the query of a ${method} request on ${ARTICLES[on]} (${row.name})`);
  if (row.with === 'list-type' && query.get('list-type') !== '2')
    throw notImplemented(`lists of the type ${query.get('list-type')}`);
  checkHeaders(request);
  if (row.name !== 'UploadPartCopy' && headers[RANGE_COPIED] !== undefined)
    throw notImplemented(`the header ${RANGE_COPIED} in ${row.name}: it is for parts`);
  return row;
}

const ARTICLES: Readonly<Record<Row['on'], string>> = {
  service: 'the service itself',
  bucket: 'a bucket',
  object: 'an object',
};

function subresource(query: URLSearchParams): string {
  const [name] = query.keys();
  return name === undefined ? '' : ` with '${name}' in its query`;
}

/** Headers that say something about this server or the client, or that are all the same to one machine. */
const TAKEN: ReadonlySet<string> = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-mp-object-size',
  'x-amz-metadata-directive',
  'x-amz-tagging-directive',
  'x-amz-tagging',
  'x-amz-server-side-encryption',
  'x-amz-request-payer',
  'x-amz-optional-object-attributes',
  'x-amz-object-ownership',
  'x-amz-object-attributes',
]);

/** Headers of which only some values can be meant here. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-bucket-object-lock-enabled': ['false'],
  'x-amz-bypass-governance-retention': ['false'],
  // The owner can always mend a policy.
  'x-amz-confirm-remove-self-bucket-access': ['true', 'false'],
};

/** @throws ServiceError NotImplemented, AccessDenied */
function checkHeaders({ headers, account }: S3Request): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || TAKEN.has(name) || /^x-amz-(?:meta-|checksum-|copy-source)/.test(name)) continue;
    if (name === 'x-amz-expected-bucket-owner' || name === 'x-amz-source-expected-bucket-owner') {
      if (value !== account) throw ACCESS_DENIED;
    } else if (!VALUES[name]?.includes(value)) throw notImplemented(`the header ${name}: ${value.slice(0, 100)}`);
  }
}
