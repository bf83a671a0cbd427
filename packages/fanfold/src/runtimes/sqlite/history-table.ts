/** Event histories: the statements over `history`. A row holds a run of records. */
import type { Database } from '../../database/database.ts';
import type { HistoryRecord } from '../../interpreter/history.ts';
import type { HistoryParams } from '../../ports/store.ts';
import { decodeHistory, encodeHistory } from '../codecs/history-codec.ts';
import type { GetValue, PutValue } from '../codecs/stored-value.ts';
import type { Values } from './values.ts';

/** So that reading a page never decodes much more than a page (AWS gives 1,000 events at most). */
const MOST_RECORDS_IN_ROW = 1000;

export interface HistoryTable {
  /** `execution` is its row's id; ids of the records must be above all earlier ones. */
  append(execution: number, records: readonly HistoryRecord[], put: PutValue): void;
  page(execution: number, params: HistoryParams): HistoryRecord[];
  /** All of an execution, as they are stored. */
  runs(execution: number): Uint8Array[];
}

/** Calls `each` with runs of records that are not too long for a row. */
export function inRows(records: readonly HistoryRecord[], each: (run: readonly HistoryRecord[]) => void): void {
  for (let i = 0; i < records.length; i += MOST_RECORDS_IN_ROW) each(records.slice(i, i + MOST_RECORDS_IN_ROW));
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

  const append = (execution: number, records: readonly HistoryRecord[], put: PutValue): void => {
    const first = records[0];
    const last = records.at(-1);
    if (first && last) insert.run(execution, first.id, last.id, encodeHistory(records, put));
  };

  return {
    append: (execution, records, put) => inRows(records, (run) => append(execution, run, put)),
    page: (execution, params) => {
      if (params.limit <= 0) return [];
      const rows = (params.reverse ? backward : forward).iterate(execution, startOf(params));
      return pageOfRuns(rows.map(bytesOf), params, values.getFor(execution));
    },
    runs: (execution) => forward.all(execution, 0).map(bytesOf),
  };
}

/** @param runs records as they are stored, in the direction asked for */
export function pageOfRuns(runs: Iterable<Uint8Array>, params: HistoryParams, get: GetValue): HistoryRecord[] {
  const { limit, reverse = false } = params;
  const after = startOf(params);
  const page: HistoryRecord[] = [];
  if (limit <= 0) return page;
  for (const run of runs) {
    const wanted = decodeHistory(run, get).filter(({ id }) => (reverse ? id < after : id > after));
    page.push(...(reverse ? wanted.reverse() : wanted).slice(0, limit - page.length));
    if (page.length >= limit) break;
  }
  return page;
}

function startOf({ reverse = false, after = reverse ? Number.MAX_SAFE_INTEGER : 0 }: HistoryParams): number {
  return after;
}

function bytesOf(row: object): Uint8Array {
  const { records } = row as { records: Uint8Array | string };
  if (typeof records !== 'string') return records;
  throw new Error(
    'This history was written by a trial version of Fanfold, which this one cannot read. Start the execution anew.',
  );
}
