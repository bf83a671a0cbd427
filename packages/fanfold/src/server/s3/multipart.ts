/** Uploads in parts. */
import type { ChecksumAlgorithm, ChecksumType } from '../../checksum.ts';
import type { PartInfo, UploadInfo, UploadRef } from '../../ports/uploads.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { parseByteRange } from './byte-range.ts';
import { writeConditions } from './conditions.ts';
import { describedBy } from './description.ts';
import { keyEncoding, limitAsked } from './list-query.ts';
import { ownerOf } from './list-objects.ts';
import { checksumHeader } from './object-headers.ts';
import { copiedHeaders, copySource, encrypted } from './put-object.ts';
import { bareTag, invalidArgument, notImplemented, type S3Request } from './request.ts';
import { sendWhenDone } from './slow-answer.ts';
import { CHECKSUM_HEADERS, uploadBody } from './upload-body.ts';
import { versionHeaders } from './version-ref.ts';
import { readXml } from './xml-body.ts';
import { sendXml, type XmlContent } from './xml.ts';
import { childrenOf, childText, malformedXml, type XmlElement } from './xml-tree.ts';

/** Each algorithm's name in XML: `ChecksumCRC32`. */
function xmlName(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

export async function createUpload(request: S3Request): Promise<void> {
  const { uploads, bucket, key, headers, outgoing } = request;
  const checksum = checksumAsked(headers['x-amz-checksum-algorithm'], headers['x-amz-checksum-type']);
  const upload = await uploads.create({ bucket, key, ...describedBy(headers), ...(checksum && { checksum }) });
  if (checksum) {
    outgoing.setHeader('x-amz-checksum-algorithm', checksum.algorithm);
    outgoing.setHeader('x-amz-checksum-type', checksum.type);
  }
  for (const [name, value] of Object.entries(encrypted(upload))) outgoing.setHeader(name, value ?? '');
  sendXml(outgoing, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.uploadId });
}

const ALGORITHMS: readonly ChecksumAlgorithm[] = Object.values(CHECKSUM_HEADERS);

