/** What the items of a chunk replace in a table, kept so that it can be put back, and the putting back. */
import { equalJson, type Json } from '../json.ts';
import type { ObjectRef, Objects } from '../ports/objects.ts';
import type { Item, TableDescription, Tables } from '../ports/tables.ts';
import { keyOfItem, valueOfItem } from './item.ts';
import { readText } from './object-text.ts';
import { readLines } from './read-lines.ts';

/** Asked for at once. */
const WINDOW = 1000;

export interface ReplacedParams {
  readonly objects: Objects;
  readonly tables: Tables;
  readonly table: string;
  /** Where it is kept: the items that were there, one on each line. */
  readonly to: ObjectRef;
  /** The chunk's own items, as `item-lines.ts` writes them. */
  readonly lines: AsyncIterable<Uint8Array>;
}

/** Keeps it once: when a chunk is loaded again, its own items are there already. */
export async function keepReplaced({ objects, tables, table, to, lines }: ReplacedParams): Promise<void> {
  if (await objects.head(to)) return;
  const { description, items } = await lastOfEach(tables, table, lines);
  const found = await getAll(
    tables,
    table,
    [...items.values()].map((item) => keyOfItem(item, description)),
  );
  const text = found.map((item) => (item ? `${JSON.stringify(item)}\n` : '')).join('');
  await objects.put({ ...to, body: text });
}

export interface UndoParams extends ReplacedParams {
  readonly how: 'remove' | 'mark';
  /** Attributes of what is marked. */
  readonly mark: Item;
}

/** Undoes what is still as the chunk has put it; what somebody else has changed since stays. @returns items undone */
export async function undo({ objects, tables, table, to, lines, how, mark }: UndoParams): Promise<number> {
  const { description, items } = await lastOfEach(tables, table, lines);
  const replaced = new Map(
    ((await readText(objects, to)) ?? '')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Item)
      .map((item) => [keyText(item, description), item]),
  );
  const own = [...items];
  const found = await getAll(
    tables,
    table,
    own.map(([, item]) => keyOfItem(item, description)),
  );
  let undone = 0;
  for (const [index, [text, item]] of own.entries()) {
    const current = found[index];
    if (!current || !isSame(current, item)) continue;
    const before = replaced.get(text);
    if (how === 'mark') await tables.put({ table, item: { ...current, ...mark } });
    else if (before) await tables.put({ table, item: before });
    else await tables.delete({ table, key: keyOfItem(item, description) });
    undone++;
  }
  return undone;
}

async function lastOfEach(
  tables: Tables,
  table: string,
  lines: AsyncIterable<Uint8Array>,
): Promise<{ readonly description: TableDescription; readonly items: ReadonlyMap<string, Item> }> {
  const description = await tables.describe(table);
  if (!description) return { description: { table, partitionKey: { name: '', type: 'S' } }, items: new Map() };
  const items = new Map<string, Item>();
  let isItem = false;
  for await (const line of readLines(lines)) {
    isItem = !isItem;
    if (!isItem) continue;
    const item = JSON.parse(line) as Item;
    items.set(keyText(item, description), item);
  }
  return { description, items };
}

async function getAll(tables: Tables, table: string, keys: readonly Item[]): Promise<readonly (Item | undefined)[]> {
  const found: (Item | undefined)[] = [];
  for (let from = 0; from < keys.length; from += WINDOW)
    found.push(...(await tables.getMany({ table, keys: keys.slice(from, from + WINDOW) })));
  return found;
}

function keyText(item: Item, description: TableDescription): string {
  return JSON.stringify(valueOfItem(keyOfItem(item, description)));
}

/** Tables write numbers in their own way: values are compared. */
function isSame(a: Item, b: Item): boolean {
  return equalJson(valueOfItem(a) as Json, valueOfItem(b) as Json);
}
