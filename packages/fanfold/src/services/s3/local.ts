/** The buckets of one data directory: an index in `objects.db`, the bytes in `objects/`. Needs nothing but the disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyUnchanging } from '../../database/copy-unchanging.ts';
import { type Durability, openDatabase } from '../../database/database.ts';
import { freezeDatabase } from '../../database/frozen.ts';
import { NOTIFICATION_SETTING, type NotificationRule } from '../../ports/bucket-notifications.ts';
import type { Json } from '../../json.ts';
import { type Buckets, POLICY_SETTING } from '../../ports/buckets.ts';
import type { ObjectEvents, Objects } from '../../ports/objects.ts';
import type { Uploads } from '../../ports/uploads.ts';
import type { Snapshot } from '../../ports/snapshot.ts';
import { openContentFiles } from './content-files.ts';
import { createBucketSettings } from './bucket-settings.ts';
import { addBucket, createBuckets } from './buckets.ts';
import { createEncryption, type EncryptionSettings } from './encryption.ts';
import { createIntents } from './intents.ts';
import { createEventLog } from './object-events.ts';
import type { ObjectIndex } from './object-index.ts';
import { checkBucketName } from './object-name.ts';
import { createObjectTable } from './object-table.ts';
import { createObjects } from './objects.ts';
import { createReaper } from './reaper.ts';
import { recover } from './recovery.ts';
import { createSqliteIndex } from './sqlite-index.ts';
import { createUploads } from './uploads.ts';
import { createVersionTable } from './version-table.ts';

const CONTENTS = `
  SELECT content FROM objects
  UNION SELECT content FROM versions WHERE content IS NOT NULL
  UNION SELECT content FROM parts`;

export interface LocalObjectsParams {
  /** The data directory; made when it is not there. Nobody else may have it open (I7). */
  readonly directory: string;
  /** Made when they are not there. Buckets made earlier stay. */
  readonly buckets: readonly string[];
  /** What is set for buckets, by their names and those of the settings. @defaultValue as it was set before */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** Of the index; contents are always synced. @defaultValue normal */
  readonly durability?: Durability;
  /** @defaultValue nothing is encrypted, and asking for it is refused */
  readonly encryption?: EncryptionSettings;
  /** Milliseconds since the epoch. @defaultValue the machine's clock */
  readonly now?: () => number;
}

export interface LocalObjects {
  readonly objects: Objects;
  readonly buckets: Buckets;
  readonly uploads: Uploads;
  readonly events: ObjectEvents;
  /** Who is told of the new objects of a bucket. */
  notificationRules(bucket: string): readonly NotificationRule[];
  /** The bucket's policy as it was set; the same value until it is set anew. */
  policy(bucket: string): Json | undefined;
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
  const settings = createBucketSettings(db);
  try {
    recover(db, files);
    db.transaction(() => {
      for (const bucket of buckets) addBucket(db, bucket, now());
    });
    for (const [bucket, own] of Object.entries(params.settings ?? {}))
      for (const [name, value] of Object.entries(own)) settings.set(bucket, name, value);
  } catch (error) {
    db.close();
    throw error;
  }

  const events = createEventLog(db, now);
  const reaper = createReaper(db, files);
  const encryption = createEncryption(params.encryption);
  const versions = createVersionTable(db);
  const table = createObjectTable({ db, events, reaper, settings, versions, now });
  const intents = createIntents(db, { table, files, encryption });
  const stored = { db, table, versions, intents, files, events, encryption, now };
  const index = createSqliteIndex(stored);
  const uploads = createUploads(stored);
  return {
    objects: createObjects(index),
    buckets: createBuckets({ db, table, settings, now, uploads }),
    uploads,
    events,
    notificationRules: (bucket) =>
      (settings.get(bucket, NOTIFICATION_SETTING) ?? []) as unknown as readonly NotificationRule[],
    policy: (bucket) => settings.get(bucket, POLICY_SETTING),
    index,
    snapshot: () => {
      db.sync();
      const resume = reaper.hold();
      const found = freezeDatabase(path);
      return {
        copyInto: async (target) => {
          await found.copyTo(join(target, 'objects.db'));
          const copied = openContentFiles(target);
          for (const row of found.rows(CONTENTS)) {
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
