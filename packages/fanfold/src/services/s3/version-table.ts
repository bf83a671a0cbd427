/**
 * What the buckets that keep versions have kept, below what is current; all of it within the transaction that is open.
 *
 * Of each key: while `objects` has a row, that is the latest, and every row here has a `since`. While it has none, there is
 * nothing here either, or the newest row is a delete marker and the only one without a `since`.
 */
import type { Database } from '../../database/database.ts';
import { NULL_VERSION, type ObjectRef } from '../../ports/objects.ts';
import type { ObjectRow } from './object-row.ts';

export interface VersionRow extends Omit<ObjectRow, 'content' | 'version'> {
  readonly id: number;
  readonly version: string;
  /** Null for a delete marker. */
  readonly content: string | null;
  /** Milliseconds; null for the latest. */
  readonly since: number | null;
}

export interface VersionTable {
  find(ref: ObjectRef, version: string): VersionRow | undefined;
  newest(ref: ObjectRef): VersionRow | undefined;
  /** By the number of its write. */
  written(ref: ObjectRef, sequencer: string): VersionRow | undefined;
  /** Keeps what is current, if anything is: it is in `objects` no more. */
  keep(ref: ObjectRef, at: number): void;
  /** The marker that was the latest is so no more. */
  cover(ref: ObjectRef, at: number): void;
  mark(ref: ObjectRef, marker: { readonly version: string; readonly sequencer: string; readonly at: number }): void;
  remove(row: VersionRow): void;
  /** Makes the newest the latest again, after what was above it is gone. */
  uncover(ref: ObjectRef): void;
}

const COLUMNS = 'bucket, key, content, size, etag, modified, sequencer, content_type, metadata, details, encryption';
const FIND = 'SELECT * FROM versions WHERE bucket = ? AND key = ? AND version = ?';
const NEWEST = 'SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY sequencer DESC LIMIT 1';
const WRITTEN = 'SELECT * FROM versions WHERE bucket = ? AND key = ? AND sequencer = ?';
const KEEP = `
  INSERT INTO versions (${COLUMNS}, version, since)
  SELECT ${COLUMNS}, coalesce(version, '${NULL_VERSION}'), ? FROM objects WHERE bucket = ? AND key = ?`;
const KEPT = 'DELETE FROM objects WHERE bucket = ? AND key = ?';
const COVER = 'UPDATE versions SET since = ? WHERE id = ? AND since IS NULL';
const MARK = `
  INSERT INTO versions (bucket, key, version, sequencer, modified, size, etag, content_type, metadata, details)
  VALUES (?, ?, ?, ?, ?, 0, '', '', '{}', '{}')`;
const REMOVE = 'DELETE FROM versions WHERE id = ?';
const RESTORE = `
  INSERT INTO objects (${COLUMNS}, version)
  SELECT ${COLUMNS}, nullif(version, '${NULL_VERSION}') FROM versions WHERE id = ?`;
const LATEST = 'UPDATE versions SET since = NULL WHERE id = ?';

export function createVersionTable(db: Database): VersionTable {
  const row = (sql: string, { bucket, key }: ObjectRef, ...more: readonly string[]): VersionRow | undefined =>
    db.prepare(sql).get(bucket, key, ...more) as VersionRow | undefined;
  const newest = (ref: ObjectRef): VersionRow | undefined => row(NEWEST, ref);
  const remove = ({ id }: VersionRow): void => db.run(REMOVE, id);
  return {
    find: (ref, version) => row(FIND, ref, version),
    newest,
    written: (ref, sequencer) => row(WRITTEN, ref, sequencer),
    keep: ({ bucket, key }, at) => {
      db.run(KEEP, at, bucket, key);
      db.run(KEPT, bucket, key);
    },
    cover: (ref, at) => {
      const latest = newest(ref);
      if (latest) db.run(COVER, at, latest.id);
    },
    mark: ({ bucket, key }, { version, sequencer, at }) => db.run(MARK, bucket, key, version, sequencer, at),
    remove,
    uncover: (ref) => {
      const latest = newest(ref);
      if (!latest) return;
      if (latest.content === null) return db.run(LATEST, latest.id);
      db.run(RESTORE, latest.id);
      remove(latest);
    },
  };
}
