/** Items as lines of text, as `Tables.putLines` takes them. */
import type { TableDescription } from '../../ports/tables.ts';
import { encodeItem } from './encode.ts';
import type { EncodedItem } from './operations.ts';

/** Bytes, or some more, that are made a text at once: a text of megabytes lies outside of V8's heap, and is collected late. */
const WINDOW = 65_536;
/** Only an item begins so: behind it comes its key, which is a list. */
const ITEM_BEGINS = '\n{';

/** A key as nearly all are. `JSON.parse` would keep each short one in V8's table of strings, which grows by the million. */
const PLAIN_KEY = /\["([^"\\]*)","",(\d+)\]/y;

/** @throws ServiceError ValidationException for an item that nobody has looked at and that cannot be kept */
export function* readLines(description: TableDescription, lines: Uint8Array): Generator<EncodedItem> {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  for (let from = 0; from < bytes.length;) {
    const begins = bytes.indexOf(ITEM_BEGINS, from + WINDOW);
    const to = begins === -1 ? bytes.length : begins + 1;
    yield* itemsIn(description, bytes.toString('utf8', from, to));
    from = to;
  }
}

function* itemsIn(description: TableDescription, text: string): Generator<EncodedItem> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const next = text.indexOf('\n', end + 1);
    if (end === -1 || next === -1) throw new Error('The lines of items are cut off.');
    const item = text.slice(at, end);
    const [partition, sort, size] = keyOf(text, end + 1, next);
    yield partition === undefined || sort === undefined || size === undefined
      ? encodeItem(description, JSON.parse(item))
      : { partition, sort, item, size };
    at = next + 1;
  }
}

function keyOf(text: string, start: number, stop: number): readonly [string?, string?, number?] {
  PLAIN_KEY.lastIndex = start;
  const [, key, size] = PLAIN_KEY.exec(text) ?? [];
  if (key !== undefined && PLAIN_KEY.lastIndex === stop) return [key, '', Number(size)];
  return JSON.parse(text.slice(start, stop)) as [string?, string?, number?];
}
