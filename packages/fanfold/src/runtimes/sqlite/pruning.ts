/**
 * Removing finished executions, little by little. First the header goes, and with it the execution is gone for everybody;
 * then its rows, a bounded number at a time; its value files last, once nothing points at them.
 */
import type { Database } from '../../database/database.ts';
import type { PruneParams, Pruned } from '../../ports/store.ts';
import { createPackPruning } from './pack-pruning.ts';
import { SLOTS } from './frame-slots.ts';

export interface Pruning {
  /** One slice of the work, within a transaction. `files` are ids of values whose files are to be removed after it. */
  slice(params: PruneParams): Pruned & { readonly files: readonly number[] };
}

/** Rows that one slice removes besides the headers. */
const ROWS = 2000;
/** It owes nobody a message, and none of its map runs has files still to write. */
const MAY_GO = `NOT EXISTS (SELECT 1 FROM outbox WHERE execution_arn = executions.arn)
      AND NOT EXISTS (SELECT 1 FROM map_runs WHERE execution_arn = executions.arn AND running = 1)`;
/** Pages that one slice gives back to the file system. */
const PAGES = 512;

export function createPruning(db: Database): Pruning {
  const byAge = db.prepare(
    `SELECT id FROM executions WHERE stopped_at < ?1
      AND ${MAY_GO}
      ORDER BY stopped_at, id LIMIT ?2`,
  );
  const firstTooMany = db.prepare(
    `SELECT stopped_at AS stoppedAt, id FROM executions WHERE stopped_at IS NOT NULL
      ORDER BY stopped_at DESC, id DESC LIMIT 1 OFFSET ?`,
  );
  const byNumber = db.prepare(
    `SELECT id FROM executions WHERE stopped_at IS NOT NULL AND (stopped_at, id) <= (?1, ?2)
      AND ${MAY_GO}
      ORDER BY stopped_at, id LIMIT ?3`,
  );
  const hide = db.prepare('DELETE FROM executions WHERE id = ?');
  const mark = db.prepare('INSERT OR IGNORE INTO pruned (execution) VALUES (?)');
  const marked = db.prepare('SELECT execution FROM pruned LIMIT 1');
  const unmark = db.prepare('DELETE FROM pruned WHERE execution = ?');
  const filesOf = db.prepare('SELECT id FROM stored_values WHERE execution = ? AND text IS NULL ORDER BY id LIMIT ?');
  const rowsOf = [
    ...['history', 'outputs', 'stored_values'].map((table) => ({ table, of: 'execution = ?1' })),
    { table: 'frames', of: `slot >= ?1 * ${SLOTS} AND slot < (?1 + 1) * ${SLOTS}` },
  ].map(({ table, of }) =>
    db.prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${of} LIMIT ?2)`),
  );
  // A map run goes with its execution: hidden at once, its results little by little.
  const hideRuns = db.prepare(
    `UPDATE map_runs SET execution_arn = '', running = 0, arn = 'pruned ' || id
      WHERE execution_arn = (SELECT arn FROM executions WHERE id = ?)`,
  );
  const hiddenRun = db.prepare(`SELECT id FROM map_runs WHERE execution_arn = '' LIMIT 1`);
  const removeResults = db.prepare(
    'DELETE FROM map_run_results WHERE id IN (SELECT id FROM map_run_results WHERE run = ? LIMIT ?)',
  );
  const removeRun = db.prepare('DELETE FROM map_runs WHERE id = ?');
  const removeValue = db.prepare('DELETE FROM stored_values WHERE id = ?');

  const packs = createPackPruning(db);

  /** Up to here there are too many. Looked for by counting those that are kept, and so only when what it gave is gone. */
  let tooMany: { readonly keep: number; readonly stoppedAt: number; readonly id: number } | undefined;
  const oldest = (keep: number, limit: number): number[] => {
    if (tooMany?.keep !== keep) {
      const from = firstTooMany.get(keep) as { stoppedAt: number; id: number } | undefined;
      tooMany = from && { ...from, keep };
    }
    if (!tooMany) return [];
    const found = (byNumber.all(tooMany.stoppedAt, tooMany.id, limit) as { id: number }[]).map(({ id }) => id);
    if (found.length < limit) tooMany = undefined;
    return found;
  };

  const chosen = ({ endedBefore, keep, limit }: PruneParams): number[] => {
    const ids = (byAge.all(endedBefore, limit) as { id: number }[]).map(({ id }) => id);
    if (keep === null || ids.length >= limit) return ids;
    return [...new Set([...ids, ...oldest(keep, limit)])].slice(0, limit);
  };

  /** @returns how many rows of the budget are left */
  const clear = (execution: number, budget: number, files: number[]): number => {
    const large = filesOf.all(execution, budget) as { id: number }[];
    for (const { id } of large) removeValue.run(id);
    files.push(...large.map(({ id }) => id));
    let left = budget - large.length;
    for (const remove of rowsOf) {
      if (left > 0) left -= Number(remove.run(execution, left).changes);
    }
    if (left > 0) unmark.run(execution);
    return left;
  };

  /** @returns how many rows of the budget are left; a row holds many results */
  const clearRun = (run: number, budget: number): number => {
    const left = budget - Number(removeResults.run(run, budget).changes);
    if (left > 0) removeRun.run(run);
    return left - 1;
  };

  return {
    slice: (params) => {
      const { keep, limit } = params;
      const end = keep === null ? undefined : packs.endOfTooMany(keep);
      const endedBefore = Math.max(params.endedBefore, end ?? 0);
      const ids = chosen({ endedBefore, keep: end === undefined ? keep : null, limit });
      const removed = ids.length + packs.remove(endedBefore, limit - ids.length);
      for (const id of ids) {
        mark.run(id);
        hideRuns.run(id);
        hide.run(id);
      }
      const files: number[] = [];
      for (let left = ROWS; left > 0;) {
        const next = marked.get() as { execution: number } | undefined;
        if (!next) break;
        left = clear(next.execution, left, files);
      }
      for (let left = ROWS / 10; left > 0;) {
        const next = hiddenRun.get() as { id: number } | undefined;
        if (!next) break;
        left = clearRun(next.id, left);
      }
      db.shrink(PAGES);
      return {
        removed,
        more: removed >= limit || marked.get() !== undefined || hiddenRun.get() !== undefined,
        files,
      };
    },
  };
}
