/** What is set for buckets. Known by heart, so that requests for objects cost no look. */
import type { Database } from '../../database/database.ts';
import type { Json } from '../../json.ts';

export interface BucketSettings {
  /** The same value, not one like it, until it is set anew. Undefined when nothing was set. */
  get(bucket: string, name: string): Json | undefined;
  /** @param value undefined takes it away */
  set(bucket: string, name: string, value: Json | undefined): void;
  /** The bucket is gone. */
  forget(bucket: string): void;
}

const ALL = 'SELECT bucket, name, value FROM bucket_settings';
const SET = 'INSERT OR REPLACE INTO bucket_settings (bucket, name, value) VALUES (?, ?, ?)';
const UNSET = 'DELETE FROM bucket_settings WHERE bucket = ? AND name = ?';

export function createBucketSettings(db: Database): BucketSettings {
  const known = new Map<string, Map<string, Json>>();
  const keep = (bucket: string, name: string, value: Json): void => {
    const own = known.get(bucket) ?? new Map<string, Json>();
    known.set(bucket, own.set(name, value));
  };
  for (const row of db.prepare(ALL).all() as unknown as { bucket: string; name: string; value: string }[])
    keep(row.bucket, row.name, JSON.parse(row.value) as Json);
  return {
    get: (bucket, name) => known.get(bucket)?.get(name),
    set: (bucket, name, value) => {
      if (value === undefined) {
        db.run(UNSET, bucket, name);
        known.get(bucket)?.delete(name);
      } else {
        db.run(SET, bucket, name, JSON.stringify(value));
        keep(bucket, name, value);
      }
    },
    forget: (bucket) => {
      known.delete(bucket);
    },
  };
}
