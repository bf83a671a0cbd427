/**
 * Outputs as the lines that tables are loaded from (`Tables.putLines`). An output of texts, whole numbers, booleans and nulls,
 * whose key is a text, is written as the table keeps it, with its size by DynamoDB's measure; any other is left to the table.
 */
import type { TableDescription } from '../ports/tables.ts';
import type { ByteWriter } from './byte-writer.ts';
import { itemOf, itemText } from './item.ts';

/** Bytes, by DynamoDB's measure. */
const LARGEST_ITEM = 400 * 1024;
const LONGEST_KEY = 2048;

const OPEN = 123;
const CLOSE = 125;
const COMMA = 44;
const LF = 10;

/** Of ASCII: 0 for what JSON escapes. */
const PLAIN: Uint8Array = new Uint8Array(128).fill(1, 32, 127);
for (const special of '"\\') PLAIN[special.charCodeAt(0)] = 0;

export type WriteItem = (output: Readonly<Record<string, unknown>>, to: ByteWriter) => void;

/** @throws Error that says why the table cannot hold an output */
export function itemWriter(columns: readonly string[] | undefined, description: TableDescription): WriteItem {
  const kept = columns && [...new Set(columns)].map(attributeOf);
  const { partitionKey, sortKey } = description;
  const isTextKey = partitionKey.type === 'S' && !sortKey;
  return (output, to) => {
    const start = to.length;
    const key = isTextKey ? output[partitionKey.name] : undefined;
    const names = kept ?? Object.keys(output).map(attributeOf);
    if (isKey(key) && names.some(({ name }) => name === partitionKey.name)) {
      const size = writeSimple(output, names, to);
      if (size !== undefined && size <= LARGEST_ITEM) {
        to.text(`${JSON.stringify([key, '', size])}\n`);
        return;
      }
      to.rewind(start);
    }
    const item = kept ? Object.fromEntries(kept.map(({ name }) => [name, output[name]])) : output;
    to.text(itemLines(itemText(itemOf(item, description), description)));
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
  /** Its name as JSON, with the colon. */
  readonly before: string;
  /** Of the name, in bytes. */
  readonly size: number;
}

function attributeOf(name: string): Attribute {
  return { name, before: `${JSON.stringify(name)}:`, size: Buffer.byteLength(name) };
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY && Buffer.byteLength(key) <= LONGEST_KEY;
}

/** @returns the item's size; undefined when it is not so simple */
function writeSimple(
  output: Readonly<Record<string, unknown>>,
  attributes: readonly Attribute[],
  to: ByteWriter,
): number | undefined {
  let size = 0;
  let isFirst = true;
  to.byte(OPEN);
  for (const { name, before, size: nameSize } of attributes) {
    const value = output[name];
    if (value === undefined) continue;
    if (name === '') return undefined;
    if (!isFirst) to.byte(COMMA);
    isFirst = false;
    ascii(to, before);
    const valueSize = writeValue(value, to);
    if (valueSize === undefined) return undefined;
    size += nameSize + valueSize;
  }
  to.byte(CLOSE);
  to.byte(LF);
  return size;
}

function writeValue(value: unknown, to: ByteWriter): number | undefined {
  switch (typeof value) {
    case 'string': {
      ascii(to, '{"S":"');
      let size = value.length;
      if (!to.plain(value, PLAIN)) {
        if (!value.isWellFormed()) return undefined;
        to.text(JSON.stringify(value).slice(1, -1));
        size = Buffer.byteLength(value);
      }
      ascii(to, '"}');
      return size;
    }
    case 'number': {
      if (!Number.isSafeInteger(value)) return undefined;
      ascii(to, '{"N":"');
      to.number(value);
      ascii(to, '"}');
      return sizeOfWhole(value);
    }
    case 'boolean':
      ascii(to, value ? '{"BOOL":true}' : '{"BOOL":false}');
      return 1;
    default:
      if (value !== null) return undefined;
      ascii(to, '{"NULL":true}');
      return 1;
  }
}

/** A byte for two digits, without zeros behind, and one or, with a minus, two more. */
function sizeOfWhole(value: number): number {
  let rest = Math.abs(value);
  while (rest > 0 && rest % 10 === 0) rest /= 10;
  const digits = rest === 0 ? 0 : String(rest).length;
  return Math.ceil(digits / 2) + (value < 0 ? 2 : 1);
}

const ALL: Uint8Array = new Uint8Array(128).fill(1);

function ascii(to: ByteWriter, text: string): void {
  if (!to.plain(text, ALL)) to.text(text);
}
