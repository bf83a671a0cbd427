/** Tables in SQLite: the statements. Runs in the tables' own thread; what comes in was checked and encoded before. */
import type { Database } from '../../database/database.ts';
import type { TableDescription } from '../../ports/tables.ts';
import type { EncodedItem, OperationName, Operations, Page } from './operations.ts';

export type TableStore = {
  readonly [Name in OperationName]: (params: Operations[Name]['params']) => Operations[Name]['answer'];
} & { readonly tables: () => readonly TableDescription[] };

/** As DynamoDB's: a page ends when it has so many bytes. */
const PAGE_BYTES = 1024 * 1024;

const TABLES = 'SELECT id, description FROM tables';
const CREATE = 'INSERT INTO tables (name, description) VALUES (?, ?) RETURNING id';
const PUT = `
  INSERT INTO items (table_id, partition_key, sort_key, item) VALUES (?, ?, ?, ?)
  ON CONFLICT (table_id, partition_key, sort_key) DO UPDATE SET item = excluded.item`;
const THIS_KEY = 'WHERE table_id = ? AND partition_key = ? AND sort_key = ?';
const GET = `SELECT item FROM items ${THIS_KEY}`;
const DELETE = `DELETE FROM items ${THIS_KEY}`;
const PARTITION = 'SELECT item FROM items WHERE table_id = ? AND partition_key = ?';
const QUERY = `${PARTITION} ORDER BY sort_key LIMIT ?`;
const QUERY_ON = `${PARTITION} AND sort_key > ? ORDER BY sort_key LIMIT ?`;
const SCAN = 'SELECT item FROM items WHERE table_id = ? ORDER BY partition_key, sort_key LIMIT ?';
const SCAN_ON = `
  SELECT item FROM items WHERE table_id = ? AND (partition_key, sort_key) > (?, ?)
  ORDER BY partition_key, sort_key LIMIT ?`;
const COUNT = 'SELECT count(*) AS count FROM items WHERE table_id = ?';

export function createTableStore(db: Database): TableStore {
  const known = new Map<string, { readonly id: number; readonly description: TableDescription }>();
  for (const row of db.prepare(TABLES).all() as { id: number; description: string }[]) {
    const description = JSON.parse(row.description) as TableDescription;
    known.set(description.table, { id: row.id, description });
  }
  const idOf = (table: string): number => {
    const found = known.get(table);
    if (!found) throw new Error(`There is no table ${table}.`);
    return found.id;
  };
  const isThere = (id: number, { partition, sort }: EncodedItem): boolean =>
    db.prepare(GET).get(id, partition, sort) !== undefined;

  return {
    tables: () => [...known.values()].map(({ description }) => description),
    create: (description) => {
      const { table } = description;
      const found = known.get(table);
      if (found) return found.description;
      const { id } = db.prepare(CREATE).get(table, JSON.stringify(description)) as { id: number };
      known.set(table, { id, description });
      return description;
    },
    put: ({ table, items, ifAbsent }) => {
      const id = idOf(table);
      if (ifAbsent && items.some((item) => isThere(id, item))) return false;
      const put = db.prepare(PUT);
      for (const { partition, sort, item } of items) put.run(id, partition, sort, item);
      return true;
    },
    get: ({ table, partition, sort }) => {
      const row = db.prepare(GET).get(idOf(table), partition, sort) as { item: string } | undefined;
      return row?.item;
    },
    delete: ({ table, partition, sort }) => {
      db.prepare(DELETE).run(idOf(table), partition, sort);
      return undefined;
    },
    query: ({ table, partition, after, limit }) => {
      const id = idOf(table);
      return page(
        limit,
        after === undefined
          ? db.prepare(QUERY).iterate(id, partition, limit + 1)
          : db.prepare(QUERY_ON).iterate(id, partition, after, limit + 1),
      );
    },
    scan: ({ table, after, limit }) => {
      const id = idOf(table);
      return page(
        limit,
        after === undefined
          ? db.prepare(SCAN).iterate(id, limit + 1)
          : db.prepare(SCAN_ON).iterate(id, after.partition, after.sort, limit + 1),
      );
    },
    count: ({ table }) => (db.prepare(COUNT).get(idOf(table)) as { count: number }).count,
    sync: () => {
      db.sync();
      return undefined;
    },
  };
}

function page(limit: number, rows: Iterable<unknown>): Page {
  const items: string[] = [];
  let bytes = 0;
  for (const { item } of rows as Iterable<{ item: string }>) {
    if (items.length === limit || bytes >= PAGE_BYTES) return { items, more: true };
    items.push(item);
    bytes += item.length;
  }
  return { items, more: false };
}
