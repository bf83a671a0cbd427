/** The checksums that S3 knows, of bytes as they come and of parts taken together. Values are base64. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc, CRC32, CRC32C, CRC64NVME, createCrc, type CrcKind } from './crc.ts';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** Of the whole object, or of the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  update(bytes: Uint8Array): void;
  value(): string;
}

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    const hash = createHash(algorithm.toLowerCase());
    return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('base64') };
  }
  if (algorithm === 'CRC32') {
    let crc = 0;
    return {
      update: (bytes) => {
        crc = crc32(bytes, crc);
      },
      value: () => base64(BigInt(crc), CRC32),
    };
  }
  const kind = CRC_KINDS[algorithm];
  const crc = createCrc(kind);
  return { update: crc.update, value: () => base64(crc.value(), kind) };
}

const CRC_KINDS: Readonly<Record<Exclude<ChecksumAlgorithm, `SHA${string}`>, CrcKind>> = { CRC32, CRC32C, CRC64NVME };

/** Of an object, from those of its parts. @returns undefined when the algorithm has no such type */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly size: number }[],
): string | undefined {
  if (type === 'COMPOSITE') {
    if (algorithm === 'CRC64NVME') return undefined;
    const whole = createChecksum(algorithm);
    for (const { value } of parts) whole.update(Buffer.from(value, 'base64'));
    return `${whole.value()}-${parts.length}`;
  }
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return undefined;
  const kind = CRC_KINDS[algorithm];
  const [first, ...others] = parts;
  let crc = first ? number(first.value) : 0n;
  for (const { value, size } of others) crc = combineCrc(kind, crc, number(value), size);
  return base64(crc, kind);
}

function number(value: string): bigint {
  return BigInt(`0x${Buffer.from(value, 'base64').toString('hex') || '0'}`);
}

function base64(crc: bigint, { bits }: CrcKind): string {
  return Buffer.from(crc.toString(16).padStart(bits / 4, '0'), 'hex').toString('base64');
}
