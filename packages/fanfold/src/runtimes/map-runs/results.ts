/** The results of a map run in the order of its items (I6), read in pages. */
import type { MapRunResult, MapRunStore } from '../../ports/map-runs.ts';

/** Rows read at a time; a row holds about a thousand results. */
const PAGE = 8;

/**
 * Each child's result, that of the latest attempt, in ascending order of indexes. Held in memory are the rows that overlap:
 * as many as there were children that took longer than those after them.
 */
export async function* resultsInOrder(
  store: Pick<MapRunStore, 'mapRunResults'>,
  mapRunArn: string,
): AsyncGenerator<readonly MapRunResult[], void, void> {
  /** Results that rows to come may still stand before, or replace. */
  const held = new Map<number, { readonly row: number; readonly result: MapRunResult }>();
  let after: { readonly first: number; readonly number: number } | undefined;
  for (;;) {
    const rows = await store.mapRunResults({ mapRunArn, limit: PAGE, ...(after && { after }) });
    for (const { number, results } of rows) {
      for (const result of results) {
        const known = held.get(result.index);
        if (!known || known.row < number) held.set(result.index, { row: number, result });
      }
    }
    after = rows.at(-1) ?? after;
    // A row to come begins at the last one's first index or behind it.
    const safe = rows.length < PAGE ? Number.POSITIVE_INFINITY : (after?.first ?? 0);
    const due = [...held.values()].map(({ result }) => result).filter(({ index }) => index < safe);
    for (const { index } of due) held.delete(index);
    if (due.length > 0) yield due.sort((a, b) => a.index - b.index);
    if (rows.length < PAGE) return;
  }
}
