/** The rows of the objects, and what goes with writing one; all of it within the transaction that is open. */
import type { Database } from '../../database/database.ts';
import type { ObjectEventName, ObjectInfo, ObjectRef } from '../../ports/objects.ts';
import { entityTagDiffers, noSuchBucket, noSuchKey, preconditionFailed } from './object-error.ts';
import type { EventLog } from './object-events.ts';
import { checkAskedBucket, checkKey } from './object-name.ts';
import { infoOf, type ObjectRow } from './object-row.ts';
import type { Reaper } from './reaper.ts';
import { nextSequencer } from './sequencer.ts';

export interface ObjectTableParams {
  readonly db: Database;
  readonly events: EventLog;
  readonly reaper: Reaper;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What must hold of the object that is to be replaced. */
export interface Conditions {
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
}

export interface ObjectTable {
  find(ref: ObjectRef): ObjectRow | undefined;
  /** Writes a new version under the row's name, with its event if it has one. */
  put(
    row: Omit<ObjectRow, 'modified' | 'sequencer'>,
    event: ObjectEventName | undefined,
    /** The state machine whose execution writes it. */
    writer?: string,
  ): ObjectInfo;
  remove(row: ObjectRow): void;
  /** Queues a content for removal, if no object has it. */
  letGo(content: string): void;
  nextSequencer(): string;
  /** @throws ServiceError PreconditionFailed, NoSuchKey */
  checkConditions(ref: ObjectRef, conditions: Conditions): void;
  /** @throws ServiceError InvalidBucketName, NoSuchBucket */
  checkBucket(bucket: string): void;
  /** @throws ServiceError as checkBucket, and for what is no key */
  checkRef(ref: ObjectRef): void;
}

const BUCKET = 'SELECT 1 FROM buckets WHERE name = ?';
const FIND = 'SELECT * FROM objects WHERE bucket = ? AND key = ?';
const ADD = `
  INSERT INTO objects (bucket, key, content, size, etag, modified, sequencer, content_type, metadata, details, encryption)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REMOVE = 'DELETE FROM objects WHERE bucket = ? AND key = ?';
const LET_GO = `
  INSERT OR IGNORE INTO deletions (content)
  SELECT :content WHERE NOT EXISTS (SELECT 1 FROM objects WHERE content = :content)`;

export function createObjectTable({ db, events, reaper, now }: ObjectTableParams): ObjectTable {
  const find = (ref: ObjectRef): ObjectRow | undefined =>
    db.prepare(FIND).get(ref.bucket, ref.key) as ObjectRow | undefined;
  const letGo = (content: string): void => {
    db.prepare(LET_GO).run({ content });
    reaper.wake();
  };
  const checkBucket = (bucket: string): void => {
    checkAskedBucket(bucket);
    if (!db.prepare(BUCKET).get(bucket)) throw noSuchBucket(bucket);
  };
  return {
    find,
    letGo,
    put: (row, event, writer) => {
      const { bucket, key, content, size, etag, content_type, metadata, details, encryption } = row;
      const at = now();
      const replaced = find(row);
      if (replaced) db.prepare(REMOVE).run(bucket, key);
      const sequencer = nextSequencer(db, at);
      db.prepare(ADD).run(bucket, key, content, size, etag, at, sequencer, content_type, metadata, details, encryption);
      // After the new one is there: they may share their content.
      if (replaced) letGo(replaced.content);
      const info = infoOf({ ...row, modified: at, sequencer });
      if (event) events.add(event, at, info, writer);
      return info;
    },
    remove: (row) => {
      db.prepare(REMOVE).run(row.bucket, row.key);
      letGo(row.content);
    },
    nextSequencer: () => nextSequencer(db, now()),
    checkConditions: (ref, { ifAbsent, ifMatch }) => {
      if (!ifAbsent && ifMatch === undefined) return;
      const there = find(ref);
      if (there && ifAbsent) throw preconditionFailed(ref);
      if (ifMatch === undefined) return;
      if (!there) throw noSuchKey(ref);
      if (there.etag !== ifMatch) throw entityTagDiffers(ref, there.etag);
    },
    checkBucket,
    checkRef: ({ bucket, key }) => {
      checkBucket(bucket);
      checkKey(key);
    },
  };
}
