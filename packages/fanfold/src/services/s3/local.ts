/** The buckets of one data directory: an index in `objects.db`, the bytes in `objects/`. Needs nothing but the disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyUnchanging } from '../../database/copy-unchanging.ts';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import type { Buckets } from '../../ports/buckets.ts';
import type { ObjectEvents, Objects } from '../../ports/objects.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { openContentFiles } from './content-files.ts';
import { createEventLog } from './object-events.ts';
import type { ObjectIndex } from './object-index.ts';
import { checkBucketName } from './object-name.ts';
import { createObjects } from './objects.ts';
import { createReaper } from './reaper.ts';
import { recover } from './recovery.ts';
import { createSqliteIndex } from './sqlite-index.ts';

export interface LocalObjectsParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** Made when they are not there. Buckets made earlier stay. */
  readonly buckets: readonly string[];
  /** Of the index; contents are always synced. @defaultValue normal */
  readonly durability?: Durability;
  /** Milliseconds since the epoch. @defaultValue the machine's clock */
  readonly now?: () => number;
}

export interface LocalObjects {
  readonly objects: Objects;
  readonly buckets: Buckets;
  readonly events: ObjectEvents;
  /** For those who run elsewhere and bring their own `createObjects`. */
  readonly index: ObjectIndex;
  /** The index and the contents, as of now. */
  snapshot(): Snapshot;
  /** Returns once everything acknowledged so far survives a power cut (I2). */
  sync(): void;
  /** Ends it; the caller has no request under way any more. */
  close(): Promise<void>;
}

/**
 * Opens the buckets and puts right what an earlier process left undone.
 * @throws ServiceError InvalidBucketName
 * @throws Error when the directory or its database cannot be opened
 */
export function openLocalObjects(params: LocalObjectsParams): LocalObjects {
  const { directory, buckets, durability = 'normal', now = Date.now } = params;
  for (const bucket of buckets) checkBucketName(bucket);
  mkdirSync(directory, { recursive: true });
  const files = openContentFiles(directory);
  const migrations = new URL('./migrations/', import.meta.url);
  const path = join(directory, 'objects.db');
  const db = openDatabase({ path, durability, migrations });
  try {
    recover(db, files);
    db.transaction(() => {
      for (const bucket of buckets) db.prepare('INSERT OR IGNORE INTO buckets (name) VALUES (?)').run(bucket);
    });
  } catch (error) {
    db.close();
    throw error;
  }

  const events = createEventLog(db);
  const reaper = createReaper(db, files);
  const index = createSqliteIndex({ db, files, events, reaper, now });
  return {
    objects: createObjects(index),
    buckets: {
      create: async (bucket) => {
        checkBucketName(bucket);
        db.transaction(() => db.prepare('INSERT OR IGNORE INTO buckets (name) VALUES (?)').run(bucket));
      },
      has: async (bucket) => db.prepare('SELECT 1 FROM buckets WHERE name = ?').get(bucket) !== undefined,
    },
    events,
    index,
    snapshot: () => {
      db.sync();
      const resume = reaper.hold();
      const found = freezeDatabase(path);
      return {
        copyInto: async (target) => {
          await found.copyTo(join(target, 'objects.db'));
          const copied = openContentFiles(target);
          for (const row of found.rows('SELECT DISTINCT content FROM objects')) {
            const { content } = row as { content: string };
            await copyUnchanging(files.path(content), copied.path(content));
          }
        },
        release: () => {
          found.release();
          resume();
        },
      };
    },
    sync: () => db.sync(),
    close: async () => {
      await reaper.close();
      db.sync();
      db.close();
    },
  };
}
