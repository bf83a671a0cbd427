/** The index of the buckets in `objects.db`. */
import type { Database } from '../../database/database.ts';
import type { CopyObjectParams, ObjectDetails, ObjectInfo, ObjectRef, ObjectVersionRef } from '../../ports/objects.ts';
import type { ContentFiles } from './content-files.ts';
import type { Encryption } from './encryption.ts';
import type { Intents } from './intents.ts';
import { copyToItself, ingestedBefore, noSuchKey, versionReplaced } from './object-error.ts';
import type { EventLog } from './object-events.ts';
import type { LocatedObject, MoveParams, ObjectIndex, PublishParams, TransferParams } from './object-index.ts';
import { checkDescription, checkTags } from './object-name.ts';
import { infoOf, type ObjectRow } from './object-row.ts';
import type { ObjectTable } from './object-table.ts';
import { listPage, listVersionsPage } from './object-pages.ts';
import type { VersionTable } from './version-table.ts';

export interface SqliteIndexParams {
  readonly db: Database;
  readonly table: ObjectTable;
  readonly versions: VersionTable;
  readonly intents: Intents;
  readonly files: ContentFiles;
  readonly events: EventLog;
  readonly encryption: Encryption;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const RENAME = 'UPDATE objects SET bucket = ?, key = ?, sequencer = ? WHERE bucket = ? AND key = ?';
const DESCRIBE = 'UPDATE objects SET details = ? WHERE bucket = ? AND key = ? AND sequencer = ?';
const DESCRIBE_KEPT = 'UPDATE versions SET details = ? WHERE bucket = ? AND key = ? AND sequencer = ?';
const INGESTED = 'SELECT 1 FROM ingested WHERE source = ?';
const INGEST = 'INSERT INTO ingested (source, bucket, key, at) VALUES (?, ?, ?, ?)';
const FORGET = 'DELETE FROM ingested WHERE source = ?';

export function createSqliteIndex(params: SqliteIndexParams): ObjectIndex {
  const { db, table, versions, intents, files, events, encryption, now } = params;

  const isIngested = (source: string): boolean => db.prepare(INGESTED).get(source) !== undefined;

  const publish = (p: PublishParams): ObjectInfo => {
    const intent = intents.find(p.id, p);
    table.checkConditions(p, p);
    if (p.source !== undefined && isIngested(p.source)) throw ingestedBefore(p.source);
    const info = table.put(
      {
        bucket: p.bucket,
        key: p.key,
        content: p.id,
        size: p.size,
        etag: p.eTag,
        content_type: p.contentType,
        metadata: JSON.stringify(p.metadata),
        details: JSON.stringify(p.details),
        encryption: intent.encryption,
      },
      p.event ?? 'ObjectCreated:Put',
      p,
    );
    if (p.source !== undefined) db.prepare(INGEST).run(p.source, p.bucket, p.key, now());
    intents.end(p.id);
    return info;
  };

  const rowOf = ({ versionId, ...ref }: ObjectVersionRef): ObjectRow | undefined => {
    table.checkRef(ref);
    return versionId === undefined ? table.find(ref) : table.findVersion(ref, versionId);
  };

  /** The object to copy or to move, nothing being in its way. */
  const sourceOf = ({ from, to, ifAbsent = false, ifSequencer }: TransferParams): ObjectRow => {
    const source = rowOf(from);
    table.checkRef(to);
    if (!source) throw noSuchKey(from);
    if (ifSequencer !== undefined && ifSequencer !== source.sequencer) throw versionReplaced(from);
    table.checkConditions(to, { ifAbsent });
    return source;
  };

  const copy = (p: CopyObjectParams): ObjectInfo | undefined => {
    const source = sourceOf(p);
    const { description, to } = p;
    const wanted = encryption.choose(to.bucket, p.encryption);
    if (wanted !== null && source.encryption === null) return undefined;
    // What was replaced may be copied over what has replaced it.
    if (sameObject(p.from, to) && !description && table.find(to)?.sequencer === source.sequencer) throw copyToItself();
    // Shares the content of its source, which is never changed.
    return table.put(
      {
        ...source,
        ...to,
        ...(description && {
          content_type: description.contentType,
          metadata: JSON.stringify(description.metadata),
          details: JSON.stringify(description.details),
        }),
      },
      'ObjectCreated:Copy',
      p,
    );
  };

  const move = (p: MoveParams): ObjectInfo => {
    const source = sourceOf(p);
    const { from, to } = p;
    if (sameObject(from, to)) return infoOf(source);
    if (table.versioningOf(from.bucket) || table.versioningOf(to.bucket)) {
      const info = table.put({ ...source, ...to }, undefined, { modified: source.modified });
      table.remove(from);
      return info;
    }
    const replaced = table.find(to);
    if (replaced) table.remove(replaced);
    const sequencer = table.nextSequencer();
    db.prepare(RENAME).run(to.bucket, to.key, sequencer, from.bucket, from.key);
    return infoOf({ ...source, ...to, sequencer });
  };

  /** One transaction; whoever listens is told after it. */
  const commit = <T>(work: () => T): T => {
    const result = db.transaction(work);
    events.announce();
    return result;
  };

  return {
    begin: async (p) => intents.begin(p),
    publish: async (p) => {
      table.checkRef(p);
      checkDescription(p);
      return commit(() => publish(p));
    },
    abandon: async (id) => intents.abandon(id),
    find: async (ref): Promise<LocatedObject | undefined> => {
      const row = rowOf(ref);
      if (!row) return undefined;
      const own = encryption.keyOf(row);
      return { info: infoOf(row), path: files.path(row.content), ...(own && { key: own }) };
    },
    list: async (p) => {
      table.checkBucket(p.bucket);
      return listPage(db, p, table.versioningOf(p.bucket) !== undefined);
    },
    listVersions: async (p) => {
      table.checkBucket(p.bucket);
      return listVersionsPage(db, { table, versions }, p);
    },
    copy: async (p) => {
      if (p.description) checkDescription(p.description);
      return commit(() => copy(p));
    },
    move: async (p) => db.transaction(() => move(p)),
    remove: async (p) => {
      table.checkRef(p);
      return db.transaction(() => {
        if (p.ifMatch !== undefined) table.checkConditions(p, { ifMatch: p.ifMatch });
        if (p.versionId !== undefined) return table.removeVersion(p, p.versionId, p.ifSequencer);
        if (p.ifSequencer !== undefined && table.find(p)?.sequencer !== p.ifSequencer) return {};
        return table.remove(p);
      });
    },
    tag: async (p) => {
      checkTags(p.tags);
      const row = rowOf(p);
      if (!row) throw noSuchKey(p);
      const { tags: _, ...details } = JSON.parse(row.details) as ObjectDetails;
      const tagged = JSON.stringify(Object.keys(p.tags).length === 0 ? details : { ...details, tags: p.tags });
      db.transaction(() => {
        for (const sql of table.versioningOf(p.bucket) ? [DESCRIBE, DESCRIBE_KEPT] : [DESCRIBE])
          db.prepare(sql).run(tagged, p.bucket, p.key, row.sequencer);
      });
    },
    ingested: async (source) => isIngested(source),
    forgetIngested: async (source) => {
      db.prepare(FORGET).run(source);
    },
  };
}

function sameObject(a: ObjectRef, b: ObjectRef): boolean {
  return a.bucket === b.bucket && a.key === b.key;
}
