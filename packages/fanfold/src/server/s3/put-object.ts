/** PutObject: the body as it comes, held against what the client says of it before the object is there (I4). */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ObjectInfo, ObjectRef, Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';

const META = 'x-amz-meta-';

/** @throws ServiceError NotImplemented, BadDigest, XAmzContentSHA256Mismatch, PreconditionFailed, and as {@link Objects.put} */
export async function putObject(
  objects: Pick<Objects, 'put'>,
  ref: ObjectRef,
  incoming: IncomingMessage,
): Promise<ObjectInfo> {
  const { headers } = incoming;
  const other = UNSUPPORTED.find((name) => headers[name] !== undefined);
  if (other !== undefined) throw refused(`the header ${other}`);
  const { 'x-amz-content-sha256': sha256 = 'UNSIGNED-PAYLOAD', 'content-md5': md5 } = headers;
  if (String(sha256).startsWith('STREAMING-') || /aws-chunked/.test(headers['content-encoding'] ?? ''))
    throw refused('bodies in chunks with signatures (aws-chunked): send the body as it is');
  return objects.put({
    ...ref,
    body: checked(incoming, { sha256: String(sha256), md5: md5 === undefined ? undefined : String(md5) }),
    metadata: metadataIn(headers),
    ...(headers['content-type'] !== undefined && { contentType: headers['content-type'] }),
    ...(headers['if-none-match'] === '*' && { ifAbsent: true }),
  });
}

const UNSUPPORTED: readonly string[] = [
  'x-amz-copy-source',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-tagging',
  'x-amz-object-lock-mode',
  'x-amz-website-redirect-location',
  'if-match',
];

function refused(what: string): ServiceError {
  return new ServiceError('NotImplemented', `This server does not take ${what} yet.`, 501);
}

function metadataIn(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(META) ? [[name.slice(META.length), String(value)]] : [],
    ),
  );
}

interface Digests {
  /** Hex, or `UNSIGNED-PAYLOAD`. */
  readonly sha256: string;
  /** Base64. */
  readonly md5: string | undefined;
}

async function* checked(body: AsyncIterable<Uint8Array>, { sha256, md5 }: Digests): AsyncGenerator<Uint8Array> {
  const wanted = /^[0-9a-f]{64}$/i.test(sha256) ? sha256.toLowerCase() : undefined;
  const hashes = { sha256: wanted ? createHash('sha256') : undefined, md5: md5 ? createHash('md5') : undefined };
  for await (const chunk of body) {
    hashes.sha256?.update(chunk);
    hashes.md5?.update(chunk);
    yield chunk;
  }
  if (hashes.md5 && hashes.md5.digest('base64') !== md5)
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  if (hashes.sha256 && hashes.sha256.digest('hex') !== wanted)
    throw new ServiceError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
}
