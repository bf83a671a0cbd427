/** The same system as the state machine, as a batch over the list that the table's item holds. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Batch, batch } from 'fanfold/batch';
import { showItem } from './functions/show-item.ts';
import type { TableMapConfig } from './project.ts';

export const BATCH = 'TableMapBatch';
export const LISTS_BUCKET = 'table-map-lists';

/** A file is what `aws dynamodb get-item` prints of the item. */
export function listBatch({
  maxConcurrency,
  waitDurationSeconds,
  timeoutDurationSeconds,
}: TableMapConfig['stepfunc']): Batch {
  return batch({
    name: BATCH,
    source: { bucket: LISTS_BUCKET, prefix: 'in/', format: 'json', pointer: '/Item/values/L' },
    chunk: { records: 1, timeoutSeconds: timeoutDurationSeconds },
    concurrency: maxConcurrency,
    async process(item, { signal }) {
      await wait(waitDurationSeconds * 1000, undefined, { signal });
      showItem(item);
      return item;
    },
    sinks: [{ object: 'shown/{stem}.jsonl', format: 'jsonl' }],
  });
}
