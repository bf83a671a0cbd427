/** Map runs: showing them, and changing what they tolerate while they run. */
import type { MapRun, MapRunShare } from '../../ports/map-runs.ts';
import type { JsonObject } from '../../json.ts';
import { pageOf } from '../page.ts';
import { decimal, given, integer, required, validationException } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import {
  type Action,
  action,
  arnField,
  longArnField,
  maxResultsField,
  pageSize,
  seconds,
  tokenField,
} from './action.ts';

export const mapRunActions: Readonly<Record<string, Action>> = {
  DescribeMapRun: action({ mapRunArn: required(longArnField) }, async ({ mapRunArn }, context) => {
    const { run, running } = await context.mapRuns.describe(checkArn(mapRunArn, 'mapRun', context));
    return {
      mapRunArn: run.arn,
      executionArn: run.executionArn,
      status: run.status,
      startDate: seconds(run.startedAt),
      ...(run.stoppedAt !== null && { stopDate: seconds(run.stoppedAt) }),
      maxConcurrency: run.maxConcurrency,
      toleratedFailurePercentage: run.toleratedFailurePercentage ?? 0,
      toleratedFailureCount: run.toleratedFailureCount ?? 0,
      itemCounts: countsOf(run, running, 'items'),
      executionCounts: countsOf(run, running, 'executions'),
      redriveCount: run.redriveCount,
      ...(run.redrivenAt !== null && { redriveDate: seconds(run.redrivenAt) }),
    };
  }),

  ListMapRuns: action(
    { executionArn: required(arnField), maxResults: maxResultsField, nextToken: tokenField },
    async ({ executionArn, maxResults, nextToken }, context) => {
      await context.executions.describe(checkArn(executionArn, 'execution', context));
      const { page, next } = pageOf({
        listing: ['ListMapRuns', executionArn],
        items: [...(await context.mapRuns.list(executionArn))].sort(byStart),
        keyOf: ({ startedAt, arn }) => `${String(startedAt).padStart(16, '0')} ${arn}`,
        limit: pageSize(maxResults),
        nextToken,
      });
      return { mapRuns: page.map(listedMapRun), ...next };
    },
  ),

  UpdateMapRun: action(
    {
      mapRunArn: required(longArnField),
      maxConcurrency: integer({ min: 0, max: 2_147_483_647 }),
      toleratedFailurePercentage: decimal({ min: 0, max: 100 }),
      toleratedFailureCount: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    },
    async ({ mapRunArn, ...change }, context) => {
      if (Object.values(change).every((value) => value === undefined))
        throw validationException(
          'Either maxConcurrency, toleratedFailurePercentage or toleratedFailureCount must be specified',
        );
      await context.mapRuns.update(checkArn(mapRunArn, 'mapRun', context), given(change));
      return {};
    },
  ),
};

function byStart(a: MapRun, b: MapRun): number {
  return a.startedAt - b.startedAt || (a.arn < b.arn ? -1 : 1);
}

function listedMapRun({ arn, executionArn, stateMachineArn, startedAt, stoppedAt }: MapRun): JsonObject {
  return {
    executionArn,
    mapRunArn: arn,
    stateMachineArn,
    startDate: seconds(startedAt),
    ...(stoppedAt !== null && { stopDate: seconds(stoppedAt) }),
  };
}

function countsOf(run: MapRun, now: MapRunShare, of: keyof MapRunShare): JsonObject {
  const { total, succeeded, failed, timedOut, aborted } = run[of];
  const running = now[of];
  const pendingRedrive = run.pendingRedrive?.[of] ?? 0;
  const unsuccessful = failed + timedOut + aborted;
  const pending = total - succeeded - unsuccessful - running - pendingRedrive;
  return {
    pending,
    running,
    succeeded,
    failed,
    timedOut,
    aborted,
    total,
    resultsWritten: run.resultsWritten[of],
    // Left out where nothing was ever to be redriven, as what AWS answered before it had redrives is held to be the same.
    ...(unsuccessful + run.redriveCount > 0 && {
      failuresNotRedrivable: run.notRedrivable?.[of] ?? 0,
      pendingRedrive,
    }),
  };
}
