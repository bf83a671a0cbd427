/**
 * Removes the files of contents that no object has any more. To remove a file cannot be undone, so the transaction that
 * let go of it is made durable first, for many files at once; a reader that has just looked the path up has until then
 * to open it, and what is open stays readable.
 */
import type { Database } from '../../database/database.ts';
import type { ContentFiles } from './content-files.ts';

export interface Reaper {
  /** Something was queued: it will be removed a moment later. */
  wake(): void;
  /** Removes nothing until the answer is called. */
  hold(): () => void;
  /** Waits for the work under way and removes what is queued. */
  close(): Promise<void>;
}

const DELAY_MS = 200;
/** Files that are removed side by side: of a large one the disk has much to give back. */
const AT_ONCE = 16;
const QUEUED = 'SELECT content FROM deletions WHERE content > ? ORDER BY content LIMIT 1000';
const DONE = 'DELETE FROM deletions WHERE content = ?';

export function createReaper(db: Database, files: ContentFiles): Reaper {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let holds = 0;
  const start = (): void => {
    timer = undefined;
    if (holds > 0) return;
    // What fails here (a full disk) leaves the files queued: the next run or the next start tries again.
    running = running.then(() => reap(db, files)).catch(() => {});
  };
  return {
    wake: () => {
      timer ??= setTimeout(start, DELAY_MS).unref();
    },
    hold: () => {
      holds += 1;
      return () => {
        holds -= 1;
        if (holds === 0) timer ??= setTimeout(start, DELAY_MS).unref();
      };
    },
    close: async () => {
      clearTimeout(timer);
      start();
      await running;
    },
  };
}

/** A file that cannot be removed now (Windows: somebody has it open) stays queued until the next time. */
async function reap(db: Database, files: ContentFiles): Promise<void> {
  for (let after = ''; ;) {
    const queued = (db.prepare(QUEUED).all(after) as { content: string }[]).map((row) => row.content);
    const last = queued.at(-1);
    if (last === undefined) return;
    after = last;
    db.sync();
    const removed: string[] = [];
    const remove = async (id: string): Promise<void> => {
      await files.remove(id);
      removed.push(id);
    };
    for (let from = 0; from < queued.length; from += AT_ONCE)
      await Promise.allSettled(queued.slice(from, from + AT_ONCE).map(remove));
    db.transaction(() => {
      for (const id of removed) db.prepare(DONE).run(id);
    });
  }
}
