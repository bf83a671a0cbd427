/**
 * Cyclic redundancy checks that Node does not have, eight bytes at a time. Those here are reflected, begin with all ones
 * and end inverted, as CRC-32/ISCSI (CRC32C) and CRC-64/NVME do; a register is two halves of 32 bits, as numbers.
 */

export interface CrcKind {
  readonly bits: 32 | 64;
  /** The polynomial, reflected. */
  readonly polynomial: bigint;
}

export const CRC32: CrcKind = { bits: 32, polynomial: 0xedb88320n };
export const CRC32C: CrcKind = { bits: 32, polynomial: 0x82f63b78n };
export const CRC64NVME: CrcKind = { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n };

export interface Crc {
  update(bytes: Uint8Array): void;
  value(): bigint;
}

interface Tables {
  /** Entry `256 * k + byte`: what the byte comes to with `k` bytes behind it. */
  readonly high: Int32Array;
  readonly low: Int32Array;
}

export function createCrc(kind: CrcKind): Crc {
  const { high: hs, low: ls } = tablesOf(kind);
  let high = kind.bits === 64 ? -1 : 0;
  let low = -1;
  return {
    update: (bytes) => {
      const whole = bytes.length - (bytes.length % 8);
      let h = high;
      let l = low;
      let at = 0;
      for (; at < whole; at += 8) {
        l ^= four(bytes, at);
        h ^= four(bytes, at + 4);
        const [a, b] = [l, h];
        l =
          word(ls, 1792 + (a & 255)) ^
          word(ls, 1536 + ((a >>> 8) & 255)) ^
          word(ls, 1280 + ((a >>> 16) & 255)) ^
          word(ls, 1024 + (a >>> 24)) ^
          word(ls, 768 + (b & 255)) ^
          word(ls, 512 + ((b >>> 8) & 255)) ^
          word(ls, 256 + ((b >>> 16) & 255)) ^
          word(ls, b >>> 24);
        h =
          word(hs, 1792 + (a & 255)) ^
          word(hs, 1536 + ((a >>> 8) & 255)) ^
          word(hs, 1280 + ((a >>> 16) & 255)) ^
          word(hs, 1024 + (a >>> 24)) ^
          word(hs, 768 + (b & 255)) ^
          word(hs, 512 + ((b >>> 8) & 255)) ^
          word(hs, 256 + ((b >>> 16) & 255)) ^
          word(hs, b >>> 24);
      }
      for (; at < bytes.length; at++) {
        const index = (l ^ byte(bytes, at)) & 255;
        l = ((l >>> 8) | (h << 24)) ^ word(ls, index);
        h = (h >>> 8) ^ word(hs, index);
      }
      high = h;
      low = l;
    },
    value: () => {
      const lower = BigInt(~low >>> 0);
      return kind.bits === 64 ? (BigInt(~high >>> 0) << 32n) | lower : lower;
    },
  };
}

/** The check of two texts behind each other, from their own. @param length of the second, in bytes */
export function combineCrc(kind: CrcKind, first: bigint, second: bigint, length: number): bigint {
  let power = 1n << BigInt(kind.bits - 1);
  let square = power >> 1n;
  for (let exponent = BigInt(length) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = multiply(kind, square, power);
    square = multiply(kind, square, square);
  }
  return multiply(kind, power, first) ^ second;
}

/** Of polynomials, modulo the kind's; the highest bit is that of x to the power of 0. */
function multiply({ bits, polynomial }: CrcKind, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << BigInt(bits - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

const MADE = new Map<CrcKind, Tables>();

function tablesOf(kind: CrcKind): Tables {
  const made = MADE.get(kind);
  if (made) return made;
  const tables = { high: new Int32Array(2048), low: new Int32Array(2048) };
  for (let i = 0; i < 256; i++) {
    let value = BigInt(i);
    for (let k = 0; k < 8; k++) {
      for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ kind.polynomial : value >> 1n;
      tables.low[256 * k + i] = Number(BigInt.asIntN(32, value));
      tables.high[256 * k + i] = Number(BigInt.asIntN(32, value >> 32n));
    }
  }
  MADE.set(kind, tables);
  return tables;
}

/** The first is the lowest. */
function four(bytes: Uint8Array, at: number): number {
  return byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function word(table: Int32Array, at: number): number {
  return table[at] as number;
}
