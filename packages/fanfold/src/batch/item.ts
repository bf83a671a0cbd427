/** Values of JavaScript as items of tables, and back. */
import type { AttributeValue, Item, TableDescription } from '../ports/tables.ts';
import { asJson, oddness } from './odd-object.ts';

/** Bytes, by DynamoDB's measure. */
const LARGEST_ITEM = 400 * 1024;
/** Levels of lists and maps in each other. */
const DEEPEST = 32;
/** What a list or a map weighs by itself. */
const CONTAINER_BYTES = 3;
/** Bytes. */
const LONGEST_PARTITION_KEY = 2048;
const LONGEST_SORT_KEY = 1024;
/** Of a number: how many digits it may have between its zeros, and where the first of them may stand. */
const MOST_DIGITS = 38;
const HIGHEST = 125;
const LOWEST = -130;
/** Characters of a name in a message. */
const LONGEST_NAME = 80;

/** An item that is being made. */
interface Making {
  size: number;
}

/** Whatever the table would refuse is refused here, where it is the fault of one record. @throws Error that says why the table cannot hold it */
export function itemOf(output: Readonly<Record<string, unknown>>, description: TableDescription): Item {
  const item: Record<string, AttributeValue> = Object.create(null) as Record<string, AttributeValue>;
  const making: Making = { size: 0 };
  for (const [name, value] of Object.entries(output)) {
    if (value === undefined) continue;
    making.size += sizeOfText(name, name);
    item[name] = attributeOf(value, name, making, 1);
  }
  checkKey(item, description);
  if (making.size > LARGEST_ITEM)
    throw new Error(
      `The item for the table ${description.table} has ${making.size} bytes, and ${LARGEST_ITEM} are allowed.`,
    );
  return item;
}

/** The text of an item. @throws Error as `itemOf` */
export function itemText(output: Readonly<Record<string, unknown>>, description: TableDescription): string {
  return JSON.stringify(itemOf(output, description));
}

/** The attributes that tell an item from all others of its table. */
export function keyOfItem(item: Item, { partitionKey, sortKey }: TableDescription): Item {
  const names = [partitionKey.name, ...(sortKey ? [sortKey.name] : [])];
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]] as const] : [])));
}

function checkKey(item: Item, { table, partitionKey, sortKey }: TableDescription): void {
  for (const { name, type } of [partitionKey, ...(sortKey ? [sortKey] : [])]) {
    const value = (item[name] as Readonly<Record<string, string>> | undefined)?.[type];
    if (value === undefined || value === '')
      throw new Error(`The output has no ${name} of type ${type}, which is a key of the table ${table}.`);
    const longest = name === partitionKey.name ? LONGEST_PARTITION_KEY : LONGEST_SORT_KEY;
    if (type !== 'N' && Buffer.byteLength(value, type === 'B' ? 'base64' : 'utf8') > longest)
      throw new Error(
        `The output's ${name} is longer than ${longest} bytes, which no key of the table ${table} may be.`,
      );
  }
}

function attributeOf(value: unknown, name: string, making: Making, depth: number): AttributeValue {
  if (depth > DEEPEST)
    throw new Error(`The output's ${shown(name)} is nested deeper than the ${DEEPEST} levels of a table.`);
  switch (typeof value) {
    case 'string':
      making.size += sizeOfText(value, name);
      return { S: value };
    case 'boolean':
      making.size += 1;
      return { BOOL: value };
    case 'bigint':
    case 'number': {
      const text = String(value);
      making.size += sizeOfNumber(text, name);
      return { N: text };
    }
    case 'object':
      if (value !== null) return objectOf(value, name, making, depth);
      making.size += 1;
      return { NULL: true };
    default:
      throw new Error(
        `The output's ${shown(name)} is ${value === undefined ? 'undefined' : `a ${typeof value}`}, which no table can hold.`,
      );
  }
}

function objectOf(value: object, name: string, making: Making, depth: number): AttributeValue {
  if (value instanceof Uint8Array) {
    making.size += value.length;
    return { B: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') };
  }
  const odd = oddness(value);
  if (odd !== undefined) throw new Error(`The output's ${shown(name)} is ${odd}, which no table can hold.`);
  const json = asJson(value);
  if (typeof json !== 'object' || json === null) return attributeOf(json, name, making, depth);
  if (Array.isArray(json)) {
    making.size += CONTAINER_BYTES + json.length;
    return { L: json.map((inner) => attributeOf(inner, name, making, depth + 1)) };
  }
  const members = Object.entries(json).filter(([, inner]) => inner !== undefined);
  making.size += CONTAINER_BYTES + members.length;
  const attributes = members.map(([key, inner]) => {
    making.size += sizeOfText(key, name);
    return [key, attributeOf(inner, `${name}.${key}`, making, depth + 1)] as const;
  });
  return { M: Object.fromEntries(attributes) };
}

/** Bytes. @throws Error for half a character */
function sizeOfText(text: string, name: string): number {
  if (text.isWellFormed()) return Buffer.byteLength(text);
  throw new Error(`The output's ${shown(name)} has half of a surrogate pair, which no table can hold.`);
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Two digits are a byte. @throws Error for what is no number, or too large, too small or too long a one */
function sizeOfNumber(text: string, name: string): number {
  const [, whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = whole === undefined ? '' : whole + fraction;
  const first = digits.search(/[1-9]/);
  if (whole !== undefined && first === -1) return 1;
  const length = lengthBeforeZeros(digits) - first;
  const place = (whole?.length ?? 0) - 1 - first + Number(exponent);
  if (whole === undefined || length > MOST_DIGITS || place > HIGHEST || place < LOWEST)
    throw new Error(`The output's ${shown(name)} is ${shown(text)}, which no table can hold.`);
  return Math.ceil(length / 2) + (text.startsWith('-') ? 2 : 1);
}

function lengthBeforeZeros(digits: string): number {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return end;
}

function shown(text: string): string {
  const part = text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
  return part.toWellFormed();
}

/** An item as plain data: numbers as numbers, lists and maps as they are, bytes as base64. */
export function valueOfItem(item: Item): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueOf(value)]));
}

function valueOf(attribute: AttributeValue): unknown {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return Number(attribute.N);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('NULL' in attribute) return null;
  if ('L' in attribute) return attribute.L.map(valueOf);
  if ('M' in attribute) return valueOfItem(attribute.M);
  if ('B' in attribute) return attribute.B;
  if ('NS' in attribute) return attribute.NS.map(Number);
  return 'SS' in attribute ? attribute.SS : attribute.BS;
}
