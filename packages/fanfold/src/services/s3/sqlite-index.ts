/** The index of the buckets in `objects.db`. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { ListObjectsParams, ListObjectsResult, ObjectInfo, ObjectRef } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { ContentFiles } from './content-files.ts';
import {
  copyToItself,
  ingestedBefore,
  noSuchBucket,
  noSuchKey,
  preconditionFailed,
  versionReplaced,
} from './object-error.ts';
import type { EventLog } from './object-events.ts';
import type { LocatedObject, MoveParams, ObjectIndex, PublishParams, TransferParams } from './object-index.ts';
import { checkBucketName, checkDescription, checkKey } from './object-name.ts';
import { infoOf, type ObjectRow } from './object-row.ts';
import type { Reaper } from './reaper.ts';
import { nextSequencer } from './sequencer.ts';

export interface SqliteIndexParams {
  readonly db: Database;
  readonly files: ContentFiles;
  readonly events: EventLog;
  readonly reaper: Reaper;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const LONGEST_PAGE = 1000;

const BUCKET = 'SELECT 1 FROM buckets WHERE name = ?';
const BEGIN = 'INSERT INTO intents (content, bucket, key) VALUES (?, ?, ?)';
const INTENT = 'SELECT bucket, key FROM intents WHERE content = ?';
const END = 'DELETE FROM intents WHERE content = ?';
const FIND = 'SELECT * FROM objects WHERE bucket = ? AND key = ?';
const LIST = 'SELECT * FROM objects WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key LIMIT ?';
const ADD = `
  INSERT INTO objects (bucket, key, content, size, etag, modified, sequencer, content_type, metadata)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REMOVE = 'DELETE FROM objects WHERE bucket = ? AND key = ?';
const RENAME = 'UPDATE objects SET bucket = ?, key = ?, sequencer = ? WHERE bucket = ? AND key = ?';
const LET_GO = `
  INSERT INTO deletions (content)
  SELECT :content WHERE NOT EXISTS (SELECT 1 FROM objects WHERE content = :content)`;
const INGESTED = 'SELECT 1 FROM ingested WHERE source = ?';
const INGEST = 'INSERT INTO ingested (source, bucket, key, at) VALUES (?, ?, ?, ?)';
const FORGET = 'DELETE FROM ingested WHERE source = ?';

export function createSqliteIndex(params: SqliteIndexParams): ObjectIndex {
  const { db, files, events, reaper, now } = params;

  const rowOf = (ref: ObjectRef): ObjectRow | undefined =>
    db.prepare(FIND).get(ref.bucket, ref.key) as ObjectRow | undefined;

  const add = (row: ObjectRow): ObjectInfo => {
    const { bucket, key, content, size, etag, modified, sequencer, content_type, metadata } = row;
    db.prepare(ADD).run(bucket, key, content, size, etag, modified, sequencer, content_type, metadata);
    return infoOf(row);
  };

  /** Takes an object away; its content goes with the last object that has it. */
  const drop = (row: ObjectRow): void => {
    db.prepare(REMOVE).run(row.bucket, row.key);
    db.prepare(LET_GO).run({ content: row.content });
    reaper.wake();
  };

  const isIngested = (source: string): boolean => db.prepare(INGESTED).get(source) !== undefined;

  const publish = (p: PublishParams): ObjectInfo => {
    const intent = db.prepare(INTENT).get(p.id) as ObjectRef | undefined;
    if (intent?.bucket !== p.bucket || intent.key !== p.key)
      throw new Error(`No write ${p.id} of the object ${p.key} in the bucket ${p.bucket} was begun.`);
    const replaced = rowOf(p);
    if (replaced && p.ifAbsent) throw preconditionFailed(p);
    if (p.source !== undefined && isIngested(p.source)) throw ingestedBefore(p.source);

    const at = now();
    if (replaced) drop(replaced);
    const info = add({
      bucket: p.bucket,
      key: p.key,
      content: p.id,
      size: p.size,
      etag: p.eTag,
      modified: at,
      sequencer: nextSequencer(db, at),
      content_type: p.contentType,
      metadata: JSON.stringify(p.metadata),
    });
    events.add('ObjectCreated:Put', at, info);
    if (p.source !== undefined) db.prepare(INGEST).run(p.source, p.bucket, p.key, at);
    db.prepare(END).run(p.id);
    return info;
  };

  /** What copy and move have in common: the object to take, and the one in its way. */
  const parties = ({ from, to, ifAbsent }: TransferParams): { source: ObjectRow; replaced: ObjectRow | undefined } => {
    checkRef(from);
    checkRef(to);
    const source = rowOf(from);
    if (!source) throw noSuchKey(from);
    const replaced = rowOf(to);
    if (replaced && ifAbsent) throw preconditionFailed(to);
    return { source, replaced };
  };

  const copy = (p: TransferParams): ObjectInfo => {
    const { source, replaced } = parties(p);
    if (sameObject(p.from, p.to)) throw copyToItself();
    const at = now();
    if (replaced) drop(replaced);
    // Shares the content of its source, which is never changed.
    const info = add({ ...source, bucket: p.to.bucket, key: p.to.key, modified: at, sequencer: nextSequencer(db, at) });
    events.add('ObjectCreated:Copy', at, info);
    return info;
  };

  const move = (p: MoveParams): ObjectInfo => {
    const { source, replaced } = parties(p);
    if (p.ifSequencer !== undefined && p.ifSequencer !== source.sequencer) throw versionReplaced(p.from);
    if (sameObject(p.from, p.to)) return infoOf(source);
    if (replaced) drop(replaced);
    const sequencer = nextSequencer(db, now());
    db.prepare(RENAME).run(p.to.bucket, p.to.key, sequencer, p.from.bucket, p.from.key);
    return infoOf({ ...source, bucket: p.to.bucket, key: p.to.key, sequencer });
  };

  const checkBucket = (bucket: string): void => {
    checkBucketName(bucket);
    if (!db.prepare(BUCKET).get(bucket)) throw noSuchBucket(bucket);
  };
  const checkRef = (ref: ObjectRef): void => {
    checkBucket(ref.bucket);
    checkKey(ref.key);
  };

  /** One transaction; whoever listens is told after it. */
  const commit = <T>(work: () => T): T => {
    const result = db.transaction(work);
    events.announce();
    return result;
  };

  return {
    begin: async (ref) => {
      checkRef(ref);
      const id = randomBytes(16).toString('hex');
      db.prepare(BEGIN).run(id, ref.bucket, ref.key);
      return { id, temp: files.temp(id), path: files.path(id) };
    },
    publish: async (p) => {
      checkRef(p);
      checkDescription(p.contentType, p.metadata);
      return commit(() => publish(p));
    },
    abandon: async (id) => {
      if (!db.prepare(INTENT).get(id)) return;
      // Files first, so that a full disk has room for the row; all in one turn, so that no publish gets in between.
      files.removeSync(id);
      db.prepare(END).run(id);
    },
    find: async (ref): Promise<LocatedObject | undefined> => {
      checkRef(ref);
      const row = rowOf(ref);
      return row && { info: infoOf(row), path: files.path(row.content) };
    },
    list: async (p) => {
      checkBucket(p.bucket);
      return list(db, p);
    },
    copy: async (p) => commit(() => copy(p)),
    move: async (p) => db.transaction(() => move(p)),
    remove: async (ref) => {
      checkRef(ref);
      db.transaction(() => {
        const row = rowOf(ref);
        if (row) drop(row);
      });
    },
    ingested: async (source) => isIngested(source),
    forgetIngested: async (source) => {
      db.prepare(FORGET).run(source);
    },
  };
}

/** One page. One more than asked for is read, to know whether there is a next page. */
function list(
  db: Database,
  { bucket, prefix = '', after = '', limit = LONGEST_PAGE }: ListObjectsParams,
): ListObjectsResult {
  if (!Number.isInteger(limit) || limit < 0)
    throw new ServiceError('InvalidArgument', `The limit of a list is a whole number from 0 on, not ${limit}.`);
  const length = Math.min(limit, LONGEST_PAGE);
  const rows = db.prepare(LIST).all(bucket, prefix, after, length + 1) as unknown as ObjectRow[];
  // Keys with the prefix lie together, from the prefix itself on.
  const end = rows.findIndex((row) => !row.key.startsWith(prefix));
  const found = end < 0 ? rows : rows.slice(0, end);
  const objects = found.slice(0, length).map(infoOf);
  const last = objects.at(-1);
  return found.length > length && last ? { objects, next: last.key } : { objects };
}

function sameObject(a: ObjectRef, b: ObjectRef): boolean {
  return a.bucket === b.bucket && a.key === b.key;
}
