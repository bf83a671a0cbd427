/** Tables in SQLite: the statements. Runs in the tables' own thread; what comes in was checked and encoded before, or is so here. */
import type { Database } from '../../database/database.ts';
import type { TableDescription } from '../../ports/tables.ts';
import { noSuchTable } from './catalogue.ts';
import type { OperationName, Operations, StoredItem } from './operations.ts';
import { readLines } from './lines.ts';
import { readPage } from './page.ts';
import type { SortRange } from './sort-range.ts';
import { newDetails, type TableDetails, type TableRecord } from './table-details.ts';
import { writeUnread } from './unread-batch.ts';
import { perform } from './write.ts';

export type TableStore = {
  readonly [Name in OperationName]: (params: Operations[Name]['params']) => Operations[Name]['answer'];
} & {
  readonly tables: () => readonly TableRecord[];
  /** Runs `work` as one transaction. When it fails, its commit included, the tables are again those that the disk has. */
  readonly transaction: <T>(work: () => T) => T;
  /** Removes some items of tables that were dropped. False when there are no more. */
  readonly sweep: () => boolean;
};

/** Items of a dropped table that go at once. */
const SWEPT = 1000;

const TABLES = 'SELECT id, description, details FROM tables WHERE dropped = 0';
const CREATE = 'INSERT INTO tables (name, description, details) VALUES (?, ?, ?) RETURNING id';
const ALTER = 'UPDATE tables SET details = ? WHERE id = ?';
// No table can be made with such a name.
const DROP = "UPDATE tables SET dropped = 1, name = '/' || id WHERE id = ?";
const DROPPED = 'SELECT id FROM tables WHERE dropped = 1 LIMIT 1';
const SWEEP = 'DELETE FROM items WHERE id IN (SELECT id FROM items WHERE table_id = ? LIMIT ?)';
const FORGET = 'DELETE FROM tables WHERE id = ?';
const PUT = `
  INSERT INTO items (table_id, partition_key, sort_key, item, size) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (table_id, partition_key, sort_key) DO UPDATE SET item = excluded.item, size = excluded.size`;
const THIS_KEY = 'WHERE table_id = ? AND partition_key = ? AND sort_key = ?';
const GET = `SELECT item, size FROM items ${THIS_KEY}`;
const SIZE = `SELECT size FROM items ${THIS_KEY}`;
const DELETE = `DELETE FROM items ${THIS_KEY}`;
const SCAN = 'SELECT item, size FROM items WHERE table_id = ? ORDER BY partition_key, sort_key LIMIT ?';
const SCAN_ON = `
  SELECT item, size FROM items WHERE table_id = ? AND (partition_key, sort_key) > (?, ?)
  ORDER BY partition_key, sort_key LIMIT ?`;
const COUNT = 'SELECT count(*) AS count, coalesce(sum(size), 0) AS size FROM items WHERE table_id = ?';

type KnownTable = TableRecord & { readonly id: number };

