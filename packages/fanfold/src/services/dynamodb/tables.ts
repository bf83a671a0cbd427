/** The tables of one data directory: items checked here, kept in `tables.db` by a thread of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Durability } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { AttributeValue, Item, KeyAttribute, TableDescription, Tables } from '../../ports/tables.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { checkAttribute, checkItem, typeOf } from './attribute.ts';
import type { EncodedItem, Page } from './operations.ts';
import { encodePartition, keyItem, keyOfItem, keyOfKey } from './table-key.ts';
import { openTablesThread, type TablesThread } from './tables-thread.ts';
import { invalidValues, validationError } from './validation.ts';

export interface LocalTablesParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** Made when they are not there. Tables made earlier stay. */
  readonly tables: readonly TableDescription[];
  /** @defaultValue normal */
  readonly durability?: Durability;
}

export interface LocalTables extends Tables {
  /** All items, as of now. */
  snapshot(): Snapshot;
  /** Resolves once everything acknowledged so far survives a power cut (I2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes, by DynamoDB's measure. */
const LARGEST_ITEM = 400 * 1024;
/** No page gets so long: it has so many bytes before. */
const NO_LIMIT = 1_000_000;
const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const KEY_TYPES: readonly unknown[] = ['S', 'N', 'B'];

/**
 * @throws ServiceError ResourceInUseException when a table is there with other keys
 * @throws Error when the directory or its database cannot be opened
 */
export async function openLocalTables(params: LocalTablesParams): Promise<LocalTables> {
  const { directory, tables, durability = 'normal' } = params;
  mkdirSync(directory, { recursive: true });
  const thread = await openTablesThread({ directory, durability });
  const local = createTables(thread, directory);
  try {
    for (const description of tables) await local.create(description);
  } catch (error) {
    await local.close();
    throw error;
  }
  return local;
}

function createTables(thread: TablesThread, directory: string): LocalTables {
  const known = new Map(thread.tables.map((description) => [description.table, description]));
  const describe = (table: string): TableDescription => {
    const found = known.get(table);
    if (!found) throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
    return found;
  };

  return {
    create: async (asked) => {
      const description = checkDescription(asked);
      const inForce = await thread.request('create', description);
      known.set(inForce.table, inForce);
      if (JSON.stringify(inForce) !== JSON.stringify(description))
        throw new ServiceError('ResourceInUseException', `Table already exists: ${inForce.table}, with other keys`);
    },
    describe: async (table) => known.get(table),
    put: async ({ table, item, ifAbsent = false }) => {
      const items = [encodeItem(describe(table), item)];
      if (!(await thread.request('put', { table, items, ifAbsent })))
        throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed');
    },
    putMany: async ({ table, items }) => {
      const description = describe(table);
      const encoded = items.map((item) => encodeItem(description, item));
      await thread.request('put', { table, items: encoded, ifAbsent: false });
    },
    get: async ({ table, key }) => {
      const text = await thread.request('get', { table, ...encodeKey(describe(table), key) });
      return text === undefined ? undefined : (JSON.parse(text) as Item);
    },
    delete: async ({ table, key }) => {
      await thread.request('delete', { table, ...encodeKey(describe(table), key) });
    },
    query: async ({ table, partition: value, after, limit }) => {
      const description = describe(table);
      const partition = encodeCondition(description.partitionKey, value);
      const start = after && encodeStart(description, after);
      if (start && start.partition !== partition)
        throw validationError('The provided starting key is outside query boundaries based on provided conditions');
      const params = { table, partition, after: start?.sort, limit: checkLimit(limit) };
      return pageOf(description, await thread.request('query', params));
    },
    scan: async ({ table, after, limit }) => {
      const description = describe(table);
      const params = { table, after: after && encodeStart(description, after), limit: checkLimit(limit) };
      return pageOf(description, await thread.request('scan', params));
    },
    count: async (table) => thread.request('count', { table: describe(table).table }),
    snapshot: () => {
      const found = freezeDatabase(join(directory, 'tables.db'));
      return { copyInto: (target) => found.copyTo(join(target, 'tables.db')), release: found.release };
    },
    sync: async () => thread.request('sync', undefined),
    close: () => thread.close(),
  };
}

function encodeItem(description: TableDescription, given: Item): EncodedItem {
  const { item, size } = checkItem(given);
  const key = keyOfItem(description, item);
  if (size > LARGEST_ITEM) throw validationError('Item size has exceeded the maximum allowed size');
  return { ...key, item: JSON.stringify(item) };
}

function encodeKey(description: TableDescription, key: Item): ReturnType<typeof keyOfKey> {
  return keyOfKey(description, checkItem(key).item);
}

function encodeStart(description: TableDescription, after: Item): ReturnType<typeof keyOfKey> {
  try {
    return encodeKey(description, after);
  } catch (cause) {
    throw validationError(`The provided starting key is invalid: ${(cause as Error).message}`);
  }
}

function encodeCondition(attribute: KeyAttribute, given: AttributeValue): string {
  const value = checkAttribute(given);
  if (typeOf(value) !== attribute.type) throw invalidValues('Condition parameter type does not match schema type');
  return encodePartition(attribute, value);
}

function pageOf(description: TableDescription, page: Page): { readonly items: readonly Item[]; readonly next?: Item } {
  const items = page.items.map((text) => JSON.parse(text) as Item);
  const last = items.at(-1);
  return page.more && last ? { items, next: keyItem(description, last) } : { items };
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return NO_LIMIT;
  if (!Number.isInteger(limit) || limit < 1)
    throw validationError(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: ` +
        'Member must have value greater than or equal to 1',
    );
  return Math.min(limit, NO_LIMIT);
}

/** Just what belongs to it, in one order, so that two of them can be compared as texts. */
function checkDescription({ table, partitionKey, sortKey }: TableDescription): TableDescription {
  if (typeof table !== 'string' || !TABLE_NAME.test(table))
    throw validationError(
      `Invalid table name ${JSON.stringify(table)}: 3 to 255 of the characters a-z, A-Z, 0-9, '_', '-' and '.'`,
    );
  if (partitionKey.name === sortKey?.name)
    throw validationError(`Invalid KeySchema: the partition key and the sort key of ${table} have the same name`);
  const sort = sortKey && { sortKey: checkKeyAttribute(table, sortKey) };
  return { table, partitionKey: checkKeyAttribute(table, partitionKey), ...sort };
}

function checkKeyAttribute(table: string, { name, type }: KeyAttribute): KeyAttribute {
  if (typeof name !== 'string' || name === '' || name.length > 255 || !name.isWellFormed() || !KEY_TYPES.includes(type))
    throw validationError(
      `Invalid KeySchema: a key of ${table} needs a name of 1 to 255 characters and a type S, N or B, ` +
        `not ${JSON.stringify({ name, type })}`,
    );
  return { name, type };
}
