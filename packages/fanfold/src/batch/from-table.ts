/** A lookup in a table. */
import type { Item, TableDescription } from '../ports/tables.ts';
import type { Lookup } from './definition.ts';
import { valueOfItem } from './item.ts';

/**
 * Looks records up in a table by its partition key; the table has no sort key.
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
      const description = await tables.describe(table);
      if (!description) throw new Error(`A lookup asks the table ${table}, which is not in the project's tables.`);
      const items = await tables.getMany({ table, keys: keys.map((value) => keyOf(description, value)) });
      const found = items.flatMap((item, index) =>
        item ? [[keys[index] as string, valueOfItem(item) as Value] as const] : [],
      );
      return new Map(found);
    },
  };
}

function keyOf({ table, partitionKey: { name, type }, sortKey }: TableDescription, value: string): Item {
  if (sortKey)
    throw new Error(`A lookup asks the table ${table}, which has a sort key: its partition key names no one item.`);
  return { [name]: type === 'N' ? { N: value } : type === 'B' ? { B: value } : { S: value } };
}
