import type { Tables } from '../ports/tables.ts';

/**
 * Items of one transaction. Keys come in no order, so that each transaction writes most of the index anew: of 1,000,000 items
 * 2,000 at a time took three times the CPU of 10,000 at a time. Other requests wait for one, some 50 ms.
 */
const MOST_AT_ONCE = 10_000;
const WINDOW = 4_194_304;
const LF = 10;

/** Loads a table from lines of items (`item-lines.ts`), in their order, as they stand. @returns how many items */
export async function loadItems(tables: Tables, table: string, lines: AsyncIterable<Uint8Array>): Promise<number> {
  let items = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  const put = async (): Promise<void> => {
    const text = Buffer.concat(parts);
    let start = 0;
    for (let batch = batchAt(text, start); batch.count > 0; batch = batchAt(text, start)) {
      // A copy: a view would take all that it is a view of to the other thread.
      await tables.putLines({ table, lines: Uint8Array.prototype.slice.call(text, start, batch.end) });
      items += batch.count;
      start = batch.end;
    }
    parts = [text.subarray(start)];
    size = text.length - start;
  };
  for await (const part of lines) {
    parts.push(part);
    size += part.length;
    if (size >= WINDOW) await put();
  }
  await put();
  return items;
}

/** A transaction's worth of items, each on two lines; what is not there as a whole is left. */
function batchAt(lines: Buffer, start: number): { readonly end: number; readonly count: number } {
  let end = start;
  let count = 0;
  while (count < MOST_AT_ONCE) {
    const item = lines.indexOf(LF, end);
    const second = item < 0 ? -1 : lines.indexOf(LF, item + 1);
    if (second < 0) break;
    end = second + 1;
    count++;
  }
  return { end, count };
}
