/** A record of the input as an object. */
import type { CsvEntry } from 'fanfold/records';
import type { Customer } from './volume.ts';

/** @throws Error that names file, line and what is wrong */
export function toCustomer(entry: CsvEntry, file: string): Customer {
  const fail = (reason: string): never => {
    throw new Error(`${file}, line ${entry.line}: ${reason}`);
  };
  if (entry.kind === 'reject') return fail(entry.reason);
  const [id = '', name = '', age = ''] = entry.fields;
  const whole = (column: string, text: string): number =>
    /^-?\d{1,15}$/.test(text) ? Number(text) : fail(`the ${column} '${text}' is not a whole number`);
  return { id: whole('id', id), name, age: whole('age', age) };
}
