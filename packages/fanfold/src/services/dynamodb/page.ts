/** One page of what a query or scan finds. */
import type { Item, TableDescription } from '../../ports/tables.ts';
import { meets } from './expression/condition.ts';
import type { Page, PageParams, StoredItem } from './operations.ts';
import { keyItem } from './table-key.ts';

/** As DynamoDB's: a page ends when it has so many bytes, whatever the filter leaves of them. */
const PAGE_BYTES = 1024 * 1024;

/** @param rows one more than the limit, if there are so many */
export function readPage(description: TableDescription, params: PageParams, rows: Iterable<unknown>): Page {
  const { limit, filter, countOnly = false } = params;
  const items: string[] = [];
  let count = 0;
  let scanned = 0;
  let size = 0;
  let last: string | undefined;
  const page = (more: boolean): Page => ({
    items,
    count,
    scanned,
    size,
    ...(last !== undefined && { last: JSON.stringify(keyItem(description, JSON.parse(last) as Item)) }),
    more,
  });
  for (const row of rows as Iterable<StoredItem>) {
    if (scanned === limit || size >= PAGE_BYTES) return page(true);
    scanned += 1;
    size += row.size;
    last = row.item;
    if (filter && !meets(JSON.parse(row.item) as Item, filter)) continue;
    count += 1;
    if (!countOnly) items.push(row.item);
  }
  return page(false);
}
