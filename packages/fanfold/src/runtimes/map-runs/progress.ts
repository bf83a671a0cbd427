/** How far a map run had come, from the results of its children. */
import type { MapRun, MapRunShare } from '../../ports/map-runs.ts';
import type { Store } from '../../ports/store.ts';
import { createIndexSet, type IndexSet } from './index-set.ts';
import { resultsInOrder } from './results.ts';
import { added, NOTHING } from './tally.ts';

export interface Progress {
  /** Indexes of children that need not run. */
  readonly done: IndexSet;
  /** Of those that did not succeed before the run was redriven, and how many these are. */
  readonly former: IndexSet;
  readonly pendingRedrive: MapRunShare;
}

export async function progressOf(store: Store, { arn, redriveCount }: MapRun): Promise<Progress> {
  const done = createIndexSet();
  const former = createIndexSet();
  let pendingRedrive = NOTHING;
  for await (const results of resultsInOrder(store, arn)) {
    for (const { index, items, status, redriveCount: from } of results) {
      if (status === 'SUCCEEDED' || from === redriveCount) {
        done.add(index);
        continue;
      }
      former.add(index);
      pendingRedrive = added(pendingRedrive, items, 1);
    }
  }
  return { done, former, pendingRedrive };
}
