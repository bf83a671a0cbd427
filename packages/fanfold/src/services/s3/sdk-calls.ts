/** `aws-sdk:s3:<action>`: what tasks call of S3, with the names of the SDK for Java. */
import { parseCopySource } from '../../access/copy-source.ts';
import { isArray, isObject, type Json, type JsonObject } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import type { Buckets } from '../../ports/buckets.ts';
import type { ListObjectsResult, ObjectInfo, Objects, ObjectVersionRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { machineNameOf } from '../../state-machine-arn.ts';
import { noSuchBucket, noSuchKey } from './object-error.ts';
import { notHere, refOf, text, texts, versionOf, versionRefOf } from './sdk-input.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './sdk-tags.ts';
import { getBucketVersioning, listObjectVersions, putBucketVersioning } from './sdk-versions.ts';

export interface S3CallsParams {
  readonly objects: Objects;
  readonly buckets: Buckets;
}

/** As much of an object as an execution may hold, by the larger of its limits, bytes. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** @param writer the state machine whose execution calls, by name */
type Action = (params: S3CallsParams, input: JsonObject, writer: string | undefined) => Promise<JsonObject>;

/** What each action takes; what is required comes first, up to the bar. */
const TAKES: Readonly<Record<string, readonly [required: readonly string[], optional: readonly string[]]>> = {
  ListBuckets: [[], ['Prefix']],
  CreateBucket: [['Bucket'], []],
  HeadBucket: [['Bucket'], []],
  DeleteBucket: [['Bucket'], []],
  ListObjects: [['Bucket'], ['Prefix', 'Delimiter', 'Marker', 'MaxKeys']],
  ListObjectsV2: [['Bucket'], ['Prefix', 'Delimiter', 'StartAfter', 'ContinuationToken', 'MaxKeys']],
  ListObjectVersions: [['Bucket'], ['Prefix', 'Delimiter', 'KeyMarker', 'VersionIdMarker', 'MaxKeys']],
  GetBucketVersioning: [['Bucket'], []],
  PutBucketVersioning: [['Bucket', 'VersioningConfiguration'], []],
  GetObject: [
    ['Bucket', 'Key'],
    ['IfMatch', 'Range', 'VersionId'],
  ],
  HeadObject: [
    ['Bucket', 'Key'],
    ['IfMatch', 'VersionId'],
  ],
  PutObject: [
    ['Bucket', 'Key'],
    ['Body', 'ContentType', 'Metadata', 'IfNoneMatch', 'IfMatch', 'ServerSideEncryption'],
  ],
  CopyObject: [['Bucket', 'Key', 'CopySource'], ['IfNoneMatch']],
  DeleteObject: [['Bucket', 'Key'], ['VersionId']],
  DeleteObjects: [['Bucket', 'Delete'], []],
  GetObjectTagging: [['Bucket', 'Key'], ['VersionId']],
  PutObjectTagging: [['Bucket', 'Key', 'Tagging'], ['VersionId']],
  DeleteObjectTagging: [['Bucket', 'Key'], ['VersionId']],
};

export function createS3Calls(params: S3CallsParams): ApiCall {
  return async (action, input, { execution }) => {
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    const [required = [], optional = []] = TAKES[action] ?? [];
    if (!run) throw notHere(`the action ${action} of aws-sdk:s3`);
    for (const name of Object.keys(input))
      if (!required.includes(name) && !optional.includes(name)) throw notHere(`'${name}' in ${action} of aws-sdk:s3`);
    const missing = required.find((name) => input[name] === undefined || input[name] === '');
    if (missing !== undefined) throw new ServiceError('InvalidRequest', `The parameter ${missing} is missing.`);
    const writer = execution === undefined ? undefined : machineNameOf(execution);
    return run(params, input, writer).catch((error: unknown) => {
      const message = error instanceof ServiceError && Object.hasOwn(PLAIN, error.code) ? PLAIN[error.code] : undefined;
      if (error instanceof ServiceError && message !== undefined)
        throw new ServiceError(error.code, message, error.status);
      throw error;
    });
  };
}

/** AWS names no names here. */
const PLAIN: Readonly<Record<string, string>> = {
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchKey: 'The specified key does not exist.',
};

/** The codes that have an exception of their own in the SDK. */
export const S3_EXCEPTIONS: ReadonlySet<string> = new Set([
  'BucketAlreadyExists',
  'BucketAlreadyOwnedByYou',
  'InvalidObjectState',
  'InvalidRequest',
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
]);

const ACTIONS: Readonly<Record<string, Action>> = {
  ListBuckets: async ({ buckets }, { Prefix = '' }) => ({
    Buckets: (await buckets.list())
      .filter(({ name }) => name.startsWith(text(Prefix, 'Prefix')))
      .map(({ name, created }) => ({ Name: name, CreationDate: created.toISOString() })),
  }),
  CreateBucket: async ({ buckets }, { Bucket = '' }) => {
    await buckets.create(text(Bucket, 'Bucket'));
    return { Location: `/${text(Bucket, 'Bucket')}` };
  },
  HeadBucket: async ({ buckets }, { Bucket = '' }) => {
    if (!(await buckets.has(text(Bucket, 'Bucket')))) throw noSuchBucket(text(Bucket, 'Bucket'));
    return {};
  },
  DeleteBucket: async ({ buckets }, { Bucket = '' }) => {
    await buckets.delete(text(Bucket, 'Bucket'));
    return {};
  },
  ListObjects: async (params, input) => {
    const found = await page(params, input, input['Marker'] ?? '');
    const { Delimiter } = input;
    const { next } = found;
    return { ...listed(found, input), ...(next !== undefined && Delimiter !== undefined && { NextMarker: next }) };
  },
  ListObjectsV2: async (params, input) => {
    const found = await page(params, input, input['ContinuationToken'] ?? input['StartAfter'] ?? '');
    return {
      ...listed(found, input),
      KeyCount: found.objects.length + found.prefixes.length,
      ...(found.next !== undefined && { NextContinuationToken: found.next }),
    };
  },
  ListObjectVersions: ({ objects }, input) => listObjectVersions(objects, input),
  GetBucketVersioning: ({ buckets }, input) => getBucketVersioning(buckets, input),
  PutBucketVersioning: ({ buckets }, input) => putBucketVersioning(buckets, input),
  GetObjectTagging: ({ objects }, input) => getObjectTagging(objects, input),
  PutObjectTagging: ({ objects }, input) => putObjectTagging(objects, input),
  DeleteObjectTagging: ({ objects }, input) => deleteObjectTagging(objects, input),
  GetObject: async ({ objects }, input) => {
    const ref = versionRefOf(input);
    const info = await found(objects, ref, input['IfMatch']);
    const range = rangeOf(input['Range'], info.size);
    const length = range ? range.end - range.start + 1 : info.size;
    if (length > LARGEST_BODY)
      throw new ServiceError('EntityTooLarge', `An object of ${length} bytes is too large for an execution.`);
    const { info: opened, body } = await objects.get({ ...ref, ...(range && { range }) });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return {
      ...described(opened),
      ContentLength: length,
      ...(range && { ContentRange: `bytes ${range.start}-${range.end}/${info.size}` }),
      Body: Buffer.concat(chunks).toString(),
    };
  },
  HeadObject: async ({ objects }, input) => described(await found(objects, versionRefOf(input), input['IfMatch'])),
  PutObject: async ({ objects }, input, writer) => {
    const { Body, ContentType, Metadata, IfNoneMatch, IfMatch, ServerSideEncryption: encryption } = input;
    if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw notHere(`IfNoneMatch with anything but '*'`);
    if (encryption !== undefined && encryption !== 'AES256')
      throw notHere(`the encryption ${JSON.stringify(encryption)}`);
    const info = await objects.put({
      ...refOf(input),
      // As Step Functions does: a text too is stored as the JSON that it is, with its quotes.
      body: Body === undefined ? '' : JSON.stringify(Body),
      contentType: ContentType === undefined ? 'binary/octet-stream' : text(ContentType, 'ContentType'),
      ...(Metadata !== undefined && { metadata: texts(Metadata, 'Metadata') }),
      ...(IfNoneMatch !== undefined && { ifAbsent: true }),
      ...(IfMatch !== undefined && { ifMatch: text(IfMatch, 'IfMatch').replaceAll('"', '') }),
      ...(encryption !== undefined && { encryption: 'AES256' }),
      digests: { checksum: { algorithm: 'CRC32' } },
      ...(writer !== undefined && { writer }),
    });
    return { ...checksumOf(info), ETag: `"${info.eTag}"`, ...versionOf(info), ...ENCRYPTED };
  },
  CopyObject: async ({ objects }, input, writer) => {
    const from = parseCopySource(text(input['CopySource'] ?? '', 'CopySource'));
    if (!from)
      throw new ServiceError(
        'InvalidArgument',
        'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      );
    const ifAbsent = input['IfNoneMatch'] === '*';
    const by = writer !== undefined && { writer };
    const info = await objects.copy({ from, to: refOf(input), ifAbsent, ...by });
    const { eTag, lastModified } = info;
    const result = { ETag: `"${eTag}"`, LastModified: lastModified.toISOString(), ...checksumOf(info) };
    const { versionId: copied } = from;
    return {
      CopyObjectResult: result,
      ...(copied !== undefined && { CopySourceVersionId: copied }),
      ...versionOf(info),
      ...ENCRYPTED,
    };
  },
  DeleteObject: async ({ objects }, input) => {
    const deleted = await objects.delete(versionRefOf(input));
    return { ...versionOf(deleted), ...(deleted.isDeleteMarker && { DeleteMarker: true }) };
  },
  DeleteObjects: async ({ objects }, { Bucket = '', Delete = {} }) => {
    const named = isObject(Delete) && isArray(Delete['Objects'] ?? null) ? (Delete['Objects'] as readonly Json[]) : [];
    const refs = named.map((each) => versionRefOf({ Bucket, ...(isObject(each) ? each : {}) }));
    if (refs.length === 0 || refs.length > 1000)
      throw new ServiceError('MalformedXML', 'DeleteObjects takes 1 to 1000 objects, each with its Key.');
    const Deleted: JsonObject[] = [];
    for (const ref of refs) {
      const { versionId: marker = '', isDeleteMarker = false } = await objects.delete(ref);
      Deleted.push({
        Key: ref.key,
        ...versionOf(ref),
        ...(isDeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: marker }),
      });
    }
    return { Deleted };
  },
};

/** S3 says so of every object; whether it lies encrypted on this disk is a setting of its bucket. */
const ENCRYPTED = { ServerSideEncryption: 'AES256' } as const;

function described(info: ObjectInfo): JsonObject {
  const { size, contentType, eTag, lastModified, metadata } = info;
  return {
    AcceptRanges: 'bytes',
    ContentLength: size,
    ContentType: contentType,
    ETag: `"${eTag}"`,
    LastModified: lastModified.toISOString(),
    Metadata: { ...metadata },
    ...versionOf(info),
    ...ENCRYPTED,
  };
}

function checksumOf({ details: { checksum } }: ObjectInfo): JsonObject {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
}

async function page({ objects }: S3CallsParams, input: JsonObject, after: Json): Promise<ListObjectsResult> {
  const { Bucket = '', Prefix = '', Delimiter = '', MaxKeys = 1000 } = input;
  if (typeof MaxKeys !== 'number') throw new ServiceError('InvalidArgument', 'MaxKeys must be a number.');
  return objects.list({
    bucket: text(Bucket, 'Bucket'),
    prefix: text(Prefix, 'Prefix'),
    delimiter: text(Delimiter, 'Delimiter'),
    after: text(after, 'the place to begin at'),
    limit: Math.min(MaxKeys, 1000),
  });
}

function listed({ objects, prefixes, next }: ListObjectsResult, input: JsonObject): JsonObject {
  const { Bucket = '', Prefix = '', Delimiter, MaxKeys = 1000 } = input;
  return {
    IsTruncated: next !== undefined,
    Contents: objects.map(({ key, lastModified, eTag, size }) => ({
      Key: key,
      LastModified: lastModified.toISOString(),
      ETag: `"${eTag}"`,
      Size: size,
      StorageClass: 'STANDARD',
    })),
    Name: Bucket,
    Prefix,
    ...(Delimiter !== undefined && { Delimiter }),
    MaxKeys,
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes.map((one) => ({ Prefix: one })) }),
  };
}

async function found(objects: Objects, ref: ObjectVersionRef, match: Json | undefined): Promise<ObjectInfo> {
  const info = await objects.head(ref);
  if (!info) throw noSuchKey(ref);
  if (match !== undefined && text(match, 'IfMatch').replaceAll('"', '') !== info.eTag)
    throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  return info;
}

function rangeOf(range: Json | undefined, size: number): { start: number; end: number } | undefined {
  if (range === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(text(range, 'Range')) ?? [];
  if (first === '') throw new ServiceError('InvalidArgument', 'A Range is written as bytes=first-last.');
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (Number(first) > end) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start: Number(first), end };
}
