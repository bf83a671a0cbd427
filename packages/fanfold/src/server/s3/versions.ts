/** GetBucketVersioning, PutBucketVersioning and ListObjectVersions */
import type { Versioning } from '../../ports/buckets.ts';
import type { DeleteMarker, ObjectVersion, ObjectVersionPlace } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { checkBucket } from './bucket-actions.ts';
import { asked, contentOf, ownerOf } from './list-objects.ts';
import { keyEncoding, limitAsked } from './list-query.ts';
import { invalidArgument, notImplemented, type S3Request } from './request.ts';
import { readXml } from './xml-body.ts';
import { sendXml, type XmlContent } from './xml.ts';
import { childText, malformedXml } from './xml-tree.ts';

export async function getVersioning(request: S3Request): Promise<void> {
  await checkBucket(request);
  const { buckets, bucket, outgoing } = request;
  const mode = await buckets.versioning(bucket);
  sendXml(outgoing, 'VersioningConfiguration', mode ? { Status: mode } : '');
}

const MODES: readonly Versioning[] = ['Enabled', 'Suspended'];

export async function putVersioning(request: S3Request): Promise<void> {
  const configuration = await readXml(request, 'VersioningConfiguration');
  await checkBucket(request);
  if ((childText(configuration, 'MfaDelete') ?? 'Disabled') !== 'Disabled')
    throw notImplemented('deletions by MFA (MfaDelete)');
  const status = childText(configuration, 'Status');
  if (status === undefined)
    throw new ServiceError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
  const mode = MODES.find((known) => known === status);
  if (!mode) throw malformedXml();
  await request.buckets.setVersioning(request.bucket, mode);
  request.outgoing.writeHead(200, { 'content-length': 0 }).end();
}

export async function listObjectVersions(request: S3Request): Promise<void> {
  const { objects, bucket, query, outgoing, account } = request;
  const encode = keyEncoding(request);
  const limit = limitAsked(request, 'max-keys');
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const after = markerOf(request);
  if (![prefix, delimiter, after.key].every((text) => text.isWellFormed()))
    throw invalidArgument('The query is not Unicode.');
  const { versions, prefixes, next } = await objects.listVersions({ bucket, prefix, delimiter, limit, after });
  const versionOf = (each: ObjectVersion | DeleteMarker): XmlContent => ({
    ...(each.kind === 'object'
      ? { ...contentOf(each, encode), StorageClass: 'STANDARD' }
      : { Key: encode(each.key), LastModified: each.lastModified.toISOString() }),
    VersionId: each.versionId,
    IsLatest: each.isLatest,
    Owner: ownerOf(account),
  });
  sendXml(outgoing, 'ListVersionsResult', [
    ...Object.entries({
      Name: bucket,
      ...asked(request, encode),
      KeyMarker: encode(after.key),
      VersionIdMarker: after.versionId ?? '',
      ...(next && { NextKeyMarker: encode(next.key) }),
      ...(next?.versionId !== undefined && { NextVersionIdMarker: next.versionId }),
      MaxKeys: limit,
      IsTruncated: next !== undefined,
    }),
    ...versions.map((each) => [each.kind === 'object' ? 'Version' : 'DeleteMarker', versionOf(each)] as const),
    ...prefixes.map((each) => ['CommonPrefixes', { Prefix: encode(each) }] as const),
  ]);
}

/** @throws ServiceError InvalidArgument */
function markerOf({ query }: S3Request): ObjectVersionPlace {
  const key = query.get('key-marker') ?? '';
  const versionId = query.get('version-id-marker');
  // boto3 sends both, empty, for the first page.
  if (versionId === null || (versionId === '' && key === '')) return { key };
  if (versionId === '') throw invalidArgument('A version-id marker cannot be empty.');
  if (key === '') throw invalidArgument('A version-id marker cannot be specified without a key marker.');
  return { key, versionId };
}
