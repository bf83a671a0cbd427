/** What an answer with an object says of it. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { ChecksumAlgorithm } from '../../checksum.ts';
import type { ObjectInfo } from '../../ports/objects.ts';
import { encodedWord } from './description.ts';
import { invalidArgument, type S3Request } from './request.ts';
import { CHECKSUM_HEADERS } from './upload-body.ts';
import { versionHeaders } from './version-ref.ts';

/** `response-content-type=…` in the query: what is said in place of what the object says. */
const OVERRIDES: Readonly<Record<string, string>> = {
  'response-content-type': 'content-type',
  'response-content-language': 'content-language',
  'response-expires': 'expires',
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
};
export const OVERRIDING: readonly string[] = Object.keys(OVERRIDES);

/** Names are in lower case, so that what comes later takes the place of what came before. */
export function objectHeaders(request: S3Request, info: ObjectInfo): OutgoingHttpHeaders {
  return {
    'content-type': printable(info.contentType) ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${info.eTag}"`,
    'last-modified': info.lastModified.toUTCString(),
    ...versionHeaders(info),
    ...keptHeaders(info),
    ...Object.fromEntries(
      Object.entries(info.metadata).map(([name, value]) => [`x-amz-meta-${name}`, encodedWord(value)]),
    ),
    ...(info.encryption && { 'x-amz-server-side-encryption': info.encryption }),
    ...(info.details.tags && { 'x-amz-tagging-count': Object.keys(info.details.tags).length }),
    ...(request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && checksumHeaders(info)),
    ...(request.isLink && linkHeaders(info)),
    ...overrides(request),
  };
}

export function checksumHeaders({ details: { checksum } }: Pick<ObjectInfo, 'details'>): OutgoingHttpHeaders {
  if (!checksum) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return Object.keys(CHECKSUM_HEADERS).find((name) => CHECKSUM_HEADERS[name] === algorithm) ?? '';
}

function keptHeaders({ details: { headers = {} } }: ObjectInfo): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, encodedWord(value)]));
}

/**
 * What people open in a browser was written by functions and by strangers: it is always a download, never a page that
 * runs in this server's name.
 */
function linkHeaders({ key }: ObjectInfo): OutgoingHttpHeaders {
  return {
    'content-disposition': `attachment; filename*=UTF-8''${encodeFileName(key)}`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}

/** @throws ServiceError InvalidArgument */
function overrides({ query }: S3Request): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, header] of Object.entries(OVERRIDES)) {
    const value = query.get(name);
    if (value === null) continue;
    if (printable(value) === undefined) throw invalidArgument(`${name} must be printable ASCII`);
    headers[header] = value;
  }
  return headers;
}

function printable(text: string): string | undefined {
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

/** The last part of the key, encoded as RFC 8187 wants it. */
function encodeFileName(key: string): string {
  const name = key.split('/').findLast((segment) => segment !== '') ?? 'object';
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}
