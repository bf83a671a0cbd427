/** Event histories: the statements over `history`. A row holds a run of records. */
import type { Database } from '../../database/database.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { HistoryParams } from '../../ports/store.ts';
import { decodeHistory, encodeHistory } from '../codecs/history-codec.ts';
import type { Values } from './values.ts';

/** So that reading a page never decodes much more than a page (AWS gives 1,000 events at most). */
const MOST_RECORDS_IN_ROW = 1000;

export interface HistoryTable {
  /** `execution` is its row's id; ids of the records must be above all earlier ones. */
  append(execution: number, records: readonly HistoryRecord[]): void;
  page(execution: number, params: HistoryParams): HistoryRecord[];
}

export function createHistoryTable(db: Database, values: Values): HistoryTable {
  const insert = db.prepare('INSERT INTO history (execution, first_id, last_id, records) VALUES (?, ?, ?, ?)');
  // Begins with the row that holds the event behind `?3`, or the first row after it.
  const forward = db.prepare(
    `SELECT records FROM history
      WHERE execution = ?1 AND last_id > ?2 AND first_id >= coalesce(
        (SELECT max(first_id) FROM history WHERE execution = ?1 AND first_id <= ?2 + 1), 0)
      ORDER BY first_id`,
  );
  const backward = db.prepare(
    'SELECT records FROM history WHERE execution = ?1 AND first_id < ?2 ORDER BY first_id DESC',
  );

  const append = (execution: number, records: readonly HistoryRecord[]): void => {
    const first = records[0];
    const last = records.at(-1);
    if (first && last) insert.run(execution, first.id, last.id, encodeHistory(records, values.putFor(execution)));
  };

  return {
    append: (execution, records) => {
      for (let i = 0; i < records.length; i += MOST_RECORDS_IN_ROW)
        append(execution, records.slice(i, i + MOST_RECORDS_IN_ROW));
    },
    page: (execution, { limit, reverse = false, after = reverse ? Number.MAX_SAFE_INTEGER : 0 }) => {
      const get = values.getFor(execution);
      const page: HistoryRecord[] = [];
      if (limit <= 0) return page;
      for (const row of (reverse ? backward : forward).iterate(execution, after)) {
        const records = decodeHistory(bytesOf(row), get);
        const wanted = records.filter(({ id }) => (reverse ? id < after : id > after));
        page.push(...(reverse ? wanted.reverse() : wanted).slice(0, limit - page.length));
        if (page.length >= limit) break;
      }
      return page;
    },
  };
}

function bytesOf(row: object): Uint8Array {
  const { records } = row as { records: Uint8Array | string };
  if (typeof records !== 'string') return records;
  throw new Error(
    'This history was written by a trial version of Fanfold, which this one cannot read. Start the execution anew.',
  );
}
