/**
 * One process per data directory (I7). The lock is a transaction held open on `lock.db` for life: no lease, no expiry;
 * the system frees it when the process dies, however it dies. No `fs` call may ever open a `.db` file of a live
 * directory: closing any descriptor of it drops the POSIX locks of the whole process.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onDisk } from './disk-error.ts';

export interface DirectoryLock {
  release(): void;
}

/** @returns undefined when another process holds the directory. @throws DiskError */
export function lockDirectory(directory: string): DirectoryLock | undefined {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'lock.db');
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    onDisk(path, () => db.exec('BEGIN EXCLUSIVE'));
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { release: () => db.close() };
}

const SQLITE_BUSY = 5;
