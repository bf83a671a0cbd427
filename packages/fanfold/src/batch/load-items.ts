import type { Tables } from '../ports/tables.ts';
import { itemBatches } from './item-batches.ts';

/**
 * Items of one transaction. Keys come in no order, so that each transaction writes most of the index anew: of 1,000,000 items
 * 2,000 at a time took three times the CPU of 10,000 at a time. Other requests wait for one, some 50 ms.
 */
const MOST_AT_ONCE = 10_000;
/** Bytes whose items are loaded in the order of their keys: those of a chunk, as a rule. */
const WINDOW = 16_777_216;

/**
 * Loads a table from lines of items (`item-lines.ts`): of those with the same key the last one stays.
 *
 * @returns how many items
 */
export async function loadItems(tables: Tables, table: string, lines: AsyncIterable<Uint8Array>): Promise<number> {
  let items = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  const put = async (): Promise<void> => {
    const text = Buffer.concat(parts);
    const { batches, end } = itemBatches(text, MOST_AT_ONCE);
    for (const { lines, count } of batches) {
      await tables.putLines({ table, lines });
      items += count;
    }
    parts = [text.subarray(end)];
    size = text.length - end;
  };
  for await (const part of lines) {
    parts.push(part);
    size += part.length;
    if (size >= WINDOW) await put();
  }
  await put();
  return items;
}
