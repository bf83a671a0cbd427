/** Messages of executions to others: the statements over `outbox`. */
import type { Database } from '../../database/database.ts';
import type { OutboxBody, OutboxMessage } from '../../ports/store.ts';

export interface OutboxTable {
  add(message: OutboxMessage): void;
  forget(message: OutboxMessage): void;
  /** Oldest first. */
  read(): OutboxMessage[];
}

export function createOutboxTable(db: Database): OutboxTable {
  const add = db.prepare(
    `INSERT INTO outbox (execution_arn, key, body) VALUES (?, ?, ?)
      ON CONFLICT (execution_arn, key) DO UPDATE SET body = excluded.body`,
  );
  const forget = db.prepare('DELETE FROM outbox WHERE execution_arn = ? AND key = ?');
  const read = db.prepare('SELECT execution_arn AS executionArn, key, body FROM outbox ORDER BY id');

  return {
    add: ({ executionArn, key, body }) => {
      add.run(executionArn, key, JSON.stringify(body));
    },
    forget: ({ executionArn, key }) => {
      forget.run(executionArn, key);
    },
    read: () => {
      const rows = read.all() as { executionArn: string; key: string; body: string }[];
      return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as OutboxBody }));
    },
  };
}
