/** What a request of S3 does to what, as policies name it. */
import type { Access } from '../../access/policy.ts';
import { bucketArn, copySourceAccess, keysOf, objectArn, versionAction } from '../../access/call-access.ts';

export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** The header x-amz-copy-source. */
  readonly copySource: string | undefined;
  /** What the object is asked to be encrypted with. */
  readonly encryption: string | undefined;
}

export function s3Access({ method, bucket, key, query, copySource, encryption }: S3Request): readonly Access[] {
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const sub = [...query.keys()].find((name) => SUBRESOURCES.has(name));
  // Which keys are deleted stands in the body: each is asked for as it is come to.
  if (key === '') return method === 'POST' && sub === 'delete' ? [] : [bucketAccess(method, bucket, sub, query)];
  const own = {
    action: `s3:${objectAction(method, sub, query)}`,
    resource: objectArn(bucket, key),
    ...keysOf({
      's3:versionid': query.get('versionId') ?? undefined,
      's3:x-amz-server-side-encryption': encryption,
    }),
  };
  if (sub === 'attributes') return [own, { ...own, action: own.action.replace(/Attributes$/, '') }];
  return copySource === undefined || method !== 'PUT' ? [own] : [own, copySourceAccess(copySource)];
}

/** What stands in a query and makes another action of it. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
]);

const VERBS: Readonly<Record<string, string>> = { GET: 'Get', HEAD: 'Get', PUT: 'Put', POST: 'Put', DELETE: 'Delete' };

/** What lists say that conditions may ask for. */
const LISTED = ['prefix', 'delimiter', 'max-keys'];

function bucketAccess(method: string, bucket: string, sub: string | undefined, query: URLSearchParams): Access {
  const keys = LISTED.map((name) => [`s3:${name}`, query.get(name) ?? undefined] as const);
  return {
    action: `s3:${bucketAction(method, sub)}`,
    resource: bucketArn(bucket),
    ...keysOf(Object.fromEntries(keys)),
  };
}

function bucketAction(method: string, sub: string | undefined): string {
  if (sub === undefined) return { PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? 'ListBucket';
  if (sub === 'versions') return 'ListBucketVersions';
  if (sub === 'uploads') return 'ListBucketMultipartUploads';
  if (sub === 'location') return 'GetBucketLocation';
  // Deleting most configurations takes the right to set them.
  const verb = method === 'DELETE' && sub !== 'policy' && sub !== 'website' ? 'Put' : (VERBS[method] ?? method);
  return `${verb}${CONFIGURATIONS[sub] ?? `Bucket${capital(sub)}`}`;
}

/** Those that have another name in policies than in a query. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  accelerate: 'AccelerateConfiguration',
  analytics: 'AnalyticsConfiguration',
  encryption: 'EncryptionConfiguration',
  'intelligent-tiering': 'IntelligentTieringConfiguration',
  inventory: 'InventoryConfiguration',
  lifecycle: 'LifecycleConfiguration',
  metrics: 'MetricsConfiguration',
  'object-lock': 'BucketObjectLockConfiguration',
  replication: 'ReplicationConfiguration',
};

function objectAction(method: string, sub: string | undefined, query: URLSearchParams): string {
  const action = plainObjectAction(method, sub);
  return query.has('versionId') ? versionAction(action) : action;
}

function plainObjectAction(method: string, sub: string | undefined): string {
  if (sub === 'uploadId' && method === 'DELETE') return 'AbortMultipartUpload';
  if (sub === 'uploadId' && method === 'GET') return 'ListMultipartUploadParts';
  if (sub === 'uploadId' || sub === 'uploads' || sub === undefined) return `${VERBS[method] ?? method}Object`;
  return `${VERBS[method] ?? method}Object${capital(sub)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
