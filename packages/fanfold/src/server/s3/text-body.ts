/** The text that a request carries, held against the digests that came with it. */
import { createHash } from 'node:crypto';
import { createChecksum } from '../../checksum.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { S3Request } from './request.ts';
import { uploadBody } from './upload-body.ts';

/**
 * @param longest bytes
 * @param hasChecksum whether a checksum in the headers is of this text
 * @throws ServiceError MaxMessageLengthExceeded, BadDigest, XAmzContentSHA256Mismatch
 */
export async function readText(request: S3Request, longest: number, hasChecksum = true): Promise<string> {
  const { body, digests } = uploadBody(request);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > longest) throw new ServiceError('MaxMessageLengthExceeded', 'Your request was too large.');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, length);
  const { md5, sha256, checksum } = digests;
  if (md5 !== undefined && createHash('md5').update(bytes).digest('base64') !== md5)
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256.toLowerCase())
    throw new ServiceError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  if (checksum?.value && hasChecksum) {
    const found = createChecksum(checksum.algorithm);
    found.update(bytes);
    if (found.value() !== checksum.value())
      throw new ServiceError(
        'BadDigest',
        `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
      );
  }
  return bytes.toString();
}
