/**
 * Makes what is committed survive a power cut without keeping the event loop waiting: commits are made with
 * `synchronous = NORMAL`, and the write-ahead log is synced in a thread of Node's pool, which is all that `FULL` would do
 * more. The log's file may be opened beside SQLite: its locks are on the other two.
 */
import { close, fdatasync, fstatSync, ftruncateSync, open, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Database } from './database.ts';

export interface LogSyncs {
  /**
   * Resolves once everything committed so far survives a power cut. Those who ask while one sync is under way share the next.
   * @throws what the disk refuses; nobody can tell then what it holds
   */
  sync(): Promise<void>;
  /** To be called before the database is closed. */
  close(): Promise<void>;
}

export interface LogSyncsParams {
  /** One with the durability `normal`. */
  readonly db: Pick<Database, 'sync'>;
  readonly path: string;
  /** Makes the file of the log {@link LENGTHENED} at once: what is written over is synced in half the time. */
  readonly lengthen?: boolean;
  /** As it is, but for tests. */
  readonly syncFile?: (file: number) => Promise<void>;
}

const openFile = promisify(open);
const closeFile = promisify(close);

export function createLogSyncs({ db, path, lengthen, syncFile = promisify(fdatasync) }: LogSyncsParams): LogSyncs {
  const logPath = `${path}-wal`;
  let file: number | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const perform = async (): Promise<void> => {
    if (file === undefined) {
      // The first time by SQLite: it syncs the folder too, where the log's file is new.
      db.sync();
      // Windows wants one that may be written.
      file = await openFile(logPath, 'r+');
      if (lengthen) writeZeros(file);
    } else await syncFile(file);
  };

  const start = (): Promise<void> => {
    next = undefined;
    // One that has failed stays: another might say that all is well.
    running = perform().then(() => {
      if (!next) running = undefined;
    });
    return running;
  };

  return {
    sync: () => {
      if (!running) return start();
      next ??= running.then(start);
      return next;
    },
    close: async () => {
      await running?.catch(() => {});
      if (file !== undefined) await closeFile(file);
      file = undefined;
    },
  };
}

const MB = 1024 * 1024;
/** Bytes. */
export const LENGTHENED: number = 16 * MB;
const ZEROS = Buffer.alloc(MB);

/**
 * Behind what SQLite has written, by the thread that writes: a frame of zeros is none to SQLite. Where there is no room for
 * it the file stays as it was.
 */
function writeZeros(file: number): void {
  const { size } = fstatSync(file);
  try {
    for (let end = size; end < LENGTHENED; end += MB) writeSync(file, ZEROS, 0, Math.min(MB, LENGTHENED - end), end);
  } catch {
    ftruncateSync(file, size);
  }
}
