/** What an earlier process left undone, put right before the first request (I4). */
import type { Database } from '../../database/database.ts';
import type { ContentFiles } from './content-files.ts';

const INTENTS = 'SELECT content FROM intents';
const END = 'DELETE FROM intents WHERE content = ?';
const DELETIONS = 'SELECT content FROM deletions';
const DONE = 'DELETE FROM deletions WHERE content = ?';

/** Undoes writes that were not published and removes contents that were let go. */
export function recover(db: Database, files: ContentFiles): void {
  files.clearTemp();
  remove(db, files, INTENTS, END);
  remove(db, files, DELETIONS, DONE);
}

function remove(db: Database, files: ContentFiles, queued: string, done: string): void {
  const rows = db.prepare(queued).all() as { content: string }[];
  if (rows.length === 0) return;
  // That nothing refers to these files any more must be as durable as their removal.
  db.sync();
  for (const { content } of rows) files.removeSync(content);
  db.transaction(() => {
    for (const { content } of rows) db.prepare(done).run(content);
  });
}
