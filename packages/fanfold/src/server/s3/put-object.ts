/** PutObject and CopyObject. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { ObjectInfo, ObjectRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { checkCopySource, writeConditions } from './conditions.ts';
import { describedBy, detailsIn, metadataIn, DEFAULT_TYPE } from './description.ts';
import { checksumHeaders } from './object-headers.ts';
import { invalidArgument, type S3Request } from './request.ts';
import { found } from './send-object.ts';
import { uploadBody } from './upload-body.ts';
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
    .writeHead(200, { etag: `"${info.eTag}"`, 'content-length': 0, ...checksumHeaders(info), ...encrypted(info) })
    .end();
}

/** The headers of an answer that made an object. */
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
    from: { bucket: source.bucket, key: source.key },
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
  for (const [name, value] of Object.entries(encrypted(info))) outgoing.setHeader(name, value ?? '');
  sendXml(outgoing, 'CopyObjectResult', { LastModified: info.lastModified.toISOString(), ETag: `"${info.eTag}"` });
}

/** The object to copy, its conditions being met. @throws ServiceError InvalidArgument, NoSuchKey, PreconditionFailed */
export async function copySource(request: S3Request): Promise<ObjectInfo> {
  const { headers } = request;
  const ref = sourceRef(headers['x-amz-copy-source'] ?? '');
  const info = await found({ ...request, ...ref });
  checkCopySource(headers, info);
  return info;
}

/** @throws ServiceError InvalidArgument */
function sourceRef(text: string): ObjectRef {
  if (/[?&]versionId=(?!null$)/.test(text))
    throw new ServiceError('NotImplemented', 'This server keeps no versions: leave the versionId out.', 501);
  let path: string;
  try {
    path = decodeURIComponent(text.replace(/\?versionId=null$/, '').replaceAll('+', '%20'));
  } catch {
    throw invalidArgument(`The copy source is not URL-encoded: ${text.slice(0, 200)}`);
  }
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (bucket === undefined || key === undefined)
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  return { bucket, key };
}

function directive(text: string | undefined, what: string): 'COPY' | 'REPLACE' {
  if (text === undefined || text === 'COPY') return 'COPY';
  if (text === 'REPLACE') return 'REPLACE';
  throw invalidArgument(`Unknown ${what} directive: ${text}`);
}
