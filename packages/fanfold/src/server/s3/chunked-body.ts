/**
 * Bodies as AWS's clients frame them (`aws-chunked`): chunks that say their length, maybe signed one after the other, and
 * trailers behind the last.
 *
 *     <hex length>[;chunk-signature=<hex>]\r\n <bytes> \r\n … 0[;chunk-signature=<hex>]\r\n [name:value\r\n …] \r\n
 */
import { createHash, createHmac } from 'node:crypto';
import { ServiceError } from '../../ports/service-error.ts';
import type { ChunkSigning } from './request.ts';

export interface ChunkedBodyParams {
  readonly body: AsyncIterable<Uint8Array>;
  /** How many bytes the chunks come to. */
  readonly length: number;
  /** Names of the trailers that were announced, in lower case. */
  readonly trailers: readonly string[];
  /** Whether chunks have signatures. */
  readonly signed: boolean;
  /** Looked at where it is given. */
  readonly signing?: ChunkSigning;
}

export interface ChunkedBody {
  /** @throws ServiceError IncompleteBody, InvalidRequest, SignatureDoesNotMatch */
  readonly body: AsyncIterable<Uint8Array>;
  /** Filled once the body was read; by names in lower case. */
  readonly trailers: ReadonlyMap<string, string>;
}

const LONGEST_LINE = 8192;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';
const CHUNK_LINE = /^([0-9a-f]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?$/i;

export function chunkedBody(params: ChunkedBodyParams): ChunkedBody {
  const trailers = new Map<string, string>();
  return { body: chunks(params, trailers), trailers };
}

async function* chunks(params: ChunkedBodyParams, trailers: Map<string, string>): AsyncGenerator<Uint8Array> {
  const { length, signed, signing } = params;
  const source = createSource(params.body);
  const signer = signed && signing ? createSigner(signing) : undefined;
  let total = 0;
  for (;;) {
    const [, hex, signature] = CHUNK_LINE.exec(await source.line()) ?? [];
    if (hex === undefined || (signed && signature === undefined)) throw malformed('a chunk does not say its length');
    const size = Number.parseInt(hex, 16);
    total += size;
    if (total > length) throw incomplete(`more than the ${length} bytes that x-amz-decoded-content-length says`);
    const hash = signer && createHash('sha256');
    for (let left = size; left > 0;) {
      const bytes = await source.bytes(left);
      left -= bytes.length;
      hash?.update(bytes);
      yield bytes;
    }
    if (signer && hash) signer.chunk(hash.digest('hex'), signature ?? '');
    if (size === 0) break;
    if ((await source.line()) !== '') throw malformed('a chunk is longer than it says');
  }
  if (total !== length) throw incomplete(`${total} bytes, and x-amz-decoded-content-length says ${length}`);
  await readTrailers(source, params, trailers, signer);
}

async function readTrailers(
  source: Source,
  { trailers: announced }: ChunkedBodyParams,
  trailers: Map<string, string>,
  signer: Signer | undefined,
): Promise<void> {
  for (let line = await source.lastLine(); line !== ''; line = await source.lastLine()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === '' || trailers.has(name)) throw malformed('a trailer is none, or comes twice');
    // A checksum that is not announced would not be looked at.
    if (!announced.includes(name) && name !== TRAILER_SIGNATURE)
      throw malformed(`the trailer ${name.slice(0, 100)} was not announced by x-amz-trailer`);
    trailers.set(name, line.slice(colon + 1).trim());
  }
  if (!(await source.isOver())) throw malformed('there is something behind its last chunk');
  const missing = announced.find((name) => !trailers.has(name));
  if (missing !== undefined) throw malformed(`the trailer ${missing} was announced and is missing`);
  if (!signer || announced.length === 0) return;
  const canonical = announced.map((name) => `${name}:${trailers.get(name) ?? ''}\n`).join('');
  signer.trailers(createHash('sha256').update(canonical).digest('hex'), trailers.get(TRAILER_SIGNATURE) ?? '');
}

interface Source {
  /** Up to the next line's end, which is left out. */
  line(): Promise<string>;
  /** The same; empty where the body ends without one. */
  lastLine(): Promise<string>;
  /** Reads on to the end of the body, or to something that is no end of a line. */
  isOver(): Promise<boolean>;
  /** Some bytes, at most so many. */
  bytes(most: number): Promise<Uint8Array>;
}

function createSource(body: AsyncIterable<Uint8Array>): Source {
  const iterator = body[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { done, value } = await iterator.next();
    if (done) return false;
    buffer =
      buffer.length === 0 ? Buffer.from(value.buffer, value.byteOffset, value.length) : Buffer.concat([buffer, value]);
    return true;
  };
  const line = async (mayEnd: boolean): Promise<string> => {
    for (;;) {
      const end = buffer.indexOf('\n');
      if (end >= 0) {
        const text = buffer.toString('latin1', 0, end).replace(/\r$/, '');
        buffer = buffer.subarray(end + 1);
        return text;
      }
      if (buffer.length > LONGEST_LINE) throw malformed('a line of it has no end');
      if (await more()) continue;
      if (mayEnd && buffer.length === 0) return '';
      throw incomplete('less than its chunks say');
    }
  };
  return {
    line: () => line(false),
    lastLine: () => line(true),
    isOver: async () => {
      do {
        if (buffer.some((byte) => byte !== 0x0d && byte !== 0x0a)) return false;
        buffer = Buffer.alloc(0);
      } while (await more());
      return true;
    },
    bytes: async (most) => {
      while (buffer.length === 0) if (!(await more())) throw incomplete('less than its chunks say');
      const bytes = buffer.subarray(0, most);
      buffer = buffer.subarray(bytes.length);
      return bytes;
    },
  };
}

interface Signer {
  /** @throws ServiceError SignatureDoesNotMatch */
  chunk(sha256: string, signature: string): void;
  trailers(sha256: string, signature: string): void;
}

const NOTHING = createHash('sha256').digest('hex');

function createSigner({ secretAccessKey, seed, date, scope }: ChunkSigning): Signer {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<string | Buffer>((made, part) => hmac(made, part), `AWS4${secretAccessKey}`);
  let previous = seed;
  const check = (kind: string, sha256: string, signature: string): void => {
    const text = [`AWS4-HMAC-SHA256-${kind}`, date, scope, previous, sha256].join('\n');
    previous = hmac(key, text).toString('hex');
    if (previous === signature) return;
    throw new ServiceError(
      'SignatureDoesNotMatch',
      'The signature of a chunk that we calculated does not match the signature you provided.',
      403,
    );
  };
  return {
    chunk: (sha256, signature) => check('PAYLOAD', `${NOTHING}\n${sha256}`, signature),
    trailers: (sha256, signature) => check('TRAILER', sha256, signature),
  };
}

function incomplete(what: string): ServiceError {
  return new ServiceError(
    'IncompleteBody',
    `You did not provide the number of bytes specified by the Content-Length HTTP header: ${what}`,
  );
}

function malformed(what: string): ServiceError {
  return new ServiceError('InvalidRequest', `The body is not in the aws-chunked encoding: ${what}`);
}
