/** A lookup in a table. */
import type { Item, TableDescription, Tables } from '../ports/tables.ts';
import type { Lookup } from './definition.ts';
import { valueOfItem } from './item.ts';

/** Of a megabyte: a table of more is asked for its items one by one. */
const MOST_PAGES = 8;
/** Bytes of a key, as DynamoDB has it; and digits of a number. */
const LONGEST_KEY = 2048;
const MOST_DIGITS = 38;

/**
 * Looks records up in a table by its partition key; the table has no sort key. A small table is read once as a whole.
 *
 * @param key what to look for, of a record; undefined looks for nothing
 */
export function fromTable<Record, Value = { readonly [name: string]: unknown }>(
  table: string,
  key: (record: Record) => string | undefined,
): Lookup<Record, Value> {
  return {
    key,
    load: async (keys, { tables }) => {
      const description = await describe(tables, table);
      const asked = keys.filter((value) => mayBeKey(description, value));
      const items = await tables.getMany({ table, keys: asked.map((value) => keyOf(description, value)) });
      const found = items.flatMap((item, index) =>
        item ? [[asked[index] as string, valueOfItem(item) as Value] as const] : [],
      );
      return new Map(found);
    },
    all: async ({ tables }) => {
      const { partitionKey } = await describe(tables, table);
      // One number is written in many ways: such a key is not the text that a record asks for.
      if (partitionKey.type !== 'S') return undefined;
      const found = new Map<string, Value>();
      let after: Item | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const { items, next } = await tables.scan({ table, ...(after && { after }) });
        for (const item of items)
          found.set((item[partitionKey.name] as { readonly S: string }).S, valueOfItem(item) as Value);
        if (!next) return found;
        after = next;
      }
      return undefined;
    },
  };
}

/** @throws Error when the table is not there, or its partition key names no one item */
async function describe(tables: Tables, table: string): Promise<TableDescription> {
  const description = await tables.describe(table);
  if (!description) throw new Error(`A lookup asks the table ${table}, which is not in the project's tables.`);
  if (description.sortKey)
    throw new Error(`A lookup asks the table ${table}, which has a sort key: its partition key names no one item.`);
  return description;
}

/** What no key of a table can be, nothing is stored by: the record has found nothing. */
function mayBeKey({ partitionKey: { type } }: TableDescription, value: string): boolean {
  if (type === 'N') return isKeyNumber(value);
  return value !== '' && Buffer.byteLength(value) <= LONGEST_KEY;
}

function isKeyNumber(text: string): boolean {
  const [, digits = '', fraction = ''] = /^[+-]?(\d+)(\.\d+)?(?:[eE][+-]?\d+)?$/.exec(text) ?? [];
  const size = Math.abs(Number(text));
  return (
    digits !== '' && digits.length + fraction.length <= MOST_DIGITS && (size === 0 || (size > 1e-130 && size < 1e126))
  );
}

function keyOf({ partitionKey: { name, type } }: TableDescription, value: string): Item {
  return { [name]: type === 'N' ? { N: value } : type === 'B' ? { B: value } : { S: value } };
}
