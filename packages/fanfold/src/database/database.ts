/**
 * SQLite, as far as Fanfold needs it: `node:sqlite` behind a small interface. One file, one writer, WAL.
 * The runtimes and the local services keep a file each, so that a load on one never holds up another.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { onDisk } from './disk-error.ts';

/** `normal` survives the death of the process, `full` a power cut too (an fsync for every commit). */
export type Durability = 'normal' | 'full';

export interface OpenDatabaseParams {
  /** The file; made when it is not there. */
  readonly path: string;
  /** @defaultValue normal */
  readonly durability?: Durability;
  /**
   * Who moves the write-ahead log into the database: commits by themselves, or somebody else (`checkpoints.ts`).
   * @defaultValue commits
   */
  readonly checkpoints?: 'commits' | 'elsewhere';
  /** Folder of numbered `.sql` files, each applied once, in order. */
  readonly migrations: URL;
}

export interface Database {
  /** Prepared once and kept: pass the same text for the same statement. */
  prepare(sql: string): StatementSync;
  /** Runs a statement, within a transaction or as its own. @throws DiskError */
  run(sql: string, ...params: SQLInputValue[]): void;
  /** Runs `work` as one transaction; what it throws undoes it. */
  transaction<T>(work: () => T): T;
  /** Resolves once everything committed so far survives a power cut, whatever the durability. */
  sync(): void;
  /** Gives back at most so many free pages to the file system. */
  shrink(pages: number): void;
  /** The write-ahead log, bytes: how long it is, and how much of it is not in the database yet. */
  log(): WriteAheadLog;
  close(): void;
}

export interface WriteAheadLog {
  readonly length: number;
  readonly waiting: number;
}

/** Of a page in the log: its header, and itself. */
const LOGGED_PAGE = 24 + 4096;
/** The file of a log that begins anew is cut to this, bytes: one that grows waits for the file system's journal. */
const LONGEST_EMPTY_LOG = 128 * 1024 * 1024;

/** The file is not one that this program can read. Names the file and the next move, and so is told without a stack. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** Older versions carry a bug that can corrupt a WAL database (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = [3, 51, 3] as const;

/**
 * @throws DiskError when the disk refuses, here and later; Error when the file cannot be opened, is newer than this
 * program, or SQLite is too old
 */
export function openDatabase(params: OpenDatabaseParams): Database {
  const db = connect(params.path);
  try {
    return onDisk(params.path, () => setUp(db, params));
  } catch (error) {
    db.close();
    throw error;
  }
}

function setUp(db: DatabaseSync, params: OpenDatabaseParams): Database {
  checkVersion(db);
  // Takes effect in a new file only; an older one keeps its free pages for itself.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const synchronous = params.durability === 'full' ? 'FULL' : 'NORMAL';
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec('PRAGMA foreign_keys = ON');
  if (params.checkpoints === 'elsewhere') db.exec('PRAGMA wal_autocheckpoint = 0');
  db.exec(`PRAGMA journal_size_limit = ${LONGEST_EMPTY_LOG}`);
  migrate(db, params);

  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const transact = <T>(work: () => T): T => {
    prepare('BEGIN IMMEDIATE').run();
    try {
      const result = work();
      prepare('COMMIT').run();
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
  const transaction = <T>(work: () => T): T => onDisk(params.path, () => transact(work));
  return {
    prepare,
    run: (sql, ...values) => void onDisk(params.path, () => prepare(sql).run(...values)),
    transaction,
    // A commit with synchronous = FULL syncs the whole WAL, the earlier commits in it included.
    sync: () => {
      if (synchronous === 'FULL') return;
      db.exec('PRAGMA synchronous = FULL');
      try {
        transaction(() => prepare('UPDATE synced SET times = times + 1').run());
      } finally {
        db.exec('PRAGMA synchronous = NORMAL');
      }
    },
    shrink: (pages) => db.exec(`PRAGMA incremental_vacuum(${Math.trunc(pages)})`),
    log: () => {
      const { log, checkpointed } = prepare('PRAGMA wal_checkpoint(NOOP)').get() as {
        log: number;
        checkpointed: number;
      };
      return { length: log * LOGGED_PAGE, waiting: (log - checkpointed) * LOGGED_PAGE };
    },
    close: () => db.close(),
  };
}

function connect(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw new Error(`Cannot open the database ${path}. Check that its folder is there and writable.`, { cause: error });
  }
}

function checkVersion(db: DatabaseSync): void {
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  const parts = version.split('.').map(Number);
  for (const [i, least] of OLDEST_SQLITE.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new Error(`This Node carries SQLite ${version}, which can damage its files. Use Node 24.21 or newer.`);
  }
}

/** Applies the migrations not yet applied. `PRAGMA user_version` holds the number of the last one. */
function migrate(db: DatabaseSync, { path, migrations }: OpenDatabaseParams): void {
  const folder = fileURLToPath(migrations);
  const files = readdirSync(folder)
    .filter((file) => /^\d+-.+\.sql$/.test(file))
    .sort();
  const { user_version: applied } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (applied > files.length)
    throw new FormatError(
      `${path} was written by a newer Fanfold (format ${applied}, known here: ${files.length}). Update Fanfold.`,
    );
  if (applied === files.length) return;
  db.exec('BEGIN IMMEDIATE');
  for (const file of files.slice(applied)) db.exec(readFileSync(join(folder, file), 'utf8'));
  db.exec('CREATE TABLE IF NOT EXISTS synced (times INTEGER NOT NULL)');
  db.exec('INSERT INTO synced (times) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM synced)');
  db.exec(`PRAGMA user_version = ${files.length}`);
  db.exec('COMMIT');
}
