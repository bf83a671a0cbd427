/** The thread that checkpoints one database, on a connection of its own. Does one at a time, each when it is asked for. */
import { fdatasyncSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface CheckpointWorkerData {
  readonly path: string;
  /** A descriptor of the database's file. It is not closed here. */
  readonly file: number;
}

export type ToCheckpointWorker = 'checkpoint' | 'close';

/** What a checkpoint came to: null, or what the disk refused. */
export type FromCheckpointWorker = {
  readonly message: string;
  readonly code?: unknown;
  readonly errcode?: unknown;
} | null;

const port = parentPort;
if (!port) throw new Error('This module is the entry of a thread; use startCheckpointer.');

const { path, file } = workerData as CheckpointWorkerData;
const db = new DatabaseSync(path);
// Syncs the log before a checkpoint and the database after it, whatever the durability of commits.
db.exec('PRAGMA synchronous = NORMAL');
// Never waits for the writer and never holds it up.
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');

const perform = (): FromCheckpointWorker => {
  try {
    checkpoint.get();
    // SQLite syncs the database only when nothing was committed meanwhile. Commits wait that time, and would for all of it.
    fdatasyncSync(file);
    return null;
  } catch (error) {
    const { message, code, errcode } = error as Error & { readonly code?: unknown; readonly errcode?: unknown };
    return { message, code, errcode };
  }
};

port.on('message', (message: ToCheckpointWorker) => {
  if (message === 'checkpoint') return port.postMessage(perform());
  db.close();
  port.close();
});
