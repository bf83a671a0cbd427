/** Jobs on disk, so that what runs is known after the engine's death. */
import { join } from 'node:path';
import { type Database, openDatabase } from '../../database/database.ts';
import type { Job } from '../../ports/jobs.ts';
import type { ProcessIdentity } from '../processes.ts';

/** A job and what the runner alone knows of it. */
export interface JobRecord extends Job {
  readonly uniqueName?: string;
  readonly checkpoint: string;
  /** Starts of the program so far, those included that the engine's end took away. */
  readonly runs: number;
  /** Set while the program may run. */
  readonly process: RunningProcess | null;
  /** Who waits was told of the end. */
  readonly told: boolean;
}

export interface RunningProcess {
  /** Stands in the environment of the program and of all that it starts. */
  readonly mark: string;
  /** Absent between the decision to start it and its start. */
  readonly identity?: ProcessIdentity;
  /** The container's name, where it runs in one. */
  readonly container?: string;
}

export interface JobTable {
  get(id: string): JobRecord | undefined;
  named(uniqueName: string): JobRecord | undefined;
  put(record: JobRecord, removeAt: number | null): void;
  /** Those that have not ended, or whose end was not told, in the order in which they came. */
  open(): readonly JobRecord[];
  dueForRemoval(now: number): readonly JobRecord[];
  remove(id: string): void;
  close(): void;
}

/** In the data directory. */
export const JOBS_FILE = 'jobs.db';

export function openJobTable(directory: string): JobTable {
  const db: Database = openDatabase({
    path: join(directory, JOBS_FILE),
    migrations: new URL('migrations/', import.meta.url),
  });
  const records = (sql: string, ...params: (string | number)[]): JobRecord[] =>
    db
      .prepare(sql)
      .all(...params)
      .map((row) => JSON.parse(String(row['body'])) as JobRecord);
  return {
    get: (id) => records('SELECT body FROM jobs WHERE id = ?', id)[0],
    named: (name) => records('SELECT body FROM jobs WHERE unique_name = ?', name)[0],
    put: (record, removeAt) =>
      db.transaction(() => {
        const open = record.stoppedAt === null || !record.told ? 1 : 0;
        db.prepare(
          `INSERT INTO jobs (id, unique_name, open, remove_at, body) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET open = excluded.open, remove_at = excluded.remove_at, body = excluded.body`,
        ).run(record.id, record.uniqueName ?? null, open, removeAt, JSON.stringify(record));
      }),
    open: () => records('SELECT body FROM jobs WHERE open = 1 ORDER BY rowid'),
    dueForRemoval: (now) => records('SELECT body FROM jobs WHERE remove_at <= ? LIMIT 100', now),
    remove: (id) => void db.transaction(() => db.prepare('DELETE FROM jobs WHERE id = ?').run(id)),
    close: () => db.close(),
  };
}
