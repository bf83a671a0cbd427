/** The statements over `activities`. */
import type { Database } from '../../database/database.ts';
import type { ActivityRecord } from '../../ports/store.ts';

export interface ActivitiesTable {
  save(record: ActivityRecord): void;
  remove(arn: string): void;
  read(arn: string): ActivityRecord | undefined;
  /** By name. */
  readAll(): ActivityRecord[];
}

export function createActivitiesTable(db: Database): ActivitiesTable {
  const save = db.prepare(
    `INSERT INTO activities (arn, name, record) VALUES (?, ?, ?)
      ON CONFLICT (arn) DO UPDATE SET name = excluded.name, record = excluded.record`,
  );
  const remove = db.prepare('DELETE FROM activities WHERE arn = ?');
  const read = db.prepare('SELECT record FROM activities WHERE arn = ?');
  const readAll = db.prepare('SELECT record FROM activities ORDER BY name');

  return {
    save: (record) => {
      save.run(record.arn, record.name, JSON.stringify(record));
    },
    remove: (arn) => {
      remove.run(arn);
    },
    read: (arn) => {
      const row = read.get(arn);
      return row && recordIn(row);
    },
    readAll: () => readAll.all().map(recordIn),
  };
}

function recordIn(row: object): ActivityRecord {
  return JSON.parse((row as { record: string }).record) as ActivityRecord;
}
