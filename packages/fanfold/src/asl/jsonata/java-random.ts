/** The first double of java.util.Random with a seed: what AWS's $random(seed) returns. */
const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

export function seededRandom(seed: number): number {
  let state = (BigInt(Math.trunc(seed)) ^ MULTIPLIER) & MASK;
  const next = (bits: bigint): bigint => {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    return state >> (48n - bits);
  };
  const high = next(26n) << 27n;
  return Number(high + next(27n)) / 2 ** 53;
}
