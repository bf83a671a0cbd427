/**
 * Group commit: all that is asked for within one turn of the event loop is written as one transaction; a promise resolves
 * after its transaction, and with full durability after the sync of the log that has it (I2).
 */
import { type CheckpointsParams, createCheckpoints } from '../../database/checkpoints.ts';
import type { Database, Durability } from '../../database/database.ts';
import { DiskError } from '../../database/disk-error.ts';
import { createLogSyncs, type LogSyncsParams } from '../../database/log-syncs.ts';
import { createSyncPace } from '../../database/sync-pace.ts';
import { type Batch, createBatch, isEmpty } from './batch.ts';

export interface GroupCommitParams {
  readonly db: Database;
  /** Of the database. */
  readonly path: string;
  readonly durability: Durability;
  /** Puts a batch into the tables, within a transaction. */
  readonly write: (batch: Batch) => void;
  /** Syncs the files that rows point at. */
  readonly syncFiles: () => void;
  /** A batch is in the database. */
  readonly onWritten: (batch: Batch) => void;
  /** How the write-ahead log is kept short; as its defaults are, but for tests. */
  readonly checkpoints?: Pick<CheckpointsParams, 'limits' | 'start'>;
  /** How the log is synced; as it is, but for tests. */
  readonly syncs?: Pick<LogSyncsParams, 'syncFile' | 'syncHere' | 'pace'>;
}

export interface GroupCommit {
  /** The batch that is being gathered in this turn. @throws Error once something could not be written, or it is closed */
  gather(): Batch;
  /** Counts a commit into a batch: one that has grown large does not wait for the end of the turn. */
  count(batch: Batch): void;
  /** Resolves when all that was asked for before is written, and may be told. */
  settled(): Promise<void>;
  /** Whether a batch is being gathered. */
  isGathering(): boolean;
  /** @throws Error as `gather` */
  check(): void;
  /** Nothing more is taken in, and nobody hears that anything was kept. @returns why */
  refuse(cause: unknown): Error;
  /** As of `Store`. */
  hasRoom(): Promise<void> | undefined;
  /** As of `Store`. */
  eventsPerTurn(): number | undefined;
  /** Writes what was gathered, and ends it. @returns whether it was open */
  close(): Promise<boolean>;
  /** Lets go of the log, once the database is closed. */
  release(): void;
}

/** A sync costs the thread that makes it as much as dozens of events: it takes in more of them for one. */
const EVENTS_TO_SYNC = 100;

/** A batch that is larger does not wait for the end of the turn: thousands of executions may start in one. */
const MOST_COMMITS = 200;

const CLOSED: Error = new Error('The store is closed. Open it again to go on.');

export function createGroupCommit(params: GroupCommitParams): GroupCommit {
  const { db, path, durability, syncFiles, onWritten } = params;
  /** Why nothing is taken in any more. */
  let refusal: Error | undefined;
  let batch: Batch | undefined;
  let timer: NodeJS.Immediate | undefined;
  const pace = durability === 'full' ? (params.syncs?.pace ?? createSyncPace()) : undefined;
  const syncs = createLogSyncs({ ...params.syncs, db, path, ...(pace && { pace }) });
  /** Something was committed since a sync was last asked for. */
  let dirty = true;
  /** What had been committed by then is safe when this resolves. */
  let safe: Promise<void> = Promise.resolve();
  /** Set while there is something written that nobody may hear of yet. */
  let unsafe: Promise<void> | undefined;

  const gather = (): Batch => {
    if (refusal) throw refusal;
    if (!batch) {
      batch = createBatch();
      timer = setImmediate(flush);
    }
    return batch;
  };

  const flush = (): void => {
    const catchingUp = checkpoints.catchingUp();
    if (catchingUp) void catchingUp.then(flush);
    else write();
  };

  const write = (): void => {
    const current = batch;
    if (!current) return;
    clearImmediate(timer);
    batch = undefined;
    try {
      writeOut(current);
    } catch (cause) {
      current.written.reject(refuse(cause));
      return;
    }
    if (current.sync || durability === 'full') confirm(current);
    else current.written.resolve();
  };

  /** Lets the batch be heard of once it is safe; others are gathered and written meanwhile. */
  const confirm = ({ written }: Batch): void => {
    // What was written first is told first.
    if (dirty) safe = Promise.all([safe, syncs.sync()]).then(() => {});
    dirty = false;
    const done = written.promise.finally(() => {
      if (unsafe === done) unsafe = undefined;
    });
    unsafe = done;
    done.catch(() => {});
    safe.then(written.resolve, (cause: unknown) => written.reject(refuse(cause)));
  };

  const refuse = (cause: unknown): Error => {
    refusal ??= new DiskError(path, cause, 'Nothing more is taken in, and what was not confirmed may be lost. ');
    batch?.written.reject(refusal);
    batch = undefined;
    return refusal;
  };

  const checkpoints = createCheckpoints({ ...params.checkpoints, db, path, onFailed: refuse });

  const writeOut = (current: Batch): void => {
    if (!isEmpty(current)) {
      db.transaction(() => {
        params.write(current);
        // The files must not be less safe than the rows that point at them.
        if (durability === 'full') syncFiles();
      });
      dirty = true;
      onWritten(current);
      checkpoints.committed();
    }
    if (current.sync && dirty) syncFiles();
  };

  const room = async (): Promise<void> => {
    for (let wait = checkpoints.crowded(); wait; wait = checkpoints.crowded()) await wait;
  };

  return {
    gather,
    count: (current) => {
      current.commits += 1;
      if (current.commits >= MOST_COMMITS && !checkpoints.catchingUp()) write();
    },
    settled: async () => {
      if (refusal) throw refusal;
      if (batch) await batch.written.promise;
      else if (unsafe) await unsafe;
    },
    isGathering: () => batch !== undefined,
    check: () => {
      if (refusal) throw refusal;
    },
    refuse,
    hasRoom: () => (checkpoints.crowded() ? room() : undefined),
    eventsPerTurn: () => (pace?.isHere ? EVENTS_TO_SYNC : undefined),
    close: async () => {
      if (refusal === CLOSED) return false;
      write();
      refusal = CLOSED;
      await unsafe?.catch(() => {});
      await checkpoints.close();
      await syncs.close();
      return true;
    },
    release: () => checkpoints.release(),
  };
}
