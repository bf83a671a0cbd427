/**
 * When a database is checkpointed, and what waits for that. The write-ahead log begins anew only when a commit finds all
 * of it in the database, which under load it never does by itself. So the log is moved as it grows; when it is long all the
 * same, commits are held back for the short while in which the rest is moved; and when that does not help either, because
 * the disk is slow or somebody reads, what is new has to wait until there is room.
 */
import { type Checkpointer, startCheckpointer } from './checkpointer.ts';
import type { Database } from './database.ts';

export interface Checkpoints {
  /** To be called after each commit. */
  committed(): void;
  /** Set while a commit had better wait, because the log can begin anew when it does. Never rejects. */
  catchingUp(): Promise<void> | undefined;
  /** Set while the log is too long to take in more than what is under way. Never rejects. */
  crowded(): Promise<void> | undefined;
  /** Ends the thread, after what it is at. The log is checkpointed for the last time when the database is closed. */
  close(): Promise<void>;
  /** To be called once the database is closed. */
  release(): void;
}

/** Lengths of the log, in bytes. */
export interface LogLimits {
  /** So much that is not in the database yet begins a checkpoint. */
  readonly checkpoint: number;
  /** From here on one checkpoint follows the other, until what is left is no more than the rest. */
  readonly catchUp: number;
  /** For so much commits are held back. */
  readonly rest: number;
  /** From here on nothing new is taken in. */
  readonly crowded: number;
}

export interface CheckpointsParams {
  readonly db: Pick<Database, 'log'>;
  readonly path: string;
  /** A checkpoint has failed. What is committed is safe in the log, but the disk is not. */
  readonly onFailed: (error: unknown) => void;
  readonly limits?: LogLimits;
  readonly start?: (path: string) => Checkpointer;
}

const MB = 1024 * 1024;
export const LOG_LIMITS: LogLimits = { checkpoint: 32 * MB, catchUp: 64 * MB, rest: MB / 2, crowded: 128 * MB };

/** After which it is tried again while the log is too long, milliseconds. */
const AGAIN_MS = 50;

/** So many commits are not looked at while the log is short, and little in it waits: asking costs as much as a row. */
const SKIPPED = 4;

/** The database is one with `checkpoints: 'elsewhere'`. The thread is started when there is something to do for it. */
export function createCheckpoints(params: CheckpointsParams): Checkpoints {
  const { db, path, onFailed, limits = LOG_LIMITS, start = startCheckpointer } = params;
  let checkpointer: Checkpointer | undefined;
  let running: Promise<void> | undefined;
  let held: Promise<void> | undefined;
  /** The length of the log when commits were last held back; it is tried again when it has grown. */
  let heldAt = 0;
  let crowd: PromiseWithResolvers<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  let over = false;
  let isQuiet = true;

  const run = async (): Promise<void> => {
    try {
      checkpointer ??= start(path);
      await checkpointer.checkpoint();
    } catch (error) {
      if (!over) onFailed(error);
      over = true;
    }
    running = undefined;
    held = undefined;
    look();
  };

  const look = (): void => {
    clearTimeout(again);
    if (over) {
      crowd?.resolve();
      crowd = undefined;
      return;
    }
    const { length, waiting } = db.log();
    isQuiet = waiting < limits.checkpoint / 4 && length < limits.crowded / 2;
    // Once all of it is in the database and the thread has let go of it, the next commit begins it anew.
    const isCrowded = length >= limits.crowded && (waiting > 0 || running !== undefined);
    if (isCrowded) crowd ??= Promise.withResolvers();
    else {
      crowd?.resolve();
      crowd = undefined;
    }
    if (length < heldAt) heldAt = 0;
    if (running) return;
    const isLong = waiting > 0 && length - heldAt >= limits.catchUp;
    // What is committed while the log is moved is less each time. Commits are held back when that is little, or for want of room.
    if (isLong && (waiting <= limits.rest || isCrowded)) {
      heldAt = length;
      held = running = run();
    } else if (isLong || waiting >= limits.checkpoint) running = run();
    else if (isCrowded) {
      again = setTimeout(() => {
        running ??= run();
      }, AGAIN_MS);
      again.unref();
    }
  };

  /** Commits until the length is asked for again. */
  let unlooked = 0;
  const committed = (): void => {
    if (unlooked-- > 0) return;
    look();
    unlooked = isQuiet ? SKIPPED : 0;
  };

  return {
    committed,
    catchingUp: () => held,
    crowded: () => crowd?.promise,
    close: async () => {
      over = true;
      look();
      await running;
      await checkpointer?.close();
    },
    release: () => checkpointer?.release(),
  };
}
