/** GetObject and HeadObject. */
import type { OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GetObjectResult, ObjectInfo, ObjectVersionRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { type ByteRange, parseByteRange } from './byte-range.ts';
import { checkRead } from './conditions.ts';
import { objectHeaders } from './object-headers.ts';
import { partAsked, partCount, partRange } from './part-range.ts';
import type { S3Request } from './request.ts';
import { versionHeaders, versionRef } from './version-ref.ts';

export async function headObject(request: S3Request): Promise<void> {
  const { outgoing } = request;
  const info = await found(request);
  if (checkRead(request.headers, info) === 'not-modified') return notModified(request, info);
  const range = rangeAsked(request, info);
  if (range.kind === 'unsatisfiable') throw new RangeError416(info.size);
  const [status, headers] = range.kind === 'whole' ? whole(request, info) : part(request, info, range);
  outgoing.writeHead(status, headers).end();
}

/** Sends an object, or the range of it that is asked for. @throws ServiceError, before anything is sent */
export async function getObject(request: S3Request): Promise<void> {
  const opened = await open(request);
  if ('info' in opened) return notModified(request, opened.info);
  const { status, headers, body } = opened;
  const length = Number(headers['content-length']);
  const bytes = exactly(body, length);
  if (length <= SENT_AT_ONCE) {
    const all: Uint8Array[] = [];
    for await (const chunk of bytes) all.push(chunk);
    request.outgoing.writeHead(status, headers).end(Buffer.concat(all));
    return;
  }
  request.outgoing.writeHead(status, headers);
  await pipeline(Readable.from(bytes, { objectMode: false }), request.outgoing);
}

/** Bytes. A stream costs more than all else that is done for a small object. */
const SENT_AT_ONCE = 65_536;

interface Opened {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: GetObjectResult['body'];
}

/** A range is of one version of the object: when it is replaced in between, the new one is measured and read. */
async function open(request: S3Request): Promise<Opened | { readonly info: ObjectInfo }> {
  const { objects } = request;
  const ref = versionRef(request);
  for (;;) {
    const info = await found(request);
    if (checkRead(request.headers, info) === 'not-modified') return { info };
    const range = rangeAsked(request, info);
    if (range.kind === 'unsatisfiable') throw new RangeError416(info.size);
    const asked = range.kind === 'part' && { range: { start: range.start, end: range.end } };
    const result = await objects.get({ ...ref, ...asked }).catch(ignoreShorter);
    if (result?.info.sequencer !== info.sequencer) continue;
    const [status, headers] = range.kind === 'whole' ? whole(request, info) : part(request, info, range);
    return { status, headers, body: result.body };
  }
}

function whole(request: S3Request, info: ObjectInfo): [number, OutgoingHttpHeaders] {
  return [200, { ...objectHeaders(request, info), 'content-length': info.size }];
}

function part(
  request: S3Request,
  info: ObjectInfo,
  { start, end }: { readonly start: number; readonly end: number },
): [number, OutgoingHttpHeaders] {
  return [
    206,
    {
      ...objectHeaders(withoutChecksum(request), info),
      'content-length': end - start + 1,
      'content-range': `bytes ${start}-${end}/${info.size}`,
      ...(request.query.has('partNumber') && info.details.parts && { 'x-amz-mp-parts-count': partCount(info.details) }),
    },
  ];
}

function notModified(request: S3Request, info: ObjectInfo): void {
  const { 'content-type': _, ...headers } = objectHeaders(withoutChecksum(request), info);
  request.outgoing.writeHead(304, headers).end();
}

/** A checksum is of the whole, and goes with nothing less. */
function withoutChecksum(request: S3Request): S3Request {
  const { 'x-amz-checksum-mode': _, ...headers } = request.headers;
  return { ...request, headers };
}

/** If-Range: the client goes on with a download, if the object is still the same. */
function rangeFor({ headers }: S3Request, info: ObjectInfo): string | undefined {
  const condition = headers['if-range'];
  const holds =
    condition === undefined || condition === `"${info.eTag}"` || condition === info.lastModified.toUTCString();
  return holds ? headers['range'] : undefined;
}

/** @throws ServiceError InvalidPartNumber, InvalidArgument, InvalidRequest */
function rangeAsked(request: S3Request, info: ObjectInfo): ByteRange {
  const part = partAsked(request);
  return part === undefined ? parseByteRange(rangeFor(request, info), info.size) : partRange(part, info);
}

/** The range is measured; that it is refused all the same means that a shorter version has come. */
function ignoreShorter(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === 'InvalidRange') return undefined;
  throw error;
}

/**
 * What a request means, or another object. Where it is deleted, the answer's headers tell of the marker.
 * @throws ServiceError NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker
 */
export async function found(request: S3Request, ref: ObjectVersionRef = versionRef(request)): Promise<ObjectInfo> {
  const { objects, outgoing } = request;
  const { bucket, key, versionId } = ref;
  const isAsked = bucket === request.bucket && key === request.key;
  const tell = (marker: string): void => {
    const headers = versionHeaders({ versionId: marker, isDeleteMarker: true });
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value ?? '');
  };
  try {
    const info = await objects.head(ref);
    if (info) return info;
  } catch (error) {
    if (isAsked && versionId !== undefined && error instanceof ServiceError && error.code === 'MethodNotAllowed') {
      tell(versionId);
      outgoing.setHeader('allow', 'DELETE');
    }
    throw error;
  }
  const [latest] = (await objects.listVersions({ bucket, prefix: key, limit: 1 })).versions;
  if (isAsked && latest?.kind === 'delete-marker' && latest.key === key) tell(latest.versionId);
  throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
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

class RangeError416 extends ServiceError {
  readonly size: number;

  constructor(size: number) {
    super('InvalidRange', 'The requested range is not satisfiable', 416);
    this.size = size;
  }
}

export function rangeHint(error: unknown): Readonly<Record<string, string>> {
  return error instanceof RangeError416 ? { 'Content-Range': `bytes */${error.size}` } : {};
}
