import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChecksumAlgorithm, checksumOfParts, createChecksum } from './checksum.ts';

const of = (algorithm: ChecksumAlgorithm, ...pieces: readonly Uint8Array[]): string => {
  const checksum = createChecksum(algorithm);
  for (const piece of pieces) checksum.update(piece);
  return checksum.value();
};
const hex = (value: string): string => Buffer.from(value, 'base64').toString('hex');

describe('checksums', () => {
  it.each([
    // The check values of the catalogue of parametrised CRC algorithms.
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('of %s are those of others', (algorithm, value) => {
    expect(hex(of(algorithm, Buffer.from('123456789')))).toBe(value);
    expect(hex(of(algorithm, Buffer.from('1234'), Buffer.alloc(0), Buffer.from('56789')))).toBe(value);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    'of whole objects come from those of their parts: %s',
    (algorithm) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 6 }), (parts) => {
          const each = parts.map((part) => ({ value: of(algorithm, part), size: part.length }));
          return checksumOfParts(algorithm, 'FULL_OBJECT', each) === of(algorithm, Buffer.concat(parts));
        }),
      );
    },
  );

  it('of whole objects come from parts of many megabytes', () => {
    const [a, b] = [randomBytes(3), randomBytes(5_300_001)];
    const each = [a, b].map((part) => ({ value: of('CRC64NVME', part), size: part.length }));
    expect(checksumOfParts('CRC64NVME', 'FULL_OBJECT', each)).toBe(of('CRC64NVME', a, b));
  });

  it('of the checksums of parts say how many there are', () => {
    const each = ['a', 'b'].map((part) => ({ value: of('SHA256', Buffer.from(part)), size: 1 }));
    const bytes = each.map(({ value }) => Buffer.from(value, 'base64'));
    expect(checksumOfParts('SHA256', 'COMPOSITE', each)).toBe(`${of('SHA256', ...bytes)}-2`);
    expect(checksumOfParts('SHA256', 'FULL_OBJECT', each)).toBeUndefined();
    expect(checksumOfParts('CRC64NVME', 'COMPOSITE', each)).toBeUndefined();
  });
});
