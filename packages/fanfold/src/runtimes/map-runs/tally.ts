/** The counts of a map run, and whether too much of it has failed. */
import type { MapRun, MapRunResult, MapRunShare, MapRunTally } from '../../ports/map-runs.ts';

export const NO_TALLY: MapRunTally = { total: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 };

const COUNTED: Readonly<Record<MapRunResult['status'], Exclude<keyof MapRunTally, 'total'>>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
};

export function counted(tally: MapRunTally, status: MapRunResult['status'], by: number): MapRunTally {
  const field = COUNTED[status];
  return { ...tally, [field]: tally[field] + by };
}

export const NOTHING: MapRunShare = { items: 0, executions: 0 };

export function added(share: MapRunShare, items: number, executions: number): MapRunShare {
  return { items: share.items + items, executions: share.executions + executions };
}

export function ended({ succeeded, failed, timedOut, aborted }: MapRunTally): number {
  return succeeded + failed + timedOut + aborted;
}

/** The cause that AWS gives. */
export const EXCEEDED: { readonly error: string; readonly cause: string } = {
  error: 'States.ExceedToleratedFailureThreshold',
  cause: 'The specified tolerated failure threshold was exceeded',
};

/**
 * Whether more items have failed than the run tolerates. Where neither a count nor a percentage is given, none may fail.
 * @param complete the items have all been counted; a percentage of fewer says nothing yet
 */
export function exceedsTolerance(
  {
    items,
    toleratedFailureCount: count,
    toleratedFailurePercentage: percentage,
  }: Pick<MapRun, 'items' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>,
  complete: boolean,
): boolean {
  const failed = items.failed + items.timedOut + items.aborted;
  if (failed === 0) return false;
  if (count === null && percentage === null) return true;
  if (count !== null && failed > count) return true;
  return percentage !== null && complete && failed * 100 > percentage * items.total;
}
