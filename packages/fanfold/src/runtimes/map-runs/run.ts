/** What is kept of a map run: as it begins, as it is redriven, and what its files hold when it has failed. */
import type { MapRun } from '../../ports/map-runs.ts';
import type { MapRunScope } from './scope.ts';
import { ended, NO_TALLY, NOTHING } from './tally.ts';

interface FreshParams {
  readonly executionArn: string;
  readonly scope: MapRunScope;
  readonly attempt: number;
  readonly seed: number;
  readonly at: number;
}

export function freshRun({ executionArn, scope, attempt, seed, at }: FreshParams): MapRun {
  const { request, frame, map } = scope;
  const { mapRunArn: arn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request;
  return {
    arn,
    executionArn,
    frame,
    attempt,
    stateMachineArn: arn.slice(0, arn.lastIndexOf(':')).replace(':mapRun:', ':stateMachine:'),
    childType: map.type,
    status: 'RUNNING',
    startedAt: at,
    stoppedAt: null,
    seed,
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    source: null,
    items: NO_TALLY,
    executions: NO_TALLY,
    resultsWritten: NOTHING,
    error: null,
    cause: null,
    redriveCount: 0,
    redrivenAt: null,
  };
}

/** Of a run that failed, what its ResultWriter has written all the same. */
export function endedCounts(run: MapRun): Pick<MapRun, 'resultsWritten'> {
  return { resultsWritten: { items: ended(run.items), executions: ended(run.executions) } };
}

/** What did not succeed is to run again. */
export function redriven(before: MapRun, attempt: number, at: number): MapRun {
  if (before.status === 'SUCCEEDED') return { ...before, attempt };
  const { notRedrivable: _again, ...run } = before;
  const pending = { failed: 0, timedOut: 0, aborted: 0 };
  return {
    ...run,
    attempt,
    status: 'RUNNING',
    stoppedAt: null,
    error: null,
    cause: null,
    items: { ...run.items, ...pending },
    executions: { ...run.executions, ...pending },
    redriveCount: run.redriveCount + 1,
    redrivenAt: at,
  };
}
