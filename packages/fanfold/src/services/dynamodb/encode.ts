/** Items and keys from outside, as the tables' thread takes them. */
import type { Item, TableDescription } from '../../ports/tables.ts';
import { checkItem, LARGEST_ITEM } from './attribute.ts';
import type { EncodedItem } from './operations.ts';
import { type EncodedKey, keyOfItem, keyOfKey } from './table-key.ts';
import { validationError } from './validation.ts';

/** @throws ServiceError ValidationException */
export function encodeItem(description: TableDescription, given: unknown): EncodedItem {
  const { item, size } = checkItem(given);
  const key = keyOfItem(description, item);
  if (size > LARGEST_ITEM) throw validationError('Item size has exceeded the maximum allowed size');
  return { ...key, item: JSON.stringify(item), size };
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