/** @throws ServiceError InvalidRequest, NotImplemented */
function checksumAsked(name: string | undefined, type: string | undefined): UploadInfo['checksum'] {
  if (name === undefined && type === undefined) return undefined;
  const algorithm = ALGORITHMS.find((known) => known === name?.toUpperCase());
  if (!algorithm) throw notImplemented(`the checksum algorithm ${name ?? 'that x-amz-checksum-type goes with'}`);
  const types: readonly ChecksumType[] = algorithm.startsWith('SHA')
    ? ['COMPOSITE']
    : algorithm === 'CRC64NVME'
      ? ['FULL_OBJECT']
      : ['COMPOSITE', 'FULL_OBJECT'];
  const chosen = type === undefined ? types[0] : types.find((known) => known === type);
  if (!chosen)
    throw new ServiceError(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return { algorithm, type: chosen };
}

export async function uploadPart(request: S3Request): Promise<void> {
  const { uploads, outgoing } = request;
  const ref = uploadRef(request);
  const upload = await uploads.find(ref);
  const { body, digests } = uploadBody(request, upload.checksum?.algorithm);
  const wanted = upload.checksum?.algorithm;
  if (wanted && digests.checksum?.algorithm !== wanted)
    throw new ServiceError(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${digests.checksum?.algorithm.toLowerCase()}`,
    );
  const { eTag, checksum } = await uploads.putPart({ ...ref, partNumber: partNumber(request), body, digests });
  outgoing
    .writeHead(200, {
      etag: `"${eTag}"`,
      'content-length': 0,
      ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
      ...encrypted(upload),
    })
    .end();
}

export async function uploadPartCopy(request: S3Request): Promise<void> {
  const { uploads, objects, headers, outgoing } = request;
  const ref = uploadRef(request);
  const upload = await uploads.find(ref);
  const source = await copySource(request);
  const asked = headers['x-amz-copy-source-range'];
  if (asked !== undefined && !/^bytes=\d{1,16}-\d{1,16}$/.test(asked))
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  const range = parseByteRange(asked, source.size);
  // What is not all there is not copied in part.
  if (asked !== undefined && (range.kind !== 'part' || Number(asked.split('-')[1]) >= source.size))
    throw invalidArgument(`Range specified is not valid for source object of size: ${source.size}`);
  const { info, body } = await objects.get({
    bucket: source.bucket,
    key: source.key,
    ...(source.versionId !== undefined && { versionId: source.versionId }),
    ...(range.kind === 'part' && { range }),
  });
  if (info.sequencer !== source.sequencer)
    throw new ServiceError('PreconditionFailed', 'The source was replaced while it was copied.', 412);
  const part = await uploads.putPart({
    ...ref,
    partNumber: partNumber(request),
    body,
    ...(upload.checksum && { digests: { checksum: { algorithm: upload.checksum.algorithm } } }),
  });
  for (const [name, value] of Object.entries({ ...copiedHeaders(source), ...encrypted(upload) }))
    outgoing.setHeader(name, value ?? '');
  sendXml(outgoing, 'CopyPartResult', { LastModified: part.lastModified.toISOString(), ...tagAndChecksum(part) });
}

export async function completeUpload(request: S3Request): Promise<void> {
  const { uploads, bucket, key, headers, outgoing, incoming } = request;
  const ref = uploadRef(request);
  const parts = childrenOf(await readXml(request, 'CompleteMultipartUpload'), 'Part').map(partNamed);
  const size = headers['x-amz-mp-object-size'];
  const whole = wholeChecksum(request);
  await sendWhenDone(outgoing, 'CompleteMultipartUploadResult', async () => {
    const info = await uploads.complete({
      ...ref,
      parts,
      ...writeConditions(headers),
      ...(whole && { checksum: whole }),
      ...(size !== undefined && { size: Number(size) }),
    });
    const { checksum } = info.details;
    if (!outgoing.headersSent)
      for (const [name, value] of Object.entries(versionHeaders(info))) outgoing.setHeader(name, value ?? '');
    return {
      Location: `http://${incoming.headers.host ?? ''}/${bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}`,
      Bucket: bucket,
      Key: key,
      ETag: `"${info.eTag}"`,
      ...(checksum && { [xmlName(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
    };
  });
}

function wholeChecksum({ headers }: S3Request): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  for (const [name, algorithm] of Object.entries(CHECKSUM_HEADERS)) {
    const value = headers[name];
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

function partNamed(element: XmlElement): { partNumber: number; eTag: string; checksum?: string } {
  const [number, tag] = [childText(element, 'PartNumber'), childText(element, 'ETag')];
  if (number === undefined || tag === undefined || !/^\s*\d{1,6}\s*$/.test(number)) throw malformedXml();
  const checksum = ALGORITHMS.map((algorithm) => childText(element, xmlName(algorithm))).find((text) => text);
  return { partNumber: Number(number), eTag: bareTag(tag), ...(checksum && { checksum }) };
}

export async function abortUpload(request: S3Request): Promise<void> {
  await request.uploads.abort(uploadRef(request));
  request.outgoing.writeHead(204).end();
}

export async function listParts(request: S3Request): Promise<void> {
  const { uploads, bucket, key, query, outgoing, account } = request;
  const ref = uploadRef(request);
  const limit = limitAsked(request, 'max-parts');
  const after = Number(query.get('part-number-marker') ?? 0);
  if (!Number.isInteger(after) || after < 0) throw invalidArgument('part-number-marker must be a whole number');
  const { checksum } = await uploads.find(ref);
  const { parts, more } = await uploads.listParts({ ...ref, after, limit });
  const last = parts.at(-1)?.partNumber;
  sendXml(outgoing, 'ListPartsResult', {
    Bucket: bucket,
    Key: keyEncoding(request)(key),
    UploadId: ref.uploadId,
    Initiator: ownerOf(account),
    Owner: ownerOf(account),
    StorageClass: 'STANDARD',
    PartNumberMarker: after,
    ...(last !== undefined && { NextPartNumberMarker: last }),
    MaxParts: limit,
    IsTruncated: more,
    ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    Part: parts.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: part.lastModified.toISOString(),
      ...tagAndChecksum(part),
      Size: part.size,
    })),
  });
}

export async function listUploads(request: S3Request): Promise<void> {
  const { uploads, bucket, query, outgoing, account } = request;
  if (query.get('delimiter')) throw notImplemented("a 'delimiter' in ListMultipartUploads");
  const encode = keyEncoding(request);
  const [prefix, keyMarker] = [query.get('prefix') ?? '', query.get('key-marker') ?? ''];
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '\u{10ffff}');
  const limit = limitAsked(request, 'max-uploads');
  const page = await uploads.list({ bucket, prefix, limit, after: { key: keyMarker, uploadId: idMarker } });
  const last = page.more ? page.uploads.at(-1) : undefined;
  sendXml(outgoing, 'ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: query.get('upload-id-marker') ?? '',
    ...(last && { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.uploadId }),
    Prefix: encode(prefix),
    ...(query.has('encoding-type') && { EncodingType: 'url' }),
    MaxUploads: limit,
    IsTruncated: page.more,
    Upload: page.uploads.map(({ key, uploadId, initiated, checksum }) => ({
      Key: encode(key),
      UploadId: uploadId,
      Initiator: ownerOf(account),
      Owner: ownerOf(account),
      StorageClass: 'STANDARD',
      Initiated: initiated.toISOString(),
      ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    })),
  });
}

function tagAndChecksum({ eTag, checksum }: PartInfo): Record<string, XmlContent> {
  return { ETag: `"${eTag}"`, ...(checksum && { [xmlName(checksum.algorithm)]: checksum.value }) };
}

function uploadRef({ bucket, key, query }: S3Request): UploadRef {
  return { bucket, key, uploadId: query.get('uploadId') ?? '' };
}

/** @throws ServiceError InvalidArgument */
function partNumber({ query }: S3Request): number {
  const text = query.get('partNumber') ?? '';
  if (!/^\d{1,6}$/.test(text)) throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive');
  return Number(text);
}
