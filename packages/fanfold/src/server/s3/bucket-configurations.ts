/**
 * Reads of a bucket's configurations that nobody can set over the API: they tell what holds here. What does not is answered
 * as S3 answers for a bucket that has none; what is not set here can be deleted, as on S3.
 */
import type { BucketExpiry } from '../../ports/buckets.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { checkBucket } from './bucket-actions.ts';
import { ownerOf } from './list-objects.ts';
import type { S3Action, S3Request } from './request.ts';
import { found } from './send-object.ts';
import { sendXml, type XmlContent } from './xml.ts';

interface Absent {
  readonly code: string;
  readonly message: string;
}

type Configuration =
  | 'cors'
  | 'encryption'
  | 'lifecycle'
  | 'objectLock'
  | 'publicAccessBlock'
  | 'replication'
  | 'tagging'
  | 'website';

const ABSENT: Readonly<Record<Configuration, Absent>> = {
  cors: { code: 'NoSuchCORSConfiguration', message: 'The CORS configuration does not exist' },
  encryption: {
    code: 'ServerSideEncryptionConfigurationNotFoundError',
    message: 'The server side encryption configuration was not found',
  },
  lifecycle: { code: 'NoSuchLifecycleConfiguration', message: 'The lifecycle configuration does not exist' },
  objectLock: {
    code: 'ObjectLockConfigurationNotFoundError',
    message: 'Object Lock configuration does not exist for this bucket',
  },
  publicAccessBlock: {
    code: 'NoSuchPublicAccessBlockConfiguration',
    message: 'The public access block configuration was not found',
  },
  replication: {
    code: 'ReplicationConfigurationNotFoundError',
    message: 'The replication configuration was not found',
  },
  tagging: { code: 'NoSuchTagSet', message: 'The TagSet does not exist' },
  website: {
    code: 'NoSuchWebsiteConfiguration',
    message: 'The specified bucket does not have a website configuration',
  },
};

function absent(name: Configuration, { bucket }: S3Request): ServiceError {
  const { code, message } = ABSENT[name];
  return new ServiceError(code, message, 404, { BucketName: bucket });
}

/** A configuration that no bucket here has. */
export function none(name: Configuration): S3Action {
  return async (request) => {
    await checkBucket(request);
    throw absent(name, request);
  };
}

/** Deleting what is not there. */
export async function deleteNone(request: S3Request): Promise<void> {
  await checkBucket(request);
  request.outgoing.writeHead(204).end();
}

/** One that is the same for all buckets. */
export function always(name: string, content: XmlContent): S3Action {
  return async (request) => {
    await checkBucket(request);
    sendXml(request.outgoing, name, content);
  };
}

export async function getEncryption(request: S3Request): Promise<void> {
  await checkBucket(request);
  const { encryption } = request.configured(request.bucket);
  if (!encryption) throw absent('encryption', request);
  sendXml(request.outgoing, 'ServerSideEncryptionConfiguration', {
    Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption }, BucketKeyEnabled: false },
  });
}

/** What the project file lets go of after a time. */
export async function getLifecycle(request: S3Request): Promise<void> {
  await checkBucket(request);
  const { expiry } = request.configured(request.bucket);
  if (expiry.length === 0) throw absent('lifecycle', request);
  sendXml(request.outgoing, 'LifecycleConfiguration', { Rule: expiry.map(ruleOf) });
}

function ruleOf({ prefix, days, noncurrent }: BucketExpiry, index: number): XmlContent {
  return {
    ID: `expire-${index + 1}`,
    Filter: { Prefix: prefix },
    Status: 'Enabled',
    ...(days !== undefined && {
      Expiration: { Days: days },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: { NoncurrentDays: noncurrent.days, NewerNoncurrentVersions: noncurrent.keep },
    }),
  };
}

/** Everything is the owner's, and policies say who else may do what. */
export async function getAcl(request: S3Request): Promise<void> {
  await (request.key === '' ? checkBucket(request) : found(request));
  const owner = ownerOf(request.account);
  sendXml(request.outgoing, 'AccessControlPolicy', {
    Owner: owner,
    AccessControlList: {
      Grant: {
        Grantee: { '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', '@xsi:type': 'CanonicalUser', ...owner },
        Permission: 'FULL_CONTROL',
      },
    },
  });
}
