/** How Values stand in stored texts and bytes: in place, or by reference to where the store keeps them apart. */
import type { Value } from '../../interpreter/value.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** A value's own text, or the id (1 and up) under which the store keeps it. */
export type StoredValue = string | number;

/** Keeps a value, apart where it is large, and says how it stands in the text. */
export type PutValue = (value: Value) => StoredValue;

export type GetValue = (stored: StoredValue) => Value;

/** A type with its Values as they are stored. A Value that a codec forgets to convert does not compile. */
export type Packed<T> = T extends Value
  ? StoredValue
  : T extends object
    ? { readonly [K in keyof T]: Packed<T[K]> }
    : T;

/** Twice the length of its text, or the id of one that is kept apart, times 2, plus 1. */
export function writeStored(writer: ByteWriter, stored: StoredValue): void {
  writer.number(typeof stored === 'number' ? 2 * stored + 1 : 2 * stored.length);
  if (typeof stored === 'string') writer.text(stored);
}

export function readStored(reader: ByteReader): StoredValue {
  const entry = reader.number();
  return entry % 2 === 1 ? (entry - 1) / 2 : reader.text(entry / 2);
}
