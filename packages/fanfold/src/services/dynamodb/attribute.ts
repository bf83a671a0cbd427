/**
 * Attribute values from outside, checked as DynamoDB checks them and brought into one form: numbers plain and exact,
 * nothing in them but what belongs there.
 */
import { isObject, utf8Length } from '../../json.ts';
import type { AttributeValue, Item } from '../../ports/tables.ts';
import { parseNumber, plainNumber } from './number.ts';
import { invalidValues, validationError } from './validation.ts';

/** What was read of an item, and its size by DynamoDB's rules. */
export interface CheckedItem {
  readonly item: Item;
  /** Bytes. */
  readonly size: number;
}

/** Bytes, by DynamoDB's measure. */
export const LARGEST_ITEM: number = 400 * 1024;
const DEEPEST = 32;
/** What a list or a map weighs by itself. */
const CONTAINER_BYTES = 3;

interface Reading {
  size: number;
}

type Reader = (value: unknown, reading: Reading, depth: number) => AttributeValue;

const READERS: Readonly<Record<string, Reader>> = {
  S: (value, reading) => ({ S: readText('S', value, reading) }),
  N: (value, reading) => ({ N: readNumber('N', value, reading) }),
  B: (value, reading) => ({ B: readBytes('B', value, reading) }),
  BOOL: (value, reading) => {
    if (typeof value !== 'boolean') throw validationError('The value of BOOL must be true or false');
    reading.size += 1;
    return { BOOL: value };
  },
  NULL: (value, reading) => {
    if (value !== true) throw invalidValues('Null attribute value types must have the value of true');
    reading.size += 1;
    return { NULL: true };
  },
  L: (value, reading, depth) => {
    if (!Array.isArray(value)) throw validationError('The value of L must be a list');
    reading.size += CONTAINER_BYTES + value.length;
    return { L: value.map((element) => readAttribute(element, reading, depth + 1)) };
  },
  M: (value, reading, depth) => {
    if (!isObject(value)) throw validationError('The value of M must be a map');
    reading.size += CONTAINER_BYTES + Object.keys(value).length;
    return { M: readAttributes(value, reading, depth + 1) };
  },
  SS: (value, reading) => ({ SS: readSet('SS', 'An string set  may not be empty', value, reading, readText) }),
  NS: (value, reading) => ({ NS: readSet('NS', 'An number set  may not be empty', value, reading, readNumber) }),
  BS: (value, reading) => ({ BS: readSet('BS', 'Binary sets should not be empty', value, reading, readBytes) }),
};

/** @throws ServiceError ValidationException */
export function checkItem(item: unknown): CheckedItem {
  if (!isObject(item)) throw validationError('An item is a map of names to attribute values');
  const reading: Reading = { size: 0 };
  return { item: readAttributes(item, reading, 1), size: reading.size };
}

/** @throws ServiceError ValidationException */
export function checkAttribute(value: unknown): AttributeValue {
  return readAttribute(value, { size: 0 }, 1);
}

/** The one type that an attribute value has. */
export function typeOf(value: AttributeValue): string {
  return Object.keys(value)[0] as string;
}

function readAttributes(map: Readonly<Record<string, unknown>>, reading: Reading, depth: number): Item {
  const entries = Object.keys(map).map((name) => {
    reading.size += utf8Length(checkText('An attribute name', name));
    return [name, readAttribute(map[name], reading, depth)] as const;
  });
  // Unlike an assignment, this keeps a name `__proto__` an ordinary one.
  return Object.fromEntries(entries);
}

function readAttribute(value: unknown, reading: Reading, depth: number): AttributeValue {
  if (depth > DEEPEST) throw validationError('Nesting Levels have exceeded supported limits');
  const types = isObject(value) ? Object.keys(value) : [];
  if (types.length > 1)
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  const [type] = types;
  if (type === undefined || !isObject(value) || !Object.hasOwn(READERS, type))
    throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  return (READERS[type] as Reader)(value[type], reading, depth);
}

function readText(type: string, value: unknown, reading: Reading): string {
  const text = checkText(`The value of ${type}`, value);
  reading.size += utf8Length(text);
  return text;
}

function readNumber(type: string, value: unknown, reading: Reading): string {
  const number = parseNumber(checkText(`The value of ${type}`, value));
  reading.size += Math.ceil(number.digits.length / 2) + (number.negative ? 2 : 1);
  return plainNumber(number);
}

function readBytes(type: string, value: unknown, reading: Reading): string {
  const text = checkText(`The value of ${type}`, value);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw validationError(`The value of ${type} must be base64`);
  reading.size += bytes.length;
  return text;
}

type ElementReader = (type: string, value: unknown, reading: Reading) => string;

function readSet(
  type: string,
  empty: string,
  value: unknown,
  reading: Reading,
  read: ElementReader,
): readonly string[] {
  if (!Array.isArray(value)) throw validationError(`The value of ${type} must be a list`);
  if (value.length === 0) throw invalidValues(empty);
  const elements = value.map((element) => read(type, element, reading));
  if (new Set(elements).size < elements.length) throw duplicates(type, value);
  return elements;
}

function duplicates(type: string, value: readonly unknown[]): Error {
  if (type === 'NS') return validationError('Input collection contains duplicates');
  const list = `Input collection [${value.join(', ')}]`;
  return invalidValues(type === 'BS' ? `${list}of type BS contains duplicates.` : `${list} contains duplicates.`);
}

function checkText(what: string, value: unknown): string {
  if (typeof value !== 'string') throw validationError(`${what} must be a text, not ${typeof value}`);
  if (!value.isWellFormed()) throw validationError(`${what} is not Unicode: it has half of a surrogate pair`);
  return value;
}
