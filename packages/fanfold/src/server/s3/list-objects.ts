/** ListObjectsV2: one page of the objects of a bucket. */
import type { ObjectInfo, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { S3Target } from './target.ts';
import { type XmlContent, xmlDocument } from './xml.ts';

const MOST_KEYS = 1000;

/** @throws ServiceError InvalidArgument, NotImplemented, NoSuchBucket */
export async function listObjects(
  objects: Pick<Objects, 'list'>,
  { bucket, query }: Pick<S3Target, 'bucket' | 'query'>,
): Promise<string> {
  if (query.get('list-type') !== '2')
    throw new ServiceError('NotImplemented', 'This server has ListObjectsV2 only: say list-type=2.', 501);
  const prefix = query.get('prefix') ?? '';
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token');
  const maxKeys = keysAsked(query.get('max-keys'));
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (text: string): string => text;
  const after = token === null ? (startAfter ?? '') : keyOf(token);
  const { objects: found, next } = await objects.list({ bucket, prefix, after, limit: maxKeys });
  return xmlDocument('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    ...(startAfter !== null && { StartAfter: encode(startAfter) }),
    ...(token !== null && { ContinuationToken: token }),
    ...(next !== undefined && { NextContinuationToken: tokenOf(next) }),
    KeyCount: found.length,
    MaxKeys: maxKeys,
    ...(query.get('encoding-type') === 'url' && { EncodingType: 'url' }),
    IsTruncated: next !== undefined,
    Contents: found.map((info) => contentOf(info, encode)),
  });
}

function contentOf({ key, lastModified, eTag, size }: ObjectInfo, encode: (text: string) => string): XmlContent {
  return {
    Key: encode(key),
    LastModified: lastModified.toISOString(),
    ETag: `"${eTag}"`,
    Size: size,
    StorageClass: 'STANDARD',
  };
}

function keysAsked(text: string | null): number {
  if (text === null) return MOST_KEYS;
  if (!/^\d{1,9}$/.test(text))
    throw new ServiceError('InvalidArgument', `Provided max-keys not an integer or within integer range: ${text}`);
  return Math.min(Number(text), MOST_KEYS);
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

/** Opaque to clients. */
function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyOf(token: string): string {
  if (!/^[\w-]+$/.test(token))
    throw new ServiceError('InvalidArgument', 'The continuation token provided is incorrect');
  return Buffer.from(token, 'base64url').toString();
}
