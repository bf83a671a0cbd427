/**
 * How the bytes of an encrypted content lie on the disk: AES-256-GCM by segments of 64 KB, each followed by its tag and
 * sealed with its number, so that any range can be read and none exchanged. Each content has a key of its own, made of
 * the store's key and the content's id; no key is ever stored.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const SEGMENT = 64 * 1024;
const TAG = 16;

/** Names a key without giving it away. */
export function keyId(key: Uint8Array): string {
  return createHash('sha256').update('key id').update(key).digest('hex').slice(0, 16);
}

/** The key of one content. */
export function contentKey(key: Uint8Array, contentId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, contentId, 'fanfold object content', 32));
}

export async function* encrypted(
  body: AsyncIterable<Uint8Array>,
  key: Uint8Array,
): AsyncGenerator<Uint8Array, undefined> {
  let index = 0;
  for await (const segment of regrouped(body, SEGMENT)) {
    const cipher = createCipheriv(ALGORITHM, key, nonce(index++));
    yield Buffer.concat([cipher.update(segment), cipher.final(), cipher.getAuthTag()]);
  }
  return undefined;
}

export interface SealedRange {
  /** Of the file. */
  readonly start: number;
  readonly length: number;
  /** What of the file's bytes was asked for. */
  open(bytes: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Uint8Array, undefined>;
}

/** Where a range of a content is in its file. @param size of the content, in bytes */
export function sealedRange(start: number, length: number, size: number): SealedRange {
  const first = Math.floor(start / SEGMENT);
  const last = length === 0 ? first : Math.floor((start + length - 1) / SEGMENT) + 1;
  const at = (segment: number): number => Math.min(segment * SEGMENT, size) + segment * TAG;
  return {
    start: at(first),
    length: Math.min(at(last), size + Math.ceil(size / SEGMENT) * TAG) - at(first),
    open: (bytes, key) => opened(bytes, key, { first, skip: start - first * SEGMENT, length }),
  };
}

async function* opened(
  bytes: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  { first, skip, length }: { readonly first: number; readonly skip: number; readonly length: number },
): AsyncGenerator<Uint8Array, undefined> {
  let index = first;
  let passed = skip;
  let left = length;
  for await (const sealed of regrouped(bytes, SEGMENT + TAG)) {
    const end = sealed.length - TAG;
    const decipher = createDecipheriv(ALGORITHM, key, nonce(index++));
    decipher.setAuthTag(sealed.subarray(end));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
    const wanted = plain.subarray(passed, passed + left);
    passed = 0;
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
  }
  return undefined;
}

function nonce(index: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(index), 4);
  return bytes;
}

/** The same bytes in pieces of one size; the last one may be shorter. */
async function* regrouped(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + size - length);
      at += piece.length;
      length += piece.length;
      waiting.push(piece);
      if (length < size) continue;
      yield waiting.length === 1 ? piece : Buffer.concat(waiting, length);
      waiting = [];
      length = 0;
    }
    // The memory of what is left may be used again (ObjectBody).
    if (length > 0) waiting.push(Buffer.from(waiting.pop() as Uint8Array));
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}
