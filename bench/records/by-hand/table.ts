/** The table: one file, one thread; a part of the file is a transaction, in the order of the file. */
import { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { TableRows } from './worker.ts';

export interface TableData {
  readonly path: string;
  readonly ports: readonly MessagePort[];
}

const { path, ports } = workerData as TableData;
const db = new DatabaseSync(path);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
db.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, key TEXT NOT NULL, document TEXT NOT NULL)');
db.exec('CREATE UNIQUE INDEX orders_by_key ON orders (key)');
const upsert = db.prepare(
  'INSERT INTO orders (key, document) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET document = excluded.document',
);
const early = new Map<number, TableRows>();
let next = 0;
let open = ports.length;

for (const port of ports) {
  port.on('message', (rows: TableRows | null) => {
    if (!rows) return end();
    early.set(rows.index, rows);
    for (let ready = early.get(next); ready; ready = early.get(next)) {
      early.delete(next++);
      db.exec('BEGIN');
      for (const [at, key] of ready.keys.entries()) upsert.run(key, ready.documents[at] as string);
      db.exec('COMMIT');
    }
  });
}

function end(): void {
  if (--open > 0) return;
  db.close();
  for (const port of ports) port.close();
  parentPort?.close();
}
