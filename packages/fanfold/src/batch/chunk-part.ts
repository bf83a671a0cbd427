/** What tells whether something that a chunk keeps is what was written. */
import { type Checksum, createChecksum } from '../checksum.ts';
import type { ChunkPart } from './account.ts';

/** Of a part that comes in pieces. A CRC costs a third of a hash, and what it guards is read by nobody else. */
export function createPartCheck(): Checksum {
  return createChecksum('CRC32');
}

export function partOf(bytes: Uint8Array): ChunkPart {
  const check = createPartCheck();
  check.update(bytes);
  return { bytes: bytes.length, crc32: check.value() };
}

/** In place of an MD5, which would read it all once more. It looks like that of an upload in parts. */
export function partETag({ bytes, crc32 }: ChunkPart): string {
  const check = Buffer.from(crc32, 'base64').toString('hex');
  return `${bytes.toString(16).padStart(24, '0')}${check}-1`;
}
