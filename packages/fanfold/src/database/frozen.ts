/** A database as it stood at one moment: a read transaction on a connection of its own, held until it is let go. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';

export interface FrozenDatabase {
  /** The rows of a query, one at a time. */
  rows(sql: string): Iterable<unknown>;
  /** Writes it to a new file, which then survives a power cut. */
  copyTo(path: string): Promise<void>;
  release(): void;
}

/** Pages that are copied between two turns of the event loop. */
const PAGES_AT_ONCE = 1000;

/** @throws Error when there is no such database */
export function freezeDatabase(path: string): FrozenDatabase {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec('BEGIN');
  // A transaction begins with its first read.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  return {
    rows: (sql) => db.prepare(sql).iterate(),
    copyTo: async (target) => {
      if (existsSync(target)) throw new Error(`${target} is there already.`);
      await backup(db, target, { rate: PAGES_AT_ONCE });
      await syncFile(target);
    },
    release: () => db.close(),
  };
}

/** Makes the bytes of a file survive a power cut. Windows wants one that may be written. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
