/** Values of JavaScript as items of tables, and back. */
import type { AttributeValue, Item, TableDescription } from '../ports/tables.ts';

/** Bytes, by DynamoDB's measure; of the item as JSON it is on the safe side. */
const LARGEST_ITEM = 400 * 1024;
/** Bytes. */
const LONGEST_PARTITION_KEY = 2048;
const LONGEST_SORT_KEY = 1024;
/** Beyond these no table can hold a number. */
const LARGEST_NUMBER = 9.999_999_999_999_999e125;
const SMALLEST_NUMBER = 1e-130;

/** @throws Error that says why the table cannot hold it */
export function itemOf(output: Readonly<Record<string, unknown>>, description: TableDescription): Item {
  const item: Record<string, AttributeValue> = Object.create(null) as Record<string, AttributeValue>;
  for (const [name, value] of Object.entries(output)) if (value !== undefined) item[name] = attributeOf(value, name);
  checkKey(item, description);
  return item;
}

/** The text of an item. @throws Error when it is too large */
export function itemText(item: Item, { table }: TableDescription): string {
  const text = JSON.stringify(item);
  if (text.length * 3 > LARGEST_ITEM && Buffer.byteLength(text) > LARGEST_ITEM)
    throw new Error(
      `The item for the table ${table} has ${Buffer.byteLength(text)} bytes, and ${LARGEST_ITEM} are allowed.`,
    );
  return text;
}

/** The attributes that tell an item from all others of its table. */
export function keyOfItem(item: Item, { partitionKey, sortKey }: TableDescription): Item {
  const names = [partitionKey.name, ...(sortKey ? [sortKey.name] : [])];
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]] as const] : [])));
}

function checkKey(item: Item, { table, partitionKey, sortKey }: TableDescription): void {
  for (const { name, type } of [partitionKey, ...(sortKey ? [sortKey] : [])]) {
    const value = (item[name] as Readonly<Record<string, unknown>> | undefined)?.[type];
    if (value === undefined || value === '')
      throw new Error(`The output has no ${name} of type ${type}, which is a key of the table ${table}.`);
    const longest = name === partitionKey.name ? LONGEST_PARTITION_KEY : LONGEST_SORT_KEY;
    if (typeof value === 'string' && value.length * 3 > longest && Buffer.byteLength(value) > longest)
      throw new Error(
        `The output's ${name} is longer than ${longest} bytes, which no key of the table ${table} may be.`,
      );
  }
}

function attributeOf(value: unknown, name: string): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'bigint':
      return { N: String(value) };
    case 'number': {
      const size = Math.abs(value);
      if (Number.isFinite(value) && size <= LARGEST_NUMBER && (size === 0 || size >= SMALLEST_NUMBER))
        return { N: String(value) };
      throw new Error(`The output's ${name} is ${value}, which no table can hold.`);
    }
    case 'object': {
      if (value === null) return { NULL: true };
      if (value instanceof Date) return { S: value.toISOString() };
      if (Array.isArray(value)) return { L: value.map((inner) => attributeOf(inner, name)) };
      const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
      return { M: Object.fromEntries(members.map(([key, inner]) => [key, attributeOf(inner, `${name}.${key}`)])) };
    }
    default:
      throw new Error(`The output's ${name} is a ${typeof value}, which no table can hold.`);
  }
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
