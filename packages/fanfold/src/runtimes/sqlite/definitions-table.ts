/** What executions begin with: the statements over `definitions` and `state_machines`. */
import type { Database } from '../../database/database.ts';
import type { StateMachineRecord } from '../../ports/store.ts';

export interface DefinitionsTable {
  save(hash: string, text: string): void;
  read(hash: string): string | undefined;
  saveStateMachine(record: StateMachineRecord): void;
  readStateMachine(arn: string): StateMachineRecord | undefined;
  /** By name. */
  readStateMachines(): StateMachineRecord[];
}

const STATE_MACHINE =
  'SELECT arn, name, type, role_arn AS roleArn, definition, created_at AS createdAt FROM state_machines';

export function createDefinitionsTable(db: Database): DefinitionsTable {
  const save = db.prepare('INSERT INTO definitions (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING');
  const read = db.prepare('SELECT text FROM definitions WHERE hash = ?');
  const saveStateMachine = db.prepare(
    `INSERT INTO state_machines (arn, name, type, role_arn, definition, created_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (arn) DO UPDATE SET name = excluded.name, type = excluded.type, role_arn = excluded.role_arn,
        definition = excluded.definition, created_at = excluded.created_at`,
  );
  const readStateMachine = db.prepare(`${STATE_MACHINE} WHERE arn = ?`);
  const readStateMachines = db.prepare(`${STATE_MACHINE} ORDER BY name`);

  return {
    save: (hash, text) => {
      save.run(hash, text);
    },
    read: (hash) => (read.get(hash) as { text: string } | undefined)?.text,
    saveStateMachine: ({ arn, name, type, roleArn, definition, createdAt }) => {
      saveStateMachine.run(arn, name, type, roleArn, definition, createdAt);
    },
    readStateMachine: (arn) => {
      const row = readStateMachine.get(arn);
      return row && plainRow(row);
    },
    readStateMachines: () => readStateMachines.all().map(plainRow),
  };
}

/** Rows come without a prototype, which deep comparisons take for another type. */
function plainRow(row: object): StateMachineRecord {
  return { ...row } as StateMachineRecord;
}
