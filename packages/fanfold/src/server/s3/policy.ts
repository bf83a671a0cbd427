/** PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus. */
import { isPublic } from '../../access/bucket-policy.ts';
import { LARGEST_POLICY, readBucketPolicy } from '../../access/read-bucket-policy.ts';
import { POLICY_SETTING } from '../../ports/buckets.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { checkBucket } from './bucket-actions.ts';
import type { S3Request } from './request.ts';
import { readText } from './text-body.ts';
import { sendXml } from './xml.ts';

export async function putPolicy(request: S3Request): Promise<void> {
  const { buckets, bucket, isRole, outgoing } = request;
  const document = await readText(request, 2 * LARGEST_POLICY);
  await checkBucket(request);
  readBucketPolicy(document, { bucket, isRole });
  await buckets.set(bucket, POLICY_SETTING, document);
  outgoing.writeHead(204).end();
}

export async function getPolicy(request: S3Request): Promise<void> {
  const document = await policyOf(request);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(document) };
  request.outgoing.writeHead(200, headers).end(document);
}

export async function deletePolicy(request: S3Request): Promise<void> {
  await checkBucket(request);
  await request.buckets.set(request.bucket, POLICY_SETTING, undefined);
  request.outgoing.writeHead(204).end();
}

export async function getPolicyStatus(request: S3Request): Promise<void> {
  const policy = readBucketPolicy(await policyOf(request), request);
  sendXml(request.outgoing, 'PolicyStatus', { IsPublic: isPublic(policy) ? 'TRUE' : 'FALSE' });
}

/** @throws ServiceError NoSuchBucket, NoSuchBucketPolicy */
async function policyOf(request: S3Request): Promise<string> {
  await checkBucket(request);
  const { buckets, bucket } = request;
  const document = await buckets.setting(bucket, POLICY_SETTING);
  if (typeof document === 'string') return document;
  throw new ServiceError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket });
}
