/** Which tables there are, known in the main thread: a request to one that is not there never reaches the other. */
import { ServiceError } from '../../ports/service-error.ts';
import type { KeyAttribute, TableDescription } from '../../ports/tables.ts';
import type { TableDetails, TableRecord } from './table-details.ts';
import type { TablesThread } from './tables-thread.ts';
import { validationError } from './validation.ts';

export interface Catalogue {
  /** In the order of their names. */
  names(): readonly string[];
  find(table: string): TableRecord | undefined;
  /** @throws ServiceError ResourceNotFoundException */
  get(table: string): TableRecord;
  /** Answers with the table in force: this one, or that of the same name. @throws ServiceError ValidationException */
  create(record: TableRecord): Promise<TableRecord>;
  /** @throws ServiceError ResourceNotFoundException */
  drop(table: string): Promise<void>;
  alter(table: string, details: TableDetails): Promise<void>;
}

const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const KEY_TYPES: readonly unknown[] = ['S', 'N', 'B'];

export function createCatalogue(thread: TablesThread): Catalogue {
  const known = new Map(thread.tables.map((record) => [record.description.table, record]));
  const get = (table: string): TableRecord => {
    const found = known.get(table);
    if (!found) throw noSuchTable();
    return found;
  };
  return {
    names: () => [...known.keys()].sort(),
    find: (table) => known.get(table),
    get,
    create: async ({ description, details }) => {
      const inForce = await thread.request('create', { description: checkDescription(description), details });
      known.set(inForce.description.table, inForce);
      return inForce;
    },
    drop: async (table) => {
      const record = get(table);
      // At once: what is asked for from now on finds no such table.
      known.delete(table);
      try {
        await thread.request('drop', { table });
      } catch (error) {
        known.set(table, record);
        throw error;
      }
    },
    alter: async (table, details) => {
      const { description } = get(table);
      await thread.request('alter', { table, details });
      if (known.has(table)) known.set(table, { description, details });
    },
  };
}

export function noSuchTable(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'Requested resource not found');
}

/** Whether a table has just these keys. */
export function hasSameKeys(a: TableDescription, b: TableDescription): boolean {
  return JSON.stringify(checkDescription(a)) === JSON.stringify(checkDescription(b));
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
