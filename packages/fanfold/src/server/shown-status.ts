/** What AWS says the status of a child of a map run is while the run, redriven, has not begun it again. */
import { type Execution, type ExecutionStatus, isClosed } from '../interpreter/execution.ts';
import { notRedrivable } from '../interpreter/redrive.ts';
import type { MapRun } from '../ports/map-runs.ts';

export type ShownStatus = ExecutionStatus | 'PENDING_REDRIVE';

/**
 * @param run that the execution is a child of
 * @param now milliseconds since the epoch
 */
export function shownStatus(execution: Execution, run: MapRun | undefined, now: number): ShownStatus {
  const { status, origin } = execution;
  if (!run || origin?.kind !== 'mapRun' || !isClosed(execution) || status === 'SUCCEEDED') return status;
  const isBehind = origin.redriveCount < run.redriveCount;
  return isBehind && notRedrivable(execution, now) === null ? 'PENDING_REDRIVE' : status;
}
