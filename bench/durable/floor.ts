/** What `node:sqlite` alone can commit: two bare journal rows a task, all rows of one turn of the event loop at once. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AT_ONCE, type Contender, type OpenParams, RESULT, resultOf } from './workloads.ts';

export async function open({ directory, variant }: OpenParams): Promise<Contender> {
  const db = new DatabaseSync(join(directory, 'floor.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${variant === 'full' ? 'FULL' : 'NORMAL'}`);
  db.exec('CREATE TABLE journal (id INTEGER PRIMARY KEY, task INTEGER NOT NULL, body TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO journal (task, body) VALUES (?, ?)');
  const readLast = db.prepare('SELECT body FROM journal WHERE id % 2 = 0 ORDER BY id DESC LIMIT ?');
  const text = JSON.stringify(RESULT);
  const turn = async (first: number, count: number, body: (task: number) => string): Promise<void> => {
    db.exec('BEGIN');
    for (let task = first; task < first + count; task++) {
      insert.run(task, '{"started":true}');
      insert.run(task, body(task));
    }
    db.exec('COMMIT');
    await new Promise(setImmediate);
  };
  return {
    w1: async (tasks) => {
      for (let done = 0; done < tasks; done += AT_ONCE)
        await turn(done, AT_ONCE, (task) => JSON.stringify(resultOf(task)));
      const rows = readLast.all(tasks) as { body: string }[];
      return rows.reverse().map(({ body }) => JSON.parse(body) as unknown);
    },
    w2: async (executions, steps) => {
      for (let done = 0; done < executions; done += AT_ONCE)
        for (let step = 1; step <= steps; step++) await turn(done, AT_ONCE, () => String(step));
      return Array.from({ length: executions }, () => steps);
    },
    w3: async () => {
      await turn(0, 1, () => text);
      return RESULT;
    },
    close: async () => db.close(),
  };
}
