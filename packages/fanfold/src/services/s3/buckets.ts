/** The buckets themselves, and what is set for each, in `objects.db`. */
import type { Database } from '../../database/database.ts';
import { type Buckets, VERSIONING_SETTING } from '../../ports/buckets.ts';
import type { Uploads } from '../../ports/uploads.ts';
import type { BucketSettings } from './bucket-settings.ts';
import { bucketNotEmpty } from './object-error.ts';
import { checkBucketName } from './object-name.ts';
import type { ObjectTable } from './object-table.ts';

export interface BucketsParams {
  readonly db: Database;
  readonly table: ObjectTable;
  readonly settings: BucketSettings;
  readonly uploads: Pick<Uploads, 'abort' | 'list'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const ADD = 'INSERT OR IGNORE INTO buckets (name, created) VALUES (?, ?)';
const HAS = 'SELECT 1 FROM buckets WHERE name = ?';
const LIST = 'SELECT name, created FROM buckets ORDER BY name';
const USED = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM objects WHERE bucket = :bucket) OR EXISTS (SELECT 1 FROM versions WHERE bucket = :bucket)`;
const REMOVE = 'DELETE FROM buckets WHERE name = ?';
const REMOVE_SETTINGS = 'DELETE FROM bucket_settings WHERE bucket = ?';

/** @param at milliseconds since the epoch */
export function addBucket(db: Database, bucket: string, at: number): void {
  db.prepare(ADD).run(bucket, at);
}

export function createBuckets({ db, table, settings, uploads, now }: BucketsParams): Buckets {
  const isUsed = (bucket: string): boolean => db.prepare(USED).get({ bucket }) !== undefined;
  return {
    create: async (bucket) => {
      checkBucketName(bucket);
      addBucket(db, bucket, now());
    },
    has: async (bucket) => db.prepare(HAS).get(bucket) !== undefined,
    list: async () =>
      (db.prepare(LIST).all() as { name: string; created: number }[]).map(({ name, created }) => ({
        name,
        created: new Date(created),
      })),
    delete: async (bucket) => {
      table.checkBucket(bucket);
      if (isUsed(bucket)) throw bucketNotEmpty(bucket);
      for (let more = true; more;) {
        const page = await uploads.list({ bucket, prefix: '', limit: 1000 });
        for (const upload of page.uploads) await uploads.abort(upload);
        ({ more } = page);
      }
      db.transaction(() => {
        if (isUsed(bucket)) throw bucketNotEmpty(bucket);
        db.prepare(REMOVE_SETTINGS).run(bucket);
        db.prepare(REMOVE).run(bucket);
      });
      settings.forget(bucket);
    },
    setting: async (bucket, name) => {
      table.checkBucket(bucket);
      return settings.get(bucket, name);
    },
    set: async (bucket, name, value) => {
      table.checkBucket(bucket);
      settings.set(bucket, name, value);
    },
    versioning: async (bucket) => {
      table.checkBucket(bucket);
      return table.versioningOf(bucket);
    },
    setVersioning: async (bucket, versioning) => {
      table.checkBucket(bucket);
      settings.set(bucket, VERSIONING_SETTING, versioning);
    },
  };
}
