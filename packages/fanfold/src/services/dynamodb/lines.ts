/** Items as lines of text, as `Tables.putLines` takes them. */
import type { TableDescription } from '../../ports/tables.ts';
import { encodeItem } from './encode.ts';
import type { EncodedItem } from './operations.ts';

/** @throws ServiceError ValidationException for an item that nobody has looked at and that cannot be kept */
export function* readLines(description: TableDescription, lines: Uint8Array): Generator<EncodedItem> {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8');
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const next = text.indexOf('\n', end + 1);
    if (end === -1 || next === -1) throw new Error('The lines of items are cut off.');
    const item = text.slice(at, end);
    const [partition, sort, size] = JSON.parse(text.slice(end + 1, next)) as [string?, string?, number?];
    yield partition === undefined || sort === undefined || size === undefined
      ? encodeItem(description, JSON.parse(item))
      : { partition, sort, item, size };
    at = next + 1;
  }
}
