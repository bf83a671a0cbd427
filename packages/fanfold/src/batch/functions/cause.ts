/** `fanfold-cause`: why a chunk has failed, from what its map run has written; the error of a Map says only that one has. */
import type { FunctionContext } from '../../ports/functions.ts';
import type { Objects } from '../../ports/objects.ts';
import type { FoldEvent } from '../event.ts';
import { readJson } from '../object-text.ts';
import { runPlace } from '../run-place.ts';

export interface Failure {
  readonly Error?: string;
  readonly Cause?: string;
}

export interface CauseEvent extends FoldEvent {
  /** What the Map says. */
  readonly failure: Failure;
}

interface FailedExecution extends Failure {
  readonly Status: string;
}

export async function handler(
  { batch, run, source: { bucket }, failure }: CauseEvent,
  { objects }: FunctionContext,
): Promise<Failure> {
  const { maps } = runPlace(bucket, batch, run);
  const failed = await failedExecutions(objects, bucket, maps);
  // Those that were stopped because of it say nothing.
  const { Error, Cause } = failed.find(({ Status }) => Status !== 'ABORTED') ?? failed[0] ?? failure;
  return { ...(Error !== undefined && { Error }), ...(Cause !== undefined && { Cause }) };
}

/** A run ends with the first of its Maps that fails: no other one has written such a file. */
async function failedExecutions(objects: Objects, bucket: string, prefix: string): Promise<readonly FailedExecution[]> {
  const { objects: found } = await objects.list({ bucket, prefix });
  const file = found.find(({ key }) => key.endsWith('/FAILED_0.json'));
  return (file && (await readJson<readonly FailedExecution[]>(objects, { bucket, key: file.key }))) ?? [];
}
