/** Items and keys from outside, as the tables' thread takes them. */
import type { Item, TableDescription } from '../../ports/tables.ts';
import { checkItem, LARGEST_ITEM } from './attribute.ts';
import type { EncodedItem, StoredItem, WriteColumns } from './operations.ts';
import { type EncodedKey, keyOfItem, keyOfKey } from './table-key.ts';
import { validationError } from './validation.ts';

/** @throws ServiceError ValidationException */
export function encodeItem(description: TableDescription, given: unknown): EncodedItem {
  const { item, size } = checkItem(given);
  const key = keyOfItem(description, item);
  if (size > LARGEST_ITEM) throw validationError('Item size has exceeded the maximum allowed size');
  return { ...key, item: JSON.stringify(item), size };
}

/** A write without an item is a deletion. */
export type EncodedWrite = EncodedKey & (StoredItem | { readonly item: null });

export function columnsOf(writes: readonly EncodedWrite[]): WriteColumns {
  return {
    partitions: writes.map(({ partition }) => partition),
    sorts: writes.map(({ sort }) => sort),
    items: writes.map(({ item }) => item),
    sizes: writes.map((write) => sizeOf(write)),
  };
}

export function sizeOf(write: EncodedWrite): number {
  return 'size' in write ? write.size : 0;
}

/** @throws ServiceError ValidationException */
export function encodeKey(description: TableDescription, key: unknown): EncodedKey & { readonly key: Item } {
  const { item } = checkItem(key);
  return { ...keyOfKey(description, item), key: item };
}

/** The key that a page starts behind. @throws ServiceError ValidationException */
export function encodeStart(description: TableDescription, after: unknown): EncodedKey {
  try {
    const { partition, sort } = encodeKey(description, after);
    return { partition, sort };
  } catch (cause) {
    throw validationError(`The provided starting key is invalid: ${(cause as Error).message}`);
  }
}
