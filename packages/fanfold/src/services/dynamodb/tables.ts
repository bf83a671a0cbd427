/** The tables of one data directory: items checked here, kept in `tables.db` by a thread of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Durability } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { EarlyThread } from '../../early-thread.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import type { AttributeValue, KeyAttribute, TableApi, TableDescription, Tables } from '../../ports/tables.ts';
import { createTableApi } from './api/table-api.ts';
import { checkAttribute, typeOf } from './attribute.ts';
import { type Catalogue, createCatalogue, hasSameKeys } from './catalogue.ts';
import { columnsOf, encodeItem, encodeKey, encodeStart } from './encode.ts';
import type { Page } from './operations.ts';
import { newDetails, type Throughput } from './table-details.ts';
import { encodePartition } from './table-key.ts';
import { openTablesThread, type TablesThread } from './tables-thread.ts';
import { parsedTables, type TextPage, type TextTables } from '../text-tables.ts';
import { createMeters } from './throughput.ts';
import { invalidValues, validationError } from './validation.ts';

/** A table of the project. */
export interface TableParams extends TableDescription {
  readonly throughput?: Throughput;
}

export interface LocalTablesParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** Made when they are not there, and never deleted. Tables made earlier stay. */
  readonly tables: readonly TableParams[];
  /** @defaultValue normal */
  readonly durability?: Durability;
  /** Milliseconds since the epoch. @defaultValue Date.now */
  readonly now?: () => number;
  /** What stands in the ARNs of tables. @defaultValue us-east-1, 000000000000 */
  readonly place?: { readonly region: string; readonly account: string };
  /** Its thread. @defaultValue one is started */
  readonly early?: EarlyThread | undefined;
}

export interface LocalTables extends Tables {
  /** The same tables by the words of DynamoDB's API, within their throughput. */
  readonly api: TableApi;
  /** The same tables for other threads. */
  readonly texts: TextTables;
  /** All items, as of now. */
  snapshot(): Snapshot;
  /** Resolves once everything acknowledged so far survives a power cut (I2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** No page gets so long: it has so many bytes before. */
const NO_LIMIT = 1_000_000;
const DEFAULT_PLACE = { region: 'us-east-1', account: '000000000000' };

/**
 * @throws ServiceError ResourceInUseException when a table is there with other keys
 * @throws Error when the directory or its database cannot be opened
 */
export async function openLocalTables(params: LocalTablesParams): Promise<LocalTables> {
  const { directory, tables, durability = 'normal', now = Date.now } = params;
  mkdirSync(directory, { recursive: true });
  const thread = await openTablesThread({ directory, durability }, params.early?.take());
  const catalogue = createCatalogue(thread);
  const fixed = new Map(tables.map(({ table, throughput }) => [table, { throughput }]));
  const throughputOf = (table: string): Throughput | undefined => {
    const own = fixed.get(table);
    return own ? own.throughput : catalogue.find(table)?.details.throughput;
  };
  const meters = createMeters({ limitsOf: throughputOf, now });
  const api = createTableApi({
    catalogue,
    thread,
    meters,
    now,
    isFixed: (table) => fixed.has(table),
    throughputOf,
    place: params.place ?? DEFAULT_PLACE,
  });
  const { texts, ...kept } = createTables(thread, catalogue, directory, now);
  const local = { ...parsedTables(texts), texts, ...kept, api };
  try {
    for (const description of tables) await local.create(description);
  } catch (error) {
    await local.close();
    throw error;
  }
  return local;
}

function createTables(
  thread: TablesThread,
  catalogue: Catalogue,
  directory: string,
  now: () => number,
): Pick<LocalTables, 'texts' | 'snapshot' | 'sync' | 'close'> {
  const describe = (table: string): TableDescription => catalogue.get(table).description;
  const texts: TextTables = {
    create: async (description) => {
      const { description: inForce } = await catalogue.create({ description, details: newDetails(now()) });
      if (!hasSameKeys(inForce, description))
        throw new ServiceError('ResourceInUseException', `Table already exists: ${inForce.table}, with other keys`);
    },
    describe: async (table) => catalogue.find(table)?.description,
    put: async ({ table, item, ifAbsent = false }) => {
      if (!(await thread.request('put', { table, item: encodeItem(describe(table), item), ifAbsent })))
        throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed');
    },
    putMany: async ({ table, items }) => {
      const description = describe(table);
      const encoded = items.map((item) => encodeItem(description, item));
      await thread.request('writeMany', { table, ...columnsOf(encoded), measured: false });
    },
    putLines: async ({ table, lines }) => {
      await thread.request('putLines', { table: describe(table).table, lines });
    },
    get: async ({ table, key }) => {
      const found = await thread.request('get', { table, ...encodeKey(describe(table), key) });
      return found?.item;
    },
    getMany: async ({ table, keys }) => {
      const description = describe(table);
      const encoded = keys.map((key) => {
        const { partition, sort } = encodeKey(description, key);
        return { partition, sort };
      });
      return await thread.request('getMany', { table, keys: encoded });
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
      const params = { table, partition, range: {}, forward: true, after: start?.sort, limit: checkLimit(limit) };
      return pageOf(await thread.request('query', params));
    },
    scan: async ({ table, after, limit }) => {
      const description = describe(table);
      const params = { table, after: after && encodeStart(description, after), limit: checkLimit(limit) };
      return pageOf(await thread.request('scan', params));
    },
    count: async (table) => (await thread.request('count', { table: describe(table).table })).count,
  };
  return {
    texts,
    snapshot: () => {
      const found = freezeDatabase(join(directory, 'tables.db'));
      return { copyInto: (target) => found.copyTo(join(target, 'tables.db')), release: found.release };
    },
    sync: async () => thread.request('sync', undefined),
    close: () => thread.close(),
  };
}

function encodeCondition(attribute: KeyAttribute, given: AttributeValue): string {
  const value = checkAttribute(given);
  if (typeOf(value) !== attribute.type) throw invalidValues('Condition parameter type does not match schema type');
  return encodePartition(attribute, value);
}

function pageOf({ items, more, last }: Page): TextPage {
  return more && last !== undefined ? { items, next: last } : { items };
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
