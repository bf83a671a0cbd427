/** The child executions of a map run. */
import { type Execution, freshExecution } from '../../interpreter/execution.ts';
import type { Value } from '../../interpreter/value.ts';
import type { MapRun, MapRunResult } from '../../ports/map-runs.ts';
import { executionArn, expressArn } from '../../state-machine-arn.ts';
import { childName } from '../child-names.ts';

/** What one child is to do. */
export interface ChildInput {
  readonly index: number;
  /** How many items are in it. */
  readonly items: number;
  readonly input: Value;
}

/** A child before its first step. Its name is made from the run and its index, so that it is begun once (I3). */
export function childExecution(
  run: MapRun,
  parent: Execution,
  block: number,
  { index, items, input }: ChildInput,
  at: number,
): Execution {
  const { limits, roleArn, definition, traceHeader } = parent;
  const name = childName(run.arn, index);
  return freshExecution({
    arn: childArn(run, name),
    name,
    stateMachineArn: run.stateMachineArn,
    definition,
    type: run.childType,
    block,
    roleArn,
    startedAt: at,
    input,
    origin: { kind: 'mapRun', mapRunArn: run.arn, index, items, redriveCount: run.redriveCount },
    ...(limits !== undefined && { limits }),
    ...(traceHeader !== undefined && { traceHeader }),
  });
}

export function childArn({ stateMachineArn, childType, arn }: MapRun, name: string): string {
  if (childType === 'STANDARD') return executionArn(stateMachineArn, name);
  return expressArn(stateMachineArn, name, arn.slice(arn.lastIndexOf(':') + 1));
}

export interface ResultParams {
  readonly index: number;
  readonly items: number;
  readonly redriveCount: number;
  readonly keepInput: boolean;
  readonly notRedrivable: string | null;
}

/** How an execution that has ended counts for its run. */
export function resultOf(execution: Execution, params: ResultParams): MapRunResult {
  const { status, output, error, cause, input, startedAt, stoppedAt } = execution;
  const { index, items, redriveCount, keepInput, notRedrivable } = params;
  return {
    index,
    items,
    status: status === 'RUNNING' ? 'ABORTED' : status,
    output,
    error,
    cause,
    input: keepInput ? input : null,
    startedAt,
    stoppedAt: stoppedAt ?? startedAt,
    redriveCount,
    ...(notRedrivable !== null && { notRedrivable }),
    ...(execution.redrive && { redrives: execution.redrive.count }),
  };
}
