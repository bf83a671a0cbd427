/** The body of a request that uploads, as it was meant, and what it is to be held against (I4). */
import type { ChecksumAlgorithm } from '../../checksum.ts';
import type { BodyDigests } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { chunkedBody } from './chunked-body.ts';
import { invalidArgument, notImplemented, type S3Headers, type S3Request } from './request.ts';

export interface UploadBody {
  readonly body: AsyncIterable<Uint8Array>;
  readonly digests: BodyDigests;
}

export const CHECKSUM_HEADERS: Readonly<Record<string, ChecksumAlgorithm>> = {
  'x-amz-checksum-crc32': 'CRC32',
  'x-amz-checksum-crc32c': 'CRC32C',
  'x-amz-checksum-crc64nvme': 'CRC64NVME',
  'x-amz-checksum-sha1': 'SHA1',
  'x-amz-checksum-sha256': 'SHA256',
};

/** Of one upload; larger objects are made of parts, as on AWS. */
const LARGEST = 5 * 1024 ** 3;
const STREAMING = /^STREAMING-(UNSIGNED-PAYLOAD-TRAILER|AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?)$/;

/**
 * @param algorithm what the whole upload is checked by, when the request itself does not say
 * @throws ServiceError MissingContentLength, EntityTooLarge, InvalidArgument, InvalidDigest, NotImplemented; the body
 *   throws them when it is not what was said
 */
export function uploadBody(
  { incoming, headers, chunkSigning }: Pick<S3Request, 'incoming' | 'headers' | 'chunkSigning'>,
  algorithm?: ChecksumAlgorithm,
): UploadBody {
  const hash = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const chunked = hash.startsWith('STREAMING-') || isChunked(headers);
  const length = lengthOf(headers, chunked ? 'x-amz-decoded-content-length' : 'content-length');
  const md5 = md5Of(headers['content-md5']);
  // Whoever gives it up in the middle still has to answer on this connection.
  const sent: AsyncIterable<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
  if (!chunked) {
    const checksum = checksumOf(headers, undefined, algorithm);
    const sha256 = /^[0-9a-f]{64}$/i.test(hash) ? hash : undefined;
    if (sha256 === undefined && hash !== 'UNSIGNED-PAYLOAD')
      throw invalidArgument(`x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256 in hex, not ${hash}`);
    return { body: counted(sent, length), digests: { ...md5, ...checksum, ...(sha256 && { sha256 }) } };
  }
  const [, kind = 'UNSIGNED-PAYLOAD-TRAILER'] = STREAMING.exec(hash) ?? [];
  if (hash.startsWith('STREAMING-') && !STREAMING.test(hash)) throw notImplemented(`bodies framed as ${hash}`);
  const announced = (headers['x-amz-trailer'] ?? '').split(',').flatMap((name) => name.trim().toLowerCase() || []);
  const { body, trailers } = chunkedBody({
    body: sent,
    length,
    trailers: announced,
    signed: kind !== 'UNSIGNED-PAYLOAD-TRAILER',
    ...(chunkSigning && { signing: chunkSigning }),
  });
  return { body, digests: { ...md5, ...checksumOf(headers, { announced, trailers }, algorithm) } };
}

function isChunked(headers: S3Headers): boolean {
  return /(?:^|,)\s*aws-chunked\s*(?:,|$)/i.test(headers['content-encoding'] ?? '');
}

/** @throws ServiceError MissingContentLength, EntityTooLarge */
function lengthOf(headers: S3Headers, name: string): number {
  const text = headers[name] ?? (name === 'content-length' && headers['transfer-encoding'] === undefined ? '0' : '');
  if (!/^\d{1,15}$/.test(text))
    throw new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  if (Number(text) <= LARGEST) return Number(text);
  throw new ServiceError(
    'EntityTooLarge',
    `Your proposed upload exceeds the maximum allowed size: ${text} bytes, at most ${LARGEST}. Upload it in parts.`,
  );
}

function md5Of(text: string | undefined): Pick<BodyDigests, 'md5'> {
  if (text === undefined) return {};
  if (Buffer.from(text, 'base64').length !== 16)
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return { md5: text };
}

interface Trailers {
  readonly announced: readonly string[];
  /** Filled once the body was read. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** @throws ServiceError InvalidRequest, NotImplemented */
function checksumOf(
  headers: S3Headers,
  trailing: Trailers | undefined,
  otherwise: ChecksumAlgorithm | undefined,
): Pick<BodyDigests, 'checksum'> {
  const names = [...Object.keys(headers), ...(trailing?.announced ?? [])].filter(
    (name) => name.startsWith('x-amz-checksum-') && !NOT_VALUES.has(name),
  );
  const unknown = names.find((name) => !Object.hasOwn(CHECKSUM_HEADERS, name));
  if (unknown !== undefined) throw notImplemented(`the checksum ${unknown}`);
  const [name, another] = names;
  if (another !== undefined)
    throw new ServiceError(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  if (name === undefined) return otherwise ? { checksum: { algorithm: otherwise } } : {};
  const value = (): string => headers[name] ?? trailing?.trailers.get(name) ?? '';
  return { checksum: { algorithm: CHECKSUM_HEADERS[name] as ChecksumAlgorithm, value } };
}

const NOT_VALUES: ReadonlySet<string> = new Set([
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
]);

async function* counted(body: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    yield chunk;
  }
  if (total === length) return;
  throw new ServiceError(
    'IncompleteBody',
    `You did not provide the number of bytes specified by the Content-Length HTTP header: ${total} of ${length}`,
  );
}
