/** DynamoDB's typed values as plain JSON, and plain JSON as typed values. */
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { AttributeValue, Item } from '../ports/tables.ts';

/** A number that JSON's numbers cannot hold stays a text, bytes are base64 text, sets are lists. */
export function plainValue(value: AttributeValue): Json {
  if ('S' in value) return value.S;
  if ('N' in value) return plainNumber(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('L' in value) return value.L.map(plainValue);
  if ('M' in value) return plainItem(value.M);
  if ('NS' in value) return value.NS.map(plainNumber);
  if ('SS' in value) return value.SS;
  return 'B' in value ? value.B : value.BS;
}

export function plainItem(item: Item): JsonObject {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainNumber(text: string): Json {
  // There is no -0 in JSON.
  const number = Number(text) || 0;
  return digitsOf(String(number)) === digitsOf(text) ? number : text;
}

/** Without sign, point, exponent, and the zeros that say nothing. */
function digitsOf(text: string): string {
  return text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
}

/** Texts are S, numbers N, lists L, objects M; there are no sets and no bytes. */
export function typedValue(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return isArray(value) ? { L: value.map(typedValue) } : { M: typedItem(value) };
}

export function typedItem(object: JsonObject): Item {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, typedValue(value)]));
}

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  S: (value) => typeof value === 'string',
  N: (value) => typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)),
  B: (value) => typeof value === 'string',
  BOOL: (value) => typeof value === 'boolean',
  NULL: (value) => value === true,
  L: (value) => isArray(value) && value.every(isTyped),
  M: (value) => isObject(value) && Object.values(value).every(isTyped),
  SS: isTexts,
  NS: isTexts,
  BS: isTexts,
};

function isTexts(value: Json): boolean {
  return isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function isTyped(value: Json): boolean {
  if (!isObject(value)) return false;
  const [[type = '', inner] = [], ...others] = Object.entries(value);
  return inner !== undefined && others.length === 0 && Object.hasOwn(TYPES, type) && TYPES[type]?.(inner) === true;
}

/** Whatever within a JSON value has the form of a typed value, as plain JSON; the rest as it is. */
export function unwrapItems(value: Json): Json {
  if (isTyped(value)) return plainValue(value as unknown as AttributeValue);
  if (isArray(value)) return value.map(unwrapItems);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unwrapItems(one)]));
}
