/**
 * Outputs as the lines that tables are loaded from (`Tables.putLines`). An output of texts, whole numbers, booleans and nulls,
 * whose key is a text, is written as the table keeps it, with its size by DynamoDB's measure; any other is left to the table.
 */
import type { TableDescription } from '../ports/tables.ts';
import type { ByteWriter } from './byte-writer.ts';
import { itemText } from './item.ts';

/** Bytes, by DynamoDB's measure. */
const LARGEST_ITEM = 400 * 1024;
const LONGEST_KEY = 2048;

/** Of ASCII: 0 for what JSON escapes. */
const PLAIN: Uint8Array = new Uint8Array(128).fill(1, 32, 127);
for (const special of '"\\') PLAIN[special.charCodeAt(0)] = 0;

const CLOSE = literal('}\n');
const TEXT = literal('{"S":"');
const NUMBER = literal('{"N":"');
const END = literal('"}');
const TRUE = literal('{"BOOL":true}');
const FALSE = literal('{"BOOL":false}');
const NULL = literal('{"NULL":true}');
const KEY = literal('["');
const SIZE = literal('","",');
const KEY_END = literal(']\n');

export type WriteItem = (output: Readonly<Record<string, unknown>>, to: ByteWriter) => void;

/** @throws Error that says why the table cannot hold an output */
export function itemWriter(columns: readonly string[] | undefined, description: TableDescription): WriteItem {
  const kept = columns && [...new Set(columns)];
  const simple = kept ? generated(kept.map(attributeOf)) : anySimple();
  const { partitionKey, sortKey } = description;
  const isSimpleKey = partitionKey.type === 'S' && !sortKey && kept?.includes(partitionKey.name) !== false;
  return (output, to) => {
    const start = to.length;
    const key =
      isSimpleKey && (kept || Object.hasOwn(output, partitionKey.name)) ? output[partitionKey.name] : undefined;
    if (isKey(key)) {
      const size = simple(output, to);
      if (size !== undefined && size <= LARGEST_ITEM) {
        writeKey(key, size, to);
        return;
      }
      to.rewind(start);
    }
    const item = kept ? Object.fromEntries(kept.map((name) => [name, output[name]])) : output;
    to.text(itemLines(itemText(item, description)));
  };
}

/** An item that was made elsewhere, as such lines: its key and size are left to the table. */
export function itemLines(text: string): string {
  return `${text}\n[]\n`;
}

/** The items alone, of what was written. */
export function itemsOf(lines: string): string {
  return lines
    .split('\n')
    .filter((_, index) => index % 2 === 0)
    .join('\n');
}

interface Attribute {
  readonly name: string;
  /** Its name as JSON, with the colon: where the item begins, and behind another attribute. */
  readonly first: Uint8Array;
  readonly next: Uint8Array;
  /** Of the name, in bytes. */
  readonly size: number;
}

function attributeOf(name: string): Attribute {
  const text = `${JSON.stringify(name)}:`;
  return { name, first: literal(`{${text}`), next: literal(`,${text}`), size: Buffer.byteLength(name) };
}

function literal(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY && Buffer.byteLength(key) <= LONGEST_KEY;
}

function isName(name: string): boolean {
  return name !== '' && name.isWellFormed();
}

/** @returns the item's size; undefined when it is not so simple */
type WriteSimple = (output: Readonly<Record<string, unknown>>, to: ByteWriter) => number | undefined;

/** Attributes whose names are kept, of outputs that may have any. */
const MOST_KEPT = 1000;

function anySimple(): WriteSimple {
  const known = new Map<string, Attribute>();
  return (output, to) => {
    let size = 0;
    let isFirst = true;
    for (const name of Object.keys(output)) {
      const value = output[name];
      if (value === undefined) continue;
      const attribute = known.get(name) ?? (isName(name) ? attributeOf(name) : undefined);
      if (attribute === undefined) return undefined;
      if (known.size < MOST_KEPT) known.set(name, attribute);
      to.literal(isFirst ? attribute.first : attribute.next);
      isFirst = false;
      const valueSize = writeValue(value, to);
      if (valueSize === -1) return undefined;
      size += attribute.size + valueSize;
    }
    to.literal(CLOSE);
    return size;
  };
}

/** A function for these attributes and no others, so that each is found where it was found before. */
function generated(attributes: readonly Attribute[]): WriteSimple {
  if (!attributes.every(({ name }) => isName(name))) return () => undefined;
  const writes = attributes.map(
    ({ name, size }, index) => `
      value = output[${JSON.stringify(name)}];
      if (value !== undefined) {
        to.literal(isFirst ? attributes[${index}].first : attributes[${index}].next);
        isFirst = false;
        valueSize = write(value, to);
        if (valueSize === -1) return undefined;
        size += ${size} + valueSize;
      }`,
  );
  const body = `return (output, to) => {
    let size = 0; let isFirst = true; let value; let valueSize; ${writes.join('')}
    to.literal(close);
    return size;
  };`;
  // oxlint-disable-next-line no-new-func -- made of column names, as JSON, and of numbers alone
  const make = new Function('attributes', 'write', 'close', body) as (...made: readonly unknown[]) => WriteSimple;
  return make(attributes, writeValue, CLOSE);
}

/** @returns the value's size; -1 when it is not so simple */
function writeValue(value: unknown, to: ByteWriter): number {
  switch (typeof value) {
    case 'string': {
      to.literal(TEXT);
      const size = writeText(value, to);
      to.literal(END);
      return size;
    }
    case 'number':
      if (!Number.isSafeInteger(value)) return -1;
      to.literal(NUMBER);
      to.number(value);
      to.literal(END);
      return sizeOfWhole(value);
    case 'boolean':
      to.literal(value ? TRUE : FALSE);
      return 1;
    default:
      if (value !== null) return -1;
      to.literal(NULL);
      return 1;
  }
}

/** What stands between the quotes of JSON. @returns bytes of the text itself; -1 when it is not well formed */
function writeText(text: string, to: ByteWriter): number {
  if (to.plain(text, PLAIN)) return text.length;
  if (!text.isWellFormed()) return -1;
  to.text(JSON.stringify(text).slice(1, -1));
  return Buffer.byteLength(text);
}

function writeKey(key: string, size: number, to: ByteWriter): void {
  to.literal(KEY);
  writeText(key, to);
  to.literal(SIZE);
  to.number(size);
  to.literal(KEY_END);
}

/** A byte for two digits, without zeros behind, and one or, with a minus, two more. */
function sizeOfWhole(value: number): number {
  let rest = Math.abs(value);
  while (rest > 0 && rest % 10 === 0) rest /= 10;
  let size = value < 0 ? 2 : 1;
  for (; rest >= 1; rest = Math.floor(rest / 100)) size++;
  return size;
}
