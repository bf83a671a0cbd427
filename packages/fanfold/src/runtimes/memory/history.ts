/**
 * The history of one execution in memory: the newest records as they came, those before them in runs of compact bytes.
 * As objects, the 8,000,000 records of a Map over 1,000,000 items would take a gigabyte.
 */
import type { HistoryRecord } from '../../interpreter/history.ts';
import { Value } from '../../interpreter/value.ts';
import type { HistoryParams } from '../../ports/store.ts';
import { decodeHistory, encodeHistory } from '../codecs/history-codec.ts';

export interface History {
  /** In ascending order of ids, which are above all earlier ones. */
  append(records: readonly HistoryRecord[]): void;
  page(params: Omit<HistoryParams, 'executionArn'>): HistoryRecord[];
}

/** So many records make a run, at least: what they have in common is written once. */
const RECORDS_IN_RUN = 512;
/** Length of a text; longer values are kept as they are. */
const LONGEST_COPIED = 256;

interface Run {
  /** Id of its last record. */
  readonly last: number;
  readonly bytes: Uint8Array;
  readonly kept: readonly Value[];
}

export function createHistory(): History {
  const runs: Run[] = [];
  let newest: HistoryRecord[] = [];

  function* from(start: number): Generator<readonly HistoryRecord[]> {
    for (const run of runs.slice(start)) yield unpack(run);
    yield newest;
  }
  function* backFrom(start: number): Generator<readonly HistoryRecord[]> {
    if (start === runs.length) yield newest.toReversed();
    for (let i = Math.min(start, runs.length - 1); i >= 0; i--) yield unpack(runs[i] as Run).reverse();
  }

  return {
    append: (records) => {
      for (const record of records) newest.push(record);
      if (newest.length < RECORDS_IN_RUN) return;
      runs.push(pack(newest));
      newest = [];
    },
    page: ({ limit, reverse = false, after = reverse ? Number.POSITIVE_INFINITY : 0 }) => {
      const page: HistoryRecord[] = [];
      const wanted = reverse ? backFrom(countBelow(runs, after - 1)) : from(countBelow(runs, after + 1));
      for (const records of wanted) {
        for (const record of records) {
          if (page.length >= limit) return page;
          if (reverse ? record.id < after : record.id > after) page.push(record);
        }
      }
      return page;
    },
  };
}

function pack(records: readonly HistoryRecord[]): Run {
  const kept: Value[] = [];
  const bytes = encodeHistory(records, (value) =>
    value.text.length <= LONGEST_COPIED ? value.text : kept.push(value),
  );
  return { last: records.at(-1)?.id ?? 0, bytes, kept };
}

function unpack({ bytes, kept }: Run): HistoryRecord[] {
  return decodeHistory(bytes, (stored) =>
    typeof stored === 'string' ? Value.ofText(stored) : (kept[stored - 1] as Value),
  );
}

/** How many runs have all their ids below `id`. */
function countBelow(runs: readonly Run[], id: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as Run).last < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
