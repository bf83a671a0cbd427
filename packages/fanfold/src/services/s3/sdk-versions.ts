/** `aws-sdk:s3:listObjectVersions`, `getBucketVersioning` and `putBucketVersioning`. */
import { isObject, type JsonObject } from '../../json.ts';
import type { Buckets } from '../../ports/buckets.ts';
import type { DeleteMarker, Objects, ObjectVersion } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { notHere, text } from './sdk-input.ts';

export async function listObjectVersions(objects: Objects, input: JsonObject): Promise<JsonObject> {
  const { Bucket = '', Prefix = '', Delimiter, KeyMarker = '', VersionIdMarker, MaxKeys = 1000 } = input;
  if (typeof MaxKeys !== 'number') throw new ServiceError('InvalidArgument', 'MaxKeys must be a number.');
  const key = text(KeyMarker, 'KeyMarker');
  const { versions, prefixes, next } = await objects.listVersions({
    bucket: text(Bucket, 'Bucket'),
    prefix: text(Prefix, 'Prefix'),
    delimiter: text(Delimiter ?? '', 'Delimiter'),
    limit: Math.min(MaxKeys, 1000),
    after: { key, ...(VersionIdMarker !== undefined && { versionId: text(VersionIdMarker, 'VersionIdMarker') }) },
  });
  return {
    IsTruncated: next !== undefined,
    KeyMarker: key,
    ...(VersionIdMarker !== undefined && { VersionIdMarker }),
    ...(next && { NextKeyMarker: next.key }),
    ...(next?.versionId !== undefined && { NextVersionIdMarker: next.versionId }),
    Versions: versions.flatMap((each) => (each.kind === 'object' ? [versionOf(each)] : [])),
    DeleteMarkers: versions.flatMap((each) => (each.kind === 'delete-marker' ? [ageOf(each)] : [])),
    Name: Bucket,
    Prefix,
    ...(Delimiter !== undefined && { Delimiter }),
    MaxKeys,
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes.map((one) => ({ Prefix: one })) }),
  };
}

function versionOf(version: ObjectVersion): JsonObject {
  const { eTag, size } = version;
  return { ETag: `"${eTag}"`, Size: size, StorageClass: 'STANDARD', ...ageOf(version) };
}

function ageOf({ key, versionId, isLatest, lastModified }: ObjectVersion | DeleteMarker): JsonObject {
  return { Key: key, VersionId: versionId, IsLatest: isLatest, LastModified: lastModified.toISOString() };
}

export async function getBucketVersioning(buckets: Buckets, { Bucket = '' }: JsonObject): Promise<JsonObject> {
  const mode = await buckets.versioning(text(Bucket, 'Bucket'));
  return mode ? { Status: mode } : {};
}

export async function putBucketVersioning(buckets: Buckets, input: JsonObject): Promise<JsonObject> {
  const { Bucket = '', VersioningConfiguration = {} } = input;
  const { Status = null, MFADelete = 'Disabled' } = isObject(VersioningConfiguration) ? VersioningConfiguration : {};
  if (MFADelete !== 'Disabled') throw notHere('MFADelete');
  if (Status !== 'Enabled' && Status !== 'Suspended')
    throw new ServiceError(
      'MalformedXML',
      `The Status of versioning is Enabled or Suspended, not ${JSON.stringify(Status)}`,
    );
  await buckets.setVersioning(text(Bucket, 'Bucket'), Status);
  return {};
}
