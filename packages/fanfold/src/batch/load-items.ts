import type { Tables } from '../ports/tables.ts';
import { itemBatches } from './item-batches.ts';

/**
 * Items of one transaction. Keys come in no order, so that each transaction writes most of the index anew: of 1,000,000 items
 * 2,000 at a time took three times the CPU of 10,000 at a time. Other requests wait for one, some 50 ms.
 */
const MOST_AT_ONCE = 10_000;
/** Bytes whose items are loaded in the order of their keys: those of a few chunks, as a rule. */
const WINDOW = 16_777_216;
/** The last part that comes may go beyond that. */
const SLACK = 1_048_576;
/** Enough for the items of a small file. */
const FIRST = 1_048_576;

/**
 * Loads a table from lines of items (`item-lines.ts`): of those with the same key the last one stays.
 *
 * @returns how many items
 */
export async function loadItems(tables: Tables, table: string, lines: AsyncIterable<Uint8Array>): Promise<number> {
  let items = 0;
  let window: Buffer<ArrayBuffer> = Buffer.alloc(0);
  let size = 0;
  /** What the table is at work on, while the next items are read and put in order. */
  let putting: Promise<void> | undefined;
  const put = async (): Promise<void> => {
    const { batches, end } = itemBatches(window.subarray(0, size), MOST_AT_ONCE);
    for (const { lines, count } of batches) {
      await putting;
      putting = tables.putLines({ table, lines });
      putting.catch(() => {});
      items += count;
    }
    window.copyWithin(0, end, size);
    size -= end;
  };
  for await (const part of lines) {
    if (size + part.length > window.length) window = grown(window, size, size + part.length);
    window.set(part, size);
    size += part.length;
    if (size >= WINDOW) await put();
  }
  await put();
  await putting;
  // At once: memory outside of its heap V8 collects late.
  window.buffer.transfer(0);
  return items;
}

/** Once a window is full there will be others of its size. */
function grown(window: Buffer, size: number, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(needed > FIRST ? Math.max(needed, WINDOW + SLACK) : FIRST);
  window.copy(larger, 0, 0, size);
  return larger;
}
