/**
 * Verifies AWS Signature Version 4 in the Authorization header. (aws4, which signs links, signs the headers that it chooses; here
 * the client has chosen.) https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../ports/service-error.ts';

/** What the Authorization header says. */
export interface SignedHeader {
  readonly accessKeyId: string;
  /** `20260101/us-east-1/s3/aws4_request` */
  readonly scope: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const HEADER =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/((\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request)\s*,\s*SignedHeaders=([a-z0-9;._-]+)\s*,\s*Signature=([0-9a-f]{64})$/;
/** As AWS. */
const SKEW_MS = 15 * 60_000;

export function readSignedHeader(authorization: string | undefined): SignedHeader | undefined {
  const [, accessKeyId = '', scope = '', , , service = '', signedHeaders = '', signature = ''] =
    HEADER.exec(authorization ?? '') ?? [];
  if (signature === '') return undefined;
  return { accessKeyId, scope, service, signedHeaders: signedHeaders.split(';'), signature };
}

export interface VerifyParams {
  readonly incoming: IncomingMessage;
  readonly signed: SignedHeader;
  readonly secretAccessKey: string;
  /** The body, where its hash stands in no header. */
  readonly body: Buffer | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws ServiceError when the signature is not that of the key, or is of another time */
export function verifySignature({ incoming, signed, secretAccessKey, body, now }: VerifyParams): void {
  const date = headerOf(incoming, 'x-amz-date');
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(now - at) <= SKEW_MS) || !signed.scope.startsWith(`${date.slice(0, 8)}/`))
    throw new ServiceError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      403,
    );
  if (!signed.signedHeaders.includes('host')) throw DOES_NOT_MATCH;
  const text = [ALGORITHM, date, signed.scope, sha256(canonicalRequest(incoming, signed, body))].join('\n');
  const expected = hmac(signingKey(secretAccessKey, signed.scope), text);
  if (!timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'))) throw DOES_NOT_MATCH;
}

const DOES_NOT_MATCH = new ServiceError(
  'SignatureDoesNotMatch',
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  403,
);

function canonicalRequest(incoming: IncomingMessage, signed: SignedHeader, body: Buffer | undefined): string {
  const { method = '', url = '' } = incoming;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const hash = headerOf(incoming, 'x-amz-content-sha256');
  return [
    method,
    signed.service === 's3' ? encodedOnce(path) : encodedTwice(path),
    canonicalQuery(mark < 0 ? '' : url.slice(mark + 1)),
    ...signed.signedHeaders.map((name) => `${name}:${headerOf(incoming, name)}`),
    '',
    signed.signedHeaders.join(';'),
    // What S3's header says is held against the body where that is stored.
    signed.service === 's3' && hash !== '' ? hash : sha256(body ?? Buffer.alloc(0)),
  ].join('\n');
}

/** S3 signs the bytes of a key as they are. */
function encodedOnce(path: string): string {
  return path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/');
}

/** Others sign the path as it is sent, encoded once more. */
function encodedTwice(path: string): string {
  return path.split('/').map(encode).join('/') || '/';
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return [encode(decode(name.replaceAll('+', ' '))), encode(decode(value.join('=').replaceAll('+', ' ')))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signingKey(secretAccessKey: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
