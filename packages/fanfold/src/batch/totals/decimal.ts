/**
 * Sums of numbers, exact as the numbers are written: 0.1 and 0.2 are 0.3. The order of adding makes no difference (I6).
 */

/** A sum that is being made. */
export interface DecimalSum {
  /** Digits behind the point, of what follows. */
  scale: number;
  /** What was added since `big` last took it over: always a safe integer. */
  small: number;
  big: bigint;
}

/** Up to so many digits behind the point numbers are added without big integers. */
const MOST_FAST = 9;
const POWERS: readonly number[] = Array.from({ length: MOST_FAST + 1 }, (_, scale) => 10 ** scale);
/** Below it a decimal with this many digits is the only one that its number stands for. */
const FEW_DIGITS = 1e15;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

export function noSum(): DecimalSum {
  return { scale: 0, small: 0, big: 0n };
}

/** @param value finite */
export function addNumber(sum: DecimalSum, value: number | bigint): void {
  if (typeof value === 'bigint') {
    addUnits(sum, value, 0);
    return;
  }
  for (let { scale } = sum; scale <= MOST_FAST; scale++) {
    const power = POWERS[scale] as number;
    const units = Math.round(value * power);
    if (Math.abs(units) >= FEW_DIGITS) break;
    if (units / power !== value) continue;
    rescale(sum, scale);
    sum.small += units;
    if (Math.abs(sum.small) >= 8 * FEW_DIGITS) carry(sum);
    return;
  }
  addDecimal(sum, String(value));
}

/** @param text as {@link sumText} gives it, or as JavaScript writes a number */
export function addDecimal(sum: DecimalSum, text: string): void {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const scale = fraction.length - Number(exponent);
  const units = BigInt(sign + whole + fraction);
  if (scale < 0) addUnits(sum, units * 10n ** BigInt(-scale), 0);
  else addUnits(sum, units, scale);
}

/** The sum as a decimal without an exponent, as short as it can be. */
export function sumText({ scale, small, big }: DecimalSum): string {
  const units = big + BigInt(small);
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 && fraction !== '' ? `.${fraction}` : ''}`;
}

/** A decimal as a value of JavaScript: a whole number keeps all its digits; of others the nearest number is taken. */
export function decimalValue(text: string): number | bigint {
  const value = Number(text);
  return text.includes('.') || Number.isSafeInteger(value) ? value : BigInt(text);
}

function addUnits(sum: DecimalSum, units: bigint, scale: number): void {
  rescale(sum, Math.max(scale, sum.scale));
  sum.big += units * 10n ** BigInt(sum.scale - scale);
}

function rescale(sum: DecimalSum, scale: number): void {
  if (scale === sum.scale) return;
  carry(sum);
  sum.big *= 10n ** BigInt(scale - sum.scale);
  sum.scale = scale;
}

function carry(sum: DecimalSum): void {
  sum.big += BigInt(sum.small);
  sum.small = 0;
}
