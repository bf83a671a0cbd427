/** Which buckets keep versions. Known by heart, so that objects of the others cost no look. */
import type { Database } from '../../database/database.ts';
import type { Versioning } from '../../ports/buckets.ts';

export interface VersioningSettings {
  /** Undefined for a bucket that never kept any. */
  of(bucket: string): Versioning | undefined;
  set(bucket: string, versioning: Versioning): void;
  /** The bucket is gone, its settings with it. */
  forget(bucket: string): void;
}

const NAME = 'versioning';
const ALL = 'SELECT bucket, value FROM bucket_settings WHERE name = ?';
const SET = 'INSERT OR REPLACE INTO bucket_settings (bucket, name, value) VALUES (?, ?, ?)';

export function createVersioning(db: Database): VersioningSettings {
  const rows = db.prepare(ALL).all(NAME) as unknown as { bucket: string; value: string }[];
  const known = new Map(rows.map(({ bucket, value }) => [bucket, JSON.parse(value) as Versioning]));
  return {
    of: (bucket) => known.get(bucket),
    set: (bucket, versioning) => {
      db.run(SET, bucket, NAME, JSON.stringify(versioning));
      known.set(bucket, versioning);
    },
    forget: (bucket) => {
      known.delete(bucket);
    },
  };
}
