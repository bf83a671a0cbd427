/**
 * DynamoDB's numbers: decimal, exact, 38 significant digits, from 1E-130 to 9.99…E+125. `1`, `1.0` and `1e0` are the
 * same number. They never pass through a JavaScript number.
 */
import { validationError } from './validation.ts';

/** d1.d2d3… × 10^magnitude. Zero has no digits. */
export interface DecimalNumber {
  readonly negative: boolean;
  /** Without zeros before or behind. */
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly magnitude: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const LONGEST = 38;
const LARGEST = 125;
const SMALLEST = -130;
const ZERO: DecimalNumber = { negative: false, digits: '', magnitude: 0 };

/** @throws ServiceError ValidationException */
export function parseNumber(text: string): DecimalNumber {
  const match = NUMBER.exec(text);
  const whole = match?.[2] ?? '';
  const all = whole + (match?.[3] ?? '');
  if (!match || all === '')
    throw validationError(`The parameter cannot be converted to a numeric value${text && `: ${text}`}`);
  const first = all.search(/[1-9]/);
  if (first < 0) return ZERO;
  const digits = trimZeros(all.slice(first));
  const magnitude = whole.length - 1 - first + Number(match[4] ?? 0);
  if (digits.length > LONGEST) throw validationError('Attempting to store more than 38 significant digits in a Number');
  if (magnitude > LARGEST)
    throw validationError('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (magnitude < SMALLEST)
    throw validationError('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  return { negative: match[1] === '-', digits, magnitude };
}

/** As DynamoDB gives numbers back: no exponent, no superfluous zeros. */
export function plainNumber({ negative, digits, magnitude }: DecimalNumber): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (magnitude < 0) return `${sign}0.${'0'.repeat(-magnitude - 1)}${digits}`;
  const whole = digits.slice(0, magnitude + 1).padEnd(magnitude + 1, '0');
  const fraction = digits.slice(magnitude + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * A text that sorts, by its bytes, as the number does: the sign, then the magnitude in three digits, then the digits. Of
 * a negative number both are turned round, and an end mark above all digits puts the shorter one behind the longer.
 */
export function numberKey({ negative, digits, magnitude }: DecimalNumber): string {
  if (digits === '') return '1';
  const power = String(magnitude + 500);
  return negative ? `0${complement(power + digits)}~` : `2${power}${digits}`;
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}

/** Not by a regex: `/0+$/` takes quadratic time for a long run of zeros in the middle. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** The exact sum, or difference. @throws ServiceError ValidationException when it has too many digits or is too large */
export function addNumbers(a: string, b: string, subtract = false): string {
  const left = scaled(parseNumber(a));
  const right = scaled(parseNumber(b));
  const exponent = Math.min(left.exponent, right.exponent);
  const at = ({ units, exponent: own }: Scaled): bigint => units * 10n ** BigInt(own - exponent);
  const sum = subtract ? at(left) - at(right) : at(left) + at(right);
  return plainNumber(parseNumber(`${sum}e${exponent}`));
}

/** units × 10^exponent */
interface Scaled {
  readonly units: bigint;
  readonly exponent: number;
}

function scaled({ negative, digits, magnitude }: DecimalNumber): Scaled {
  const units = BigInt(digits || '0');
  return { units: negative ? -units : units, exponent: digits ? magnitude - digits.length + 1 : 0 };
}