export function createTableStore(db: Database): TableStore {
  // Another map for each change, so that what was not committed is left behind.
  let known: ReadonlyMap<string, KnownTable> = readTables(db);
  const know = (table: KnownTable): void => {
    known = new Map([...known, [table.description.table, table]]);
  };
  const tableOf = (table: string): KnownTable => {
    const found = known.get(table);
    if (!found) throw new Error(`There is no table ${table}.`);
    return found;
  };
  const idOf = (table: string): number => tableOf(table).id;
  const sizeOf = (id: number, partition: string, sort: string): number | undefined =>
    (db.prepare(SIZE).get(id, partition, sort) as { size: number } | undefined)?.size;
  const recordOf = (table: string): TableRecord => {
    const found = known.get(table);
    if (!found) throw noSuchTable();
    return found;
  };
  const writeMany: TableStore['writeMany'] = ({ table, partitions, sorts, items, sizes, measured }) => {
    const id = idOf(table);
    const put = db.prepare(PUT);
    const remove = db.prepare(DELETE);
    const before: number[] = [];
    for (const [i, partition] of partitions.entries()) {
      const sort = sorts[i] as string;
      const item = items[i] as string | null;
      if (measured) before.push(sizeOf(id, partition, sort) ?? 0);
      if (item === null) remove.run(id, partition, sort);
      else put.run(id, partition, sort, item, sizes[i] as number);
    }
    return before;
  };

  return {
    tables: () => [...known.values()].map(({ description, details }) => ({ description, details })),
    transaction: (work) => {
      const before = known;
      try {
        return db.transaction(work);
      } catch (error) {
        known = before;
        throw error;
      }
    },
    sweep: () => {
      const dropped = db.prepare(DROPPED).get() as { id: number } | undefined;
      if (!dropped) return false;
      const { changes } = db.prepare(SWEEP).run(dropped.id, SWEPT);
      if (Number(changes) < SWEPT) db.prepare(FORGET).run(dropped.id);
      return true;
    },
    create: (record) => {
      const { table } = record.description;
      const found = known.get(table);
      if (found) return { description: found.description, details: found.details };
      const texts = [JSON.stringify(record.description), JSON.stringify(record.details)] as const;
      const { id } = db.prepare(CREATE).get(table, ...texts) as { id: number };
      know({ id, ...record });
      return record;
    },
    drop: ({ table }) => {
      const found = known.get(table);
      if (!found) return false;
      db.prepare(DROP).run(found.id);
      known = new Map([...known].filter(([name]) => name !== table));
      return true;
    },
    alter: ({ table, details }) => {
      const found = tableOf(table);
      db.prepare(ALTER).run(JSON.stringify(details), found.id);
      know({ ...found, details });
      return undefined;
    },
    put: ({ table, item: { partition, sort, item, size }, ifAbsent }) => {
      const id = idOf(table);
      if (ifAbsent && sizeOf(id, partition, sort) !== undefined) return false;
      db.prepare(PUT).run(id, partition, sort, item, size);
      return true;
    },
    writeMany,
    batchWrite: (params) => writeUnread({ catalogue: { get: recordOf } }, writeMany, params),
    putLines: ({ table, lines }) => {
      const { id, description } = tableOf(table);
      const put = db.prepare(PUT);
      for (const { partition, sort, item, size } of readLines(description, lines))
        put.run(id, partition, sort, item, size);
      return undefined;
    },
    write: ({ table, partition, sort, condition, change }) => {
      const id = idOf(table);
      const before = db.prepare(GET).get(id, partition, sort) as StoredItem | undefined;
      const answer = perform(before, condition, change);
      if (answer.kind !== 'done') return answer;
      const { after } = answer;
      if (after) db.prepare(PUT).run(id, partition, sort, after.item, after.size);
      else if (before) db.prepare(DELETE).run(id, partition, sort);
      return answer;
    },
    get: ({ table, partition, sort }) => db.prepare(GET).get(idOf(table), partition, sort) as StoredItem | undefined,
    getMany: ({ table, keys }) => {
      const id = idOf(table);
      const get = db.prepare(GET);
      return keys.map(({ partition, sort }) => (get.get(id, partition, sort) as StoredItem | undefined)?.item);
    },
    delete: ({ table, partition, sort }) => {
      db.prepare(DELETE).run(idOf(table), partition, sort);
      return undefined;
    },
    query: (params) => {
      const { id, description } = tableOf(params.table);
      const { sql, values } = queryOf(params);
      return readPage(description, params, db.prepare(sql).iterate(id, params.partition, ...values, params.limit + 1));
    },
    scan: (params) => {
      const { id, description } = tableOf(params.table);
      const { after, limit } = params;
      return readPage(
        description,
        params,
        after === undefined
          ? db.prepare(SCAN).iterate(id, limit + 1)
          : db.prepare(SCAN_ON).iterate(id, after.partition, after.sort, limit + 1),
      );
    },
    count: ({ table }) => db.prepare(COUNT).get(idOf(table)) as { count: number; size: number },
    sync: () => {
      db.sync();
      return undefined;
    },
  };
}

function readTables(db: Database): ReadonlyMap<string, KnownTable> {
  const rows = db.prepare(TABLES).all() as { id: number; description: string; details: string | null }[];
  return new Map(
    rows.map((row) => {
      const description = JSON.parse(row.description) as TableDescription;
      const details = row.details === null ? newDetails(0) : (JSON.parse(row.details) as TableDetails);
      return [description.table, { id: row.id, description, details }];
    }),
  );
}

/** The range, and where the last page ended, as conditions; in a query made of fixed parts. */
function queryOf({ range, forward, after }: Operations['query']['params']): {
  readonly sql: string;
  readonly values: readonly string[];
} {
  const low: SortRange['low'] = forward && after !== undefined ? { key: after, inclusive: false } : range.low;
  const high: SortRange['high'] = !forward && after !== undefined ? { key: after, inclusive: false } : range.high;
  const conditions = ['table_id = ?', 'partition_key = ?'];
  const values: string[] = [];
  if (low) {
    conditions.push(low.inclusive ? 'sort_key >= ?' : 'sort_key > ?');
    values.push(low.key);
  }
  if (high) {
    conditions.push(high.inclusive ? 'sort_key <= ?' : 'sort_key < ?');
    values.push(high.key);
  }
  const order = forward ? 'ASC' : 'DESC';
  return {
    sql: `SELECT item, size FROM items WHERE ${conditions.join(' AND ')} ORDER BY sort_key ${order} LIMIT ?`,
    values,
  };
}
