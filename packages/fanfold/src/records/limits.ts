import { RecordError } from './record-error.ts';

/** Largest record, in bytes, unless told otherwise. */
export const MAX_RECORD_BYTES = 1_048_576;
/** How much of a file is looked at a time, in bytes: what is made of one window should be garbage before the next collection. */
export const WINDOW_BYTES = 65_536;

/** Levels of lists and objects in each other in one record: what is nested deeper cannot be written again. */
export const MAX_NESTING = 1000;

/** @throws RecordError BadOption when the value is not a whole number above 0 */
export function checkCount(name: string, value: number, unit = 'bytes'): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RecordError('BadOption', `The option ${name} is ${value}. Use a whole number of ${unit} above 0.`);
}
