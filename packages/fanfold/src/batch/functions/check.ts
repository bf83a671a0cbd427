/**
 * `fanfold-check`: the account of the run. It must add up (I9); the file of rejects is written, whatever comes next; and
 * with more rejects than are allowed the run ends here, before anything is published.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Counts, PublishedObject } from '../account.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import { BatchError } from '../errors.ts';
import { loadItems } from '../load-items.ts';
import type { FoldEvent } from '../event.ts';
import { publish } from '../publish.ts';
import { rejectFormat } from '../reject.ts';
import { outputKey } from '../run-place.ts';
import { exceededLimit } from '../skip-limit.ts';
import { framed } from '../sink-format.ts';

export interface CheckResult {
  readonly counts: Counts;
  readonly rejects: PublishedObject | null;
}

export async function handler(event: FoldEvent, { objects, tables }: FunctionContext): Promise<CheckResult> {
  const results = openChunkResults(objects, event, event.source.bucket);
  const counts = await results.total();
  const rejects = counts.rejected > 0 ? await putRejects(objects, event, results) : null;
  const { table } = event.settings.rejects;
  if (table !== undefined) await loadItems(tables, table, results.errors());
  const exceeded = exceededLimit(counts, event.settings.skipLimit);
  if (exceeded !== undefined)
    throw new BatchError(
      'Fanfold.SkipLimitExceeded',
      `${counts.rejected} of ${counts.read} records were rejected, and ${exceeded}. Nothing was published. The rejects are in ${rejects?.key} of the bucket ${rejects?.bucket}: correct them there or in the file, or raise skipLimit.`,
    );
  return { counts, rejects };
}

async function putRejects(objects: Objects, event: FoldEvent, results: ChunkResults): Promise<PublishedObject> {
  const { batch, run, settings, source } = event;
  const { format } = source.text;
  const { bucket, object } = settings.rejects;
  return publish(objects, {
    to: { bucket, key: outputKey(object, { batch, run, key: source.key }) },
    format,
    compression: source.compression,
    body: framed(rejectFormat({ ...source, format, settings: settings.source }), results.rejects()),
  });
}
