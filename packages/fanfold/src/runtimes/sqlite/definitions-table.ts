/** What executions begin with: the statements over `definitions` and `state_machines`. */
import type { Database } from '../../database/database.ts';
import type { StateMachineRecord } from '../../ports/state-machines.ts';
import { createRecentMap } from '../../recent-map.ts';

export interface DefinitionsTable {
  save(hash: string, text: string): void;
  read(hash: string): string | undefined;
  saveStateMachine(record: StateMachineRecord): void;
  removeStateMachine(arn: string): void;
  readStateMachine(arn: string): StateMachineRecord | undefined;
  /** By name. */
  readStateMachines(): StateMachineRecord[];
}

/** So many state machines are not read again for each start. */
const REMEMBERED = 1000;

export function createDefinitionsTable(db: Database): DefinitionsTable {
  const save = db.prepare('INSERT INTO definitions (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING');
  const read = db.prepare('SELECT text FROM definitions WHERE hash = ?');
  const saveStateMachine = db.prepare(
    `INSERT INTO state_machines (arn, name, record) VALUES (?, ?, ?)
      ON CONFLICT (arn) DO UPDATE SET name = excluded.name, record = excluded.record`,
  );
  const removeStateMachine = db.prepare('DELETE FROM state_machines WHERE arn = ?');
  const readStateMachine = db.prepare('SELECT record FROM state_machines WHERE arn = ?');
  const readStateMachines = db.prepare('SELECT record FROM state_machines ORDER BY name');
  const records = createRecentMap<string, StateMachineRecord>(REMEMBERED);

  return {
    save: (hash, text) => {
      save.run(hash, text);
    },
    read: (hash) => (read.get(hash) as { text: string } | undefined)?.text,
    saveStateMachine: (record) => {
      records.delete(record.arn);
      saveStateMachine.run(record.arn, record.name, JSON.stringify(record));
    },
    removeStateMachine: (arn) => {
      records.delete(arn);
      removeStateMachine.run(arn);
    },
    readStateMachine: (arn) => {
      const known = records.get(arn);
      if (known) return known;
      const row = readStateMachine.get(arn);
      if (!row) return undefined;
      const record = recordIn(row);
      records.set(arn, record);
      return record;
    },
    readStateMachines: () => readStateMachines.all().map(recordIn),
  };
}

function recordIn(row: object): StateMachineRecord {
  return JSON.parse((row as { record: string }).record) as StateMachineRecord;
}
