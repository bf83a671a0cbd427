/** A list as the one item of the table that holds it. */
import type { AttributeValue, Item, Json } from 'fanfold';
import type { TableMapConfig } from './project.ts';

export function listItem({ partitionKeyName, partitionKeyValueField }: TableMapConfig['ddb'], list: Json): Item {
  return { [partitionKeyName]: { S: partitionKeyValueField }, values: typed(list) };
}

/** A plain value with DynamoDB's types. */
function typed(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: (value as readonly Json[]).map(typed) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typed(one)])) };
}
