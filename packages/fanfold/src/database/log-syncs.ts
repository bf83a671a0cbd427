/**
 * Makes what is committed survive a power cut without keeping the event loop waiting: commits are made with
 * `synchronous = NORMAL`, and the write-ahead log is synced in a thread of Node's pool, which is all that `FULL` would do
 * more. The log's file may be opened beside SQLite: its locks are on the other two.
 */
import { close, fdatasync, fstatSync, ftruncateSync, open as openPath, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Database } from './database.ts';

export interface LogSyncs {
  /**
   * Resolves once everything committed so far survives a power cut, perhaps before one that was asked for earlier. Those who ask
   * while as many are under way as may be share the next.
   * @throws what the disk refuses; nobody can tell then what it holds
   */
  sync(): Promise<void>;
  /** To be called before the database is closed. */
  close(): Promise<void>;
}

export interface LogSyncsParams {
  /** One with the durability `normal`. */
  readonly db: Pick<Database, 'sync' | 'log'>;
  readonly path: string;
  /** Makes the file of the log longer before it has to grow, {@link LENGTHENED} at first: what is written over is synced in half the time. */
  readonly lengthen?: boolean;
  /** As it is, but for tests. */
  readonly syncFile?: (file: number) => Promise<void>;
}

const openFile = promisify(openPath);
const closeFile = promisify(close);

export function createLogSyncs({ db, path, lengthen, syncFile = promisify(fdatasync) }: LogSyncsParams): LogSyncs {
  const logPath = `${path}-wal`;
  /** Of the log's file, those that no sync has. The system tells each of what failed, whichever asks first. */
  const free: number[] = [];
  let isOpen = false;
  const running = new Set<Promise<void>>();
  let next: Promise<void> | undefined;
  /** One that has failed: another might say that all is well. */
  let failed: Promise<void> | undefined;

  const perform = async (): Promise<void> => {
    const file = free.pop();
    if (file === undefined) return open();
    if (lengthen) lengthenTo(file, db.log().length + AHEAD);
    try {
      await syncFile(file);
    } finally {
      free.push(file);
    }
  };

  /** The first time by SQLite: it syncs the folder too, where the log's file is new. */
  const open = async (): Promise<void> => {
    db.sync();
    // Windows wants files that may be written.
    while (free.length < AT_ONCE) free.push(await openFile(logPath, 'r+'));
    if (lengthen) lengthenTo(free[0] as number, LENGTHENED);
    isOpen = true;
  };

  /** Where the file ends, as far as it was lengthened. */
  let end = 0;
  const lengthenTo = (file: number, wanted: number): void => {
    if (end < wanted) end = writeZeros(file, wanted);
  };

  const start = (): Promise<void> => {
    next = undefined;
    if (failed) return failed;
    const sync = perform().then(() => failed);
    running.add(sync);
    const ended = (): void => void running.delete(sync);
    sync.then(ended, () => {
      failed ??= sync;
      ended();
    });
    return sync;
  };

  return {
    sync: () => {
      if (failed) return failed;
      if (running.size < (isOpen ? AT_ONCE : 1)) return start();
      next ??= Promise.race(running).then(start, start);
      return next;
    },
    close: async () => {
      while (running.size > 0 || next) await Promise.allSettled([...running, next]);
      for (const file of free.splice(0)) await closeFile(file);
    },
  };
}

/** While the disk is at the first, the second has what was committed since. */
const AT_ONCE = 2;

const MB = 1024 * 1024;
/** Bytes. */
export const LENGTHENED: number = 16 * MB;
/** So much of the file is behind what is in it, bytes, more than a usual commit writes. */
const AHEAD = MB;
const ZEROS = Buffer.alloc(MB);

/**
 * Behind what SQLite has written, by the thread that writes: a frame of zeros is none to SQLite. Where there is no room for
 * it the file stays as it was.
 *
 * @returns where it ends now, a whole MB; or, where there was no room, would
 */
function writeZeros(file: number, wanted: number): number {
  const { size } = fstatSync(file);
  const end = Math.ceil(Math.max(size, wanted) / MB) * MB;
  try {
    for (let at = size; at < end; at += MB) writeSync(file, ZEROS, 0, Math.min(MB, end - at), at);
  } catch {
    ftruncateSync(file, size);
  }
  return end;
}
