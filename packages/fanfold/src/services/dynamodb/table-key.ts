/** The keys of items: found, checked, and encoded to texts that sort as their values do. */
import { utf8Length } from '../../json.ts';
import type { AttributeValue, Item, KeyAttribute, KeyType, TableDescription } from '../../ports/tables.ts';
import { typeOf } from './attribute.ts';
import { numberKey, parseNumber } from './number.ts';
import { invalidValues, validationError } from './validation.ts';

/** The key of an item as it is stored. */
export interface EncodedKey {
  readonly partition: string;
  /** Empty in a table without a sort key. */
  readonly sort: string;
}

const LONGEST_PARTITION_KEY = 2048;
const LONGEST_SORT_KEY = 1024;

const ENCODERS: Readonly<Record<KeyType, (text: string) => string>> = {
  S: (text) => text,
  N: (text) => numberKey(parseNumber(text)),
  B: (text) => Buffer.from(text, 'base64').toString('hex'),
};

const EMPTY: Readonly<Record<KeyType, string>> = { S: 'string', N: 'number', B: 'binary' };

/** The key of a checked item. @throws ServiceError ValidationException */
export function keyOfItem(description: TableDescription, item: Item): EncodedKey {
  const { partitionKey, sortKey } = description;
  return {
    partition: encodePartition(partitionKey, ownValue(item, partitionKey)),
    sort: sortKey ? encodeSort(sortKey, ownValue(item, sortKey)) : '',
  };
}

/** The same for a key by itself, in which nothing else may be. @throws ServiceError ValidationException */
export function keyOfKey(description: TableDescription, key: Item): EncodedKey {
  const attributes = keyAttributes(description);
  const fits = attributes.every(
    ({ name, type }) => Object.hasOwn(key, name) && typeOf(key[name] as AttributeValue) === type,
  );
  if (!fits || Object.keys(key).length !== attributes.length)
    throw validationError('The provided key element does not match the schema');
  return keyOfItem(description, key);
}

/** The key of a stored item, as a key to be passed on. */
export function keyItem(description: TableDescription, item: Item): Item {
  return Object.fromEntries(keyAttributes(description).map(({ name }) => [name, item[name] as AttributeValue]));
}

export function keyAttributes({ partitionKey, sortKey }: TableDescription): readonly KeyAttribute[] {
  return sortKey ? [partitionKey, sortKey] : [partitionKey];
}

/** @throws ServiceError ValidationException */
export function encodePartition(attribute: KeyAttribute, value: AttributeValue): string {
  return encode(attribute, value, LONGEST_PARTITION_KEY, TOO_LONG_PARTITION_KEY);
}

/** @throws ServiceError ValidationException */
export function encodeSort(attribute: KeyAttribute, value: AttributeValue): string {
  return encode(attribute, value, LONGEST_SORT_KEY, TOO_LONG_SORT_KEY);
}

function encode({ name, type }: KeyAttribute, value: AttributeValue, longest: number, tooLong: string): string {
  const actual = typeOf(value);
  if (actual !== type) throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${actual}`);
  const text = (value as Readonly<Record<string, string>>)[type] as string;
  if (text === '')
    throw validationError(
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
        `${EMPTY[type]} value. Key: ${name}`,
    );
  const size = type === 'B' ? Buffer.byteLength(text, 'base64') : utf8Length(text);
  if (type !== 'N' && size > longest) throw invalidValues(tooLong);
  return ENCODERS[type](text);
}

function ownValue(item: Item, { name }: KeyAttribute): AttributeValue {
  const value = Object.hasOwn(item, name) ? item[name] : undefined;
  if (!value) throw invalidValues(`Missing the key ${name} in the item`);
  return value;
}

/** AWS's own spelling. */
const TOO_LONG_PARTITION_KEY = `Size of hashkey has exceeded the maximum size limit of${LONGEST_PARTITION_KEY} bytes`;
const TOO_LONG_SORT_KEY = `Aggregated size of all range keys has exceeded the size limit of ${LONGEST_SORT_KEY} bytes`;
