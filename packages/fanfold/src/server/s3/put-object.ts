/** PutObject and CopyObject. */
import type { OutgoingHttpHeaders } from 'node:http';
import { parseCopySource } from '../../access/copy-source.ts';
import type { ObjectInfo, ObjectVersionRef } from '../../ports/objects.ts';
import { checkCopySource, writeConditions } from './conditions.ts';
import { describedBy, detailsIn, metadataIn, DEFAULT_TYPE } from './description.ts';
import { checksumHeaders } from './object-headers.ts';
import { invalidArgument, type S3Request } from './request.ts';
import { found } from './send-object.ts';
import { uploadBody } from './upload-body.ts';
import { versionHeaders } from './version-ref.ts';
import { sendXml } from './xml.ts';

/** @throws ServiceError as {@link uploadBody} and as `Objects.put` */
export async function putObject(request: S3Request): Promise<void> {
  const { objects, bucket, key, headers, outgoing } = request;
  const info = await objects.put({
    bucket,
    key,
    ...describedBy(headers),
    ...writeConditions(headers),
    ...uploadBody(request),
  });
  outgoing
    .writeHead(200, { etag: `"${info.eTag}"`, 'content-length': 0, ...checksumHeaders(info), ...madeHeaders(info) })
    .end();
}

/** The headers of an answer that made an object. */
function madeHeaders(info: ObjectInfo): OutgoingHttpHeaders {
  return { ...encrypted(info), ...versionHeaders(info) };
}

/** The headers of an answer that made an object, or a part of one. */
export function encrypted({ encryption }: Pick<ObjectInfo, 'encryption'>): OutgoingHttpHeaders {
  return encryption ? { 'x-amz-server-side-encryption': encryption } : {};
}

export async function copyObject(request: S3Request): Promise<void> {
  const { objects, bucket, key, headers, outgoing } = request;
  const source = await copySource(request);
  const to = { bucket, key };
  const { ifMatch, ...conditions } = writeConditions(headers);
  if (ifMatch !== undefined) throw invalidArgument('If-Match is not for copies: use x-amz-copy-source-if-match.');
  const { details, encryption } = detailsIn(headers);
  const replacesMetadata = directive(headers['x-amz-metadata-directive'], 'metadata') === 'REPLACE';
  const replacesTags = directive(headers['x-amz-tagging-directive'], 'tagging') === 'REPLACE';
  const isSame = source.bucket === bucket && source.key === key;
  const tags = replacesTags ? details.tags : source.details.tags;
  const { checksum } = source.details;
  const described = replacesMetadata
    ? { contentType: headers['content-type'] || DEFAULT_TYPE, metadata: metadataIn(headers), kept: details.headers }
    : { contentType: source.contentType, metadata: source.metadata, kept: source.details.headers };
  const { kept, ...description } = described;
  const changes = replacesMetadata || replacesTags || encryption !== undefined;
  const info = await objects.copy({
    from: sourceRef(headers['x-amz-copy-source'] ?? ''),
    to,
    ...conditions,
    ifSequencer: source.sequencer,
    ...(encryption && { encryption }),
    ...((changes || !isSame) && {
      description: {
        ...description,
        details: { ...(kept && { headers: kept }), ...(tags && { tags }), ...(checksum && { checksum }) },
      },
    }),
  });
  for (const [name, value] of Object.entries({ ...copiedHeaders(source), ...madeHeaders(info) }))
    outgoing.setHeader(name, value ?? '');
  sendXml(outgoing, 'CopyObjectResult', { LastModified: info.lastModified.toISOString(), ETag: `"${info.eTag}"` });
}

/** The object to copy, its conditions being met. @throws ServiceError InvalidArgument, NoSuchKey, PreconditionFailed */
export async function copySource(request: S3Request): Promise<ObjectInfo> {
  const { headers } = request;
  const ref = sourceRef(headers['x-amz-copy-source'] ?? '');
  const info = await found(request, ref);
  checkCopySource(headers, info);
  return info;
}

/** What a copy's answer says of the version that was copied. */
export function copiedHeaders({ versionId }: ObjectInfo): OutgoingHttpHeaders {
  return versionId === undefined ? {} : { 'x-amz-copy-source-version-id': versionId };
}

/** @throws ServiceError InvalidArgument */
function sourceRef(text: string): ObjectVersionRef {
  const source = parseCopySource(text);
  if (source?.versionId === '') throw invalidArgument('Version id cannot be the empty string');
  if (source) return source;
  throw invalidArgument(
    `Copy Source must mention the source bucket and key, percent-encoded: sourcebucket/sourcekey, not ${text.slice(0, 200)}`,
  );
}

function directive(text: string | undefined, what: string): 'COPY' | 'REPLACE' {
  if (text === undefined || text === 'COPY') return 'COPY';
  if (text === 'REPLACE') return 'REPLACE';
  throw invalidArgument(`Unknown ${what} directive: ${text}`);
}
