/**
 * Serves objects to whoever has a link that Fanfold signed. What people get to open here was written by functions and
 * by strangers: it is always a download, never a page that runs in this server's name.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../ports/logger.ts';
import type { GetObjectResult, ObjectInfo, ObjectRef, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Result } from '../../result.ts';
import { parseByteRange } from './byte-range.ts';
import { sendS3Error } from './s3-error.ts';

/** A request as it came in: nothing of it decoded or normalised, or the signature is of something else. */
export interface LinkRequest {
  readonly method: string;
  /** The Host header. */
  readonly host: string;
  /** The request target as on the wire. */
  readonly pathAndQuery: string;
}

export type VerifyLink = (request: LinkRequest) => Result<ObjectRef, ServiceError>;

export interface ObjectLinksParams {
  readonly objects: Pick<Objects, 'get' | 'head'>;
  readonly verifyLink: VerifyLink;
  readonly logger: Logger;
}

export type ObjectLinks = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

export function createObjectLinks({ objects, verifyLink, logger }: ObjectLinksParams): ObjectLinks {
  return async (incoming, outgoing) => {
    try {
      const ref = authorise(incoming, verifyLink);
      await (incoming.method === 'HEAD'
        ? sendObjectHead(objects, ref, outgoing)
        : sendObject(objects, ref, incoming, outgoing));
    } catch (error) {
      sendRefusal(incoming, outgoing, error, logger);
    }
  };
}

/** Tells the client what went wrong; the log too, where it is not the client's fault. */
export function sendRefusal(
  { url: target = '' }: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
  logger: Logger,
): void {
  if (isClientGone(error)) return;
  if (!(error instanceof ServiceError)) logger.error('A request for an object failed', { target, error });
  // With half of it sent, the broken connection tells the client that the rest is missing.
  if (outgoing.headersSent) outgoing.destroy();
  else sendS3Error(outgoing, refusal(error), { resource: target.replace(/\?.*/s, ''), headers: rangeHint(error) });
}

/** @throws ServiceError */
function authorise(incoming: IncomingMessage, verifyLink: VerifyLink): ObjectRef {
  const { method = '', url: pathAndQuery = '', headers } = incoming;
  if (method !== 'GET' && method !== 'HEAD')
    throw new ServiceError(
      'NotImplemented',
      'A request to the API of S3 is signed in its Authorization header; links are to read objects.',
      501,
    );
  if (!/[?&]X-Amz-Signature=/.test(pathAndQuery)) throw new ServiceError('AccessDenied', 'Access Denied', 403);
  const request = { method, host: headers.host ?? '', pathAndQuery };
  const verified = verifyLink(request);
  // Who may read an object may ask how long it is: a link to read it is signed for GET alone.
  const result = !verified.ok && method === 'HEAD' ? verifyLink({ ...request, method: 'GET' }) : verified;
  if (!result.ok) throw result.error;
  return result.value;
}

export async function sendObjectHead(
  objects: ObjectLinksParams['objects'],
  ref: ObjectRef,
  outgoing: ServerResponse,
): Promise<void> {
  const info = await found(objects, ref);
  outgoing.writeHead(200, { ...headersOf(info), 'Content-Length': info.size });
  outgoing.end();
}

/** Sends an object, or the range of it that is asked for. @throws ServiceError, before anything is sent */
export async function sendObject(
  objects: ObjectLinksParams['objects'],
  ref: ObjectRef,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { status, headers, body } = await open(objects, ref, incoming);
  outgoing.writeHead(status, headers);
  await pipeline(Readable.from(exactly(body, Number(headers['Content-Length'])), { objectMode: false }), outgoing);
}

/** @throws Error when the body is not of this length: the client would take what comes next for the rest of it */
async function* exactly(body: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const chunk of body) {
    given += chunk.length;
    if (given > length) break;
    yield chunk;
  }
  if (given !== length) throw new Error(`The content of an object has not the ${length} bytes that it should have`);
}

interface Opened {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: GetObjectResult['body'];
}

/** A range is of one version of the object: when it is replaced in between, the new one is measured and read. */
async function open(objects: ObjectLinksParams['objects'], ref: ObjectRef, incoming: IncomingMessage): Promise<Opened> {
  const { range: header } = incoming.headers;
  if (header === undefined) return whole(await objects.get(ref));
  for (;;) {
    const info = await found(objects, ref);
    const range = parseByteRange(holds(incoming.headers['if-range'], info) ? header : undefined, info.size);
    if (range.kind === 'whole') return whole(await objects.get(ref));
    if (range.kind === 'unsatisfiable') throw new RangeError416(info.size);
    const { start, end } = range;
    const result = await objects.get({ ...ref, range: { start, end } }).catch(ignoreShorter);
    if (result?.info.sequencer !== info.sequencer) continue;
    const headers = { 'Content-Length': end - start + 1, 'Content-Range': `bytes ${start}-${end}/${info.size}` };
    return { status: 206, headers: { ...headersOf(info), ...headers }, body: result.body };
  }
}

function whole({ info, body }: GetObjectResult): Opened {
  return { status: 200, headers: { ...headersOf(info), 'Content-Length': info.size }, body };
}

/** The range is measured; that it is refused all the same means that a shorter version has come. */
function ignoreShorter(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === 'InvalidRange') return undefined;
  throw error;
}

/** If-Range: the client goes on with a download, if the object is still the same. */
function holds(condition: string | string[] | undefined, info: ObjectInfo): boolean {
  return condition === undefined || condition === `"${info.eTag}"` || condition === info.lastModified.toUTCString();
}

async function found(objects: ObjectLinksParams['objects'], ref: ObjectRef): Promise<ObjectInfo> {
  const info = await objects.head(ref);
  if (!info) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  return info;
}

function headersOf({ key, eTag, contentType, lastModified }: ObjectInfo): OutgoingHttpHeaders {
  return {
    'Content-Type': /^[\x20-\x7e]+$/.test(contentType) ? contentType : 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeFileName(key)}`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Accept-Ranges': 'bytes',
    ETag: `"${eTag}"`,
    'Last-Modified': lastModified.toUTCString(),
  };
}

/** The last part of the key, encoded as RFC 8187 wants it. */
function encodeFileName(key: string): string {
  const name = key.split('/').findLast((segment) => segment !== '') ?? 'object';
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}

class RangeError416 extends ServiceError {
  readonly size: number;

  constructor(size: number) {
    super('InvalidRange', 'The requested range is not satisfiable', 416);
    this.size = size;
  }
}

function rangeHint(error: unknown): Readonly<Record<string, string>> {
  return error instanceof RangeError416 ? { 'Content-Range': `bytes */${error.size}` } : {};
}

function refusal(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  return new ServiceError('InternalError', 'We encountered an internal error. Please try again.', 500);
}

function isClientGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
