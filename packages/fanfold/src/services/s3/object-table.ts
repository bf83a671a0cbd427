/** The rows of the objects, and what goes with writing one; all of it within the transaction that is open. */
import type { Database } from '../../database/database.ts';
import { type Versioning, VERSIONING_SETTING } from '../../ports/buckets.ts';
import {
  type DeleteObjectResult,
  NULL_VERSION,
  type ObjectEventName,
  type ObjectInfo,
  type ObjectRef,
} from '../../ports/objects.ts';
import type { BucketSettings } from './bucket-settings.ts';
import {
  entityTagDiffers,
  isDeleteMarker,
  noSuchBucket,
  noSuchKey,
  noSuchVersion,
  preconditionFailed,
} from './object-error.ts';
import type { EventLog } from './object-events.ts';
import { checkAskedBucket, checkKey } from './object-name.ts';
import { infoOf, type ObjectRow } from './object-row.ts';
import type { Reaper } from './reaper.ts';
import { nextSequencer } from './sequencer.ts';
import { checkVersionId, newVersionId } from './version-id.ts';
import type { VersionTable } from './version-table.ts';

export interface ObjectTableParams {
  readonly db: Database;
  readonly events: EventLog;
  readonly reaper: Reaper;
  readonly settings: BucketSettings;
  readonly versions: VersionTable;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What must hold of the object that is to be replaced. */
export interface Conditions {
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
}

export interface WriteOptions {
  /** The state machine whose execution writes it. */
  readonly writer?: string;
  /** When it was written first, milliseconds. @defaultValue now */
  readonly modified?: number;
}

export interface ObjectTable {
  /** Undefined for a bucket that never kept versions. */
  versioningOf(bucket: string): Versioning | undefined;
  /** What is current. */
  find(ref: ObjectRef): ObjectRow | undefined;
  /** @throws ServiceError NoSuchVersion, MethodNotAllowed for a delete marker, InvalidArgument */
  findVersion(ref: ObjectRef, versionId: string): ObjectRow;
  /** Writes a new version under the row's name, with its event if it has one. */
  put(
    row: Omit<ObjectRow, 'modified' | 'sequencer' | 'version'>,
    event: ObjectEventName | undefined,
    options?: WriteOptions,
  ): ObjectInfo;
  /** Takes away what is current; where versions are kept, it stays below a delete marker. */
  remove(ref: ObjectRef): DeleteObjectResult;
  /** Removes a version for good. `ifSequencer`: if it was written so. @throws ServiceError InvalidArgument */
  removeVersion(ref: ObjectRef, versionId: string, ifSequencer?: string): DeleteObjectResult;
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
  INSERT INTO objects
    (bucket, key, content, size, etag, modified, sequencer, content_type, metadata, details, encryption, version)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REMOVE = 'DELETE FROM objects WHERE bucket = ? AND key = ?';
const LET_GO = `
  INSERT OR IGNORE INTO deletions (content)
  SELECT :content
  WHERE NOT EXISTS (SELECT 1 FROM objects WHERE content = :content)
    AND NOT EXISTS (SELECT 1 FROM versions WHERE content = :content)`;

export function createObjectTable(params: ObjectTableParams): ObjectTable {
  const { db, events, reaper, settings, versions, now } = params;

  const versioningOf = (bucket: string): Versioning | undefined =>
    settings.get(bucket, VERSIONING_SETTING) as Versioning | undefined;

  const find = (ref: ObjectRef): ObjectRow | undefined => {
    const row = db.prepare(FIND).get(ref.bucket, ref.key) as ObjectRow | undefined;
    return row && row.version === null && versioningOf(row.bucket) ? { ...row, version: NULL_VERSION } : row;
  };
  const letGo = (content: string): void => {
    db.prepare(LET_GO).run({ content });
    reaper.wake();
  };
  const checkBucket = (bucket: string): void => {
    checkAskedBucket(bucket);
    if (!db.prepare(BUCKET).get(bucket)) throw noSuchBucket(bucket);
  };
  const removeCurrent = ({ bucket, key }: ObjectRef): void => {
    db.prepare(REMOVE).run(bucket, key);
  };

  /** Makes room for what comes above. @returns the contents that were taken away for good, to be let go when that is there */
  const makeRoom = (ref: ObjectRef, at: number): readonly string[] => {
    const mode = versioningOf(ref.bucket);
    const current = find(ref);
    if (current && (mode === undefined || (mode === 'Suspended' && current.version === NULL_VERSION))) {
      removeCurrent(ref);
      return [current.content];
    }
    if (mode === undefined) return [];
    if (current) versions.keep(ref, at);
    else versions.cover(ref, at);
    if (mode === 'Enabled') return [];
    const replaced = versions.find(ref, NULL_VERSION);
    if (!replaced) return [];
    versions.remove(replaced);
    return replaced.content === null ? [] : [replaced.content];
  };

  const removeVersion = (ref: ObjectRef, versionId: string, ifSequencer?: string): DeleteObjectResult => {
    checkVersionId(versionId);
    const current = find(ref);
    const isCurrent = current && (current.version ?? NULL_VERSION) === versionId;
    const row = isCurrent ? current : versions.find(ref, versionId);
    if (!row || (ifSequencer ?? row.sequencer) !== row.sequencer) return { versionId };
    if ('since' in row) versions.remove(row);
    else removeCurrent(ref);
    if (!('since' in row) || row.since === null) versions.uncover(ref);
    if (row.content === null) return { versionId, isDeleteMarker: true };
    letGo(row.content);
    return { versionId };
  };

  return {
    versioningOf,
    find,
    findVersion: (ref, versionId) => {
      checkVersionId(versionId);
      const current = find(ref);
      if (current && (current.version ?? NULL_VERSION) === versionId) return current;
      const kept = versions.find(ref, versionId);
      if (!kept) throw noSuchVersion(ref, versionId);
      const { content } = kept;
      if (content === null) throw isDeleteMarker(ref, versionId);
      return { ...kept, content };
    },
    letGo,
    put: (row, event, { writer, modified } = {}) => {
      const { bucket, key, content, size, etag, content_type, metadata, details, encryption } = row;
      const at = now();
      const written = modified ?? at;
      const gone = makeRoom(row, at);
      const sequencer = nextSequencer(db, at);
      const mode = versioningOf(bucket);
      const version = mode === 'Enabled' ? newVersionId(sequencer) : null;
      db.prepare(ADD).run(
        bucket,
        key,
        content,
        size,
        etag,
        written,
        sequencer,
        content_type,
        metadata,
        details,
        encryption,
        version,
      );
      // After the new one is there: they may share their content.
      gone.forEach(letGo);
      const info = infoOf({
        ...row,
        modified: written,
        sequencer,
        version: mode === undefined ? null : (version ?? NULL_VERSION),
      });
      if (event) events.add(event, at, info, writer);
      return info;
    },
    remove: (ref) => {
      const at = now();
      const mode = versioningOf(ref.bucket);
      const gone = makeRoom(ref, at);
      if (mode === undefined) {
        gone.forEach(letGo);
        return {};
      }
      const sequencer = nextSequencer(db, at);
      const version = mode === 'Enabled' ? newVersionId(sequencer) : NULL_VERSION;
      versions.mark(ref, { version, sequencer, at });
      gone.forEach(letGo);
      return { versionId: version, isDeleteMarker: true };
    },
    removeVersion,
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
