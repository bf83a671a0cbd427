/**
 * Makes what is committed survive a power cut without keeping the event loop waiting for long: commits are made with
 * `synchronous = NORMAL`, and the write-ahead log is synced in a thread of Node's pool, or here where the disk is fast, which is
 * all that `FULL` would do more. The log's file may be opened beside SQLite: its locks are on the other two.
 */
import { close, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, open as openPath, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Database } from './database.ts';
import type { SyncPace } from './sync-pace.ts';

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
  /**
   * Set where each commit is synced, so that little waits each time: it says whether that is done here. And the file of the log is
   * made longer before it has to grow, {@link LENGTHENED} at first, because what is written over is synced in half the time.
   * @defaultValue there is a sync now and then, of much
   */
  readonly pace?: SyncPace;
  /** As they are, but for tests. */
  readonly syncFile?: (file: number) => Promise<void>;
  readonly syncHere?: (file: number) => void;
}

const openFile = promisify(openPath);
const closeFile = promisify(close);
const syncData = promisify(fdatasync);

export function createLogSyncs({
  db,
  path,
  syncFile = syncData,
  syncHere = fdatasyncSync,
  pace,
}: LogSyncsParams): LogSyncs {
  const logPath = `${path}-wal`;
  /** Of the log's file, those that no sync has. The system tells each of what failed, whichever asks first. */
  const free: number[] = [];
  /** Another, for syncs that are made here. */
  let own: number | undefined;
  const running = new Set<Promise<void>>();
  let next: Promise<void> | undefined;
  /** One that has failed: another might say that all is well. */
  let failed: Promise<void> | undefined;

  const perform = async (): Promise<void> => {
    const file = free.pop();
    if (file === undefined) return open();
    if (pace) lengthenTo(file, db.log().length + AHEAD);
    try {
      await syncFile(file);
      pace?.madeElsewhere();
    } finally {
      free.push(file);
    }
  };

  /** The first time by SQLite: it syncs the folder too, where the log's file is new. */
  const open = async (): Promise<void> => {
    db.sync();
    // Windows wants files that may be written.
    while (free.length < AT_ONCE) free.push(await openFile(logPath, 'r+'));
    const file = await openFile(logPath, 'r+');
    if (pace) {
      lengthenTo(file, LENGTHENED);
      // All of that at once, or the next sync would be taken for that of a slow disk.
      await syncData(file);
    }
    own = file;
  };

  const syncNow = (file: number): Promise<void> => {
    const began = performance.now();
    try {
      lengthenTo(file, db.log().length + AHEAD);
      syncHere(file);
    } catch (error) {
      failed = Promise.reject(error);
      return failed;
    }
    pace?.madeHere(performance.now() - began);
    return Promise.resolve();
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
      if (own !== undefined && pace?.isHere) return syncNow(own);
      if (running.size < (own === undefined ? 1 : AT_ONCE)) return start();
      next ??= Promise.race(running).then(start, start);
      return next;
    },
    close: async () => {
      while (running.size > 0 || next) await Promise.allSettled([...running, next]);
      for (const file of free.splice(0)) await closeFile(file);
      if (own !== undefined) await closeFile(own);
      own = undefined;
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
