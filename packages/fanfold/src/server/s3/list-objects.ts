/** ListObjectsV2 and ListObjects: one page of the objects of a bucket. */
import type { ListObjectsResult, ObjectInfo } from '../../ports/objects.ts';
import { keyEncoding, keyOfToken, limitAsked, tokenOf } from './list-query.ts';
import { invalidArgument, type S3Request } from './request.ts';
import { sendXml, type XmlContent } from './xml.ts';

export async function listObjectsV2(request: S3Request): Promise<void> {
  const { query, bucket } = request;
  const startAfter = query.get('start-after');
  const token = query.get('continuation-token');
  const encode = keyEncoding(request);
  const { limit, found } = await page(request, token === null ? (startAfter ?? '') : keyOfToken(token));
  const { next } = found;
  sendXml(request.outgoing, 'ListBucketResult', {
    Name: bucket,
    ...asked(request, encode),
    ...(startAfter !== null && { StartAfter: encode(startAfter) }),
    ...(token !== null && { ContinuationToken: token }),
    ...(next !== undefined && { NextContinuationToken: tokenOf(next) }),
    KeyCount: found.objects.length + found.prefixes.length,
    MaxKeys: limit,
    IsTruncated: next !== undefined,
    ...contents(request, found, encode, query.get('fetch-owner') === 'true'),
  });
}

export async function listObjectsV1(request: S3Request): Promise<void> {
  const { query, bucket } = request;
  const marker = query.get('marker') ?? '';
  const encode = keyEncoding(request);
  const { limit, found } = await page(request, marker);
  const { next } = found;
  sendXml(request.outgoing, 'ListBucketResult', {
    Name: bucket,
    ...asked(request, encode),
    Marker: encode(marker),
    ...(next !== undefined && query.get('delimiter') && { NextMarker: encode(next) }),
    MaxKeys: limit,
    IsTruncated: next !== undefined,
    ...contents(request, found, encode, true),
  });
}

async function page(
  { objects, bucket, query }: S3Request,
  after: string,
): Promise<{ readonly limit: number; readonly found: ListObjectsResult }> {
  const limit = limitAsked({ query }, 'max-keys');
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  if (!prefix.isWellFormed() || !delimiter.isWellFormed() || !after.isWellFormed())
    throw invalidArgument('The query is not Unicode.');
  return { limit, found: await objects.list({ bucket, prefix, after, delimiter, limit }) };
}

export function asked(
  { query }: Pick<S3Request, 'query'>,
  encode: (key: string) => string,
): Record<string, XmlContent> {
  const [delimiter, encoding] = [query.get('delimiter'), query.get('encoding-type')];
  return {
    Prefix: encode(query.get('prefix') ?? ''),
    ...(delimiter && { Delimiter: encode(delimiter) }),
    ...(encoding && { EncodingType: encoding }),
  };
}

function contents(
  { account }: S3Request,
  { objects, prefixes }: ListObjectsResult,
  encode: (key: string) => string,
  withOwner: boolean,
): Record<string, readonly XmlContent[]> {
  const owner = withOwner ? { Owner: ownerOf(account) } : {};
  return {
    Contents: objects.map((info) => ({ ...contentOf(info, encode), ...owner, StorageClass: 'STANDARD' })),
    CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

export function ownerOf(account: string): { readonly ID: string; readonly DisplayName: string } {
  return { ID: account, DisplayName: account };
}

export function contentOf(
  { key, lastModified, eTag, size, details: { checksum } }: ObjectInfo,
  encode: (text: string) => string,
): Record<string, XmlContent> {
  return {
    Key: encode(key),
    LastModified: lastModified.toISOString(),
    ETag: `"${eTag}"`,
    ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    Size: size,
  };
}
