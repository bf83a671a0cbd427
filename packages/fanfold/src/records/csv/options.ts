import { RecordError } from '../record-error.ts';

/**
 * Checks a delimiter: one ASCII character, since records are cut on bytes.
 *
 * @throws RecordError BadOption
 */
export function checkDelimiter(delimiter: string): string {
  if (delimiter.length === 1 && delimiter.charCodeAt(0) < 0x80 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new RecordError(
    'BadOption',
    `The delimiter ${JSON.stringify(delimiter)} does not work. Use one ASCII character other than a quote or a line ending, such as "," or ";".`,
  );
}

/** @throws RecordError BadOption when the value is not a whole number above 0 */
export function checkBytes(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RecordError('BadOption', `The option ${name} is ${value}. Use a whole number of bytes above 0.`);
}
