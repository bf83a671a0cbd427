/**
 * Removing packs of children: each as a whole, when the last of its children is to go. None of them is in another table, so
 * nothing is left to be cleared.
 */
import type { Database } from '../../database/database.ts';
import { arnOf } from '../child-names.ts';

export interface PackPruning {
  /**
   * Where only so many finished executions may stay: what ended before this time is to go. Undefined where there are no
   * packs, and rows can be counted one by one.
   */
  endOfTooMany(keep: number): number | undefined;
  /** Removes some packs, the first to end first, until so many children are gone. @returns how many were in them */
  remove(endedBefore: number, limit: number): number;
}

interface Pack {
  readonly id: number;
  readonly count: number;
  readonly siblings: string;
  readonly first: number;
  readonly last: number;
}

export function createPackPruning(db: Database): PackPruning {
  const newest = db.prepare(
    'SELECT first_stop AS stop, count FROM child_packs WHERE first_stop >= 0 ORDER BY first_stop DESC LIMIT ?',
  );
  const rowAt = db.prepare(
    `SELECT stopped_at AS stop FROM executions WHERE stopped_at IS NOT NULL
      ORDER BY stopped_at DESC, id DESC LIMIT 1 OFFSET ?`,
  );
  const oldest = db.prepare(
    `SELECT id, count, siblings, first_index AS first, last_index AS last FROM child_packs
      WHERE last_stop < ? ORDER BY last_stop, id LIMIT ?`,
  );
  const owing = db.prepare('SELECT 1 FROM outbox WHERE execution_arn >= ? AND execution_arn <= ? LIMIT 1');
  const remove = db.prepare('DELETE FROM child_packs WHERE id = ?');

  return {
    endOfTooMany: (keep) => {
      // Each has a child at least.
      const packs = newest.all(keep + 1) as unknown as { stop: number; count: number }[];
      if (packs.length === 0) return undefined;
      const newer = [0];
      for (const { count } of packs) newer.push((newer.at(-1) as number) + count);
      /** When the last row ended that fills the number together with the newest `i` packs. */
      const endOfRows = (i: number): number => {
        const rows = keep - (newer[i] as number);
        if (rows <= 0) return Number.MAX_SAFE_INTEGER;
        return (rowAt.get(rows - 1) as { stop: number } | undefined)?.stop ?? 0;
      };
      const endOfPacks = (i: number): number => packs[i - 1]?.stop ?? Number.MAX_SAFE_INTEGER;
      // With more packs their end comes earlier, and that of the rows later.
      let low = 0;
      for (let high = packs.length; low < high;) {
        const middle = (low + high) >> 1;
        if (endOfRows(middle) < endOfPacks(middle)) low = middle + 1;
        else high = middle;
      }
      const filledWith = (i: number): number => Math.min(endOfRows(i), endOfPacks(i));
      return Math.max(filledWith(low), low > 0 ? filledWith(low - 1) : 0);
    },
    remove: (endedBefore, limit) => {
      let removed = 0;
      // A pack that still owes messages is passed over: it has them for a moment only.
      for (const row of limit > 0 ? oldest.all(endedBefore, limit) : []) {
        const { id, count, siblings, first, last } = row as unknown as Pack;
        if (removed >= limit) break;
        if (owing.get(arnOf({ siblings, index: first }), arnOf({ siblings, index: last }))) continue;
        remove.run(id);
        removed += count;
      }
      return removed;
    },
  };
}
