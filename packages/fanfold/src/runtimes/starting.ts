/** What an execution is when it starts. */
import { randomUUID } from 'node:crypto';
import { type Execution, freshExecution } from '../interpreter/execution.ts';
import type { Limits } from '../interpreter/limits.ts';
import type { StepResult } from '../interpreter/step.ts';
import type { StartParams } from '../ports/executions.ts';
import type { StateMachineRecord } from '../ports/state-machines.ts';
import { executionArn, expressArn } from '../state-machine-arn.ts';
import { parseInput } from './execution-input.ts';
import { checkName, type Startable } from './machines/machines.ts';

/**
 * @param at milliseconds since the epoch
 * @throws ServiceError InvalidName, InvalidExecutionInput, ValidationException
 */
export function startedExecution(startable: Startable, params: StartParams, at: number, limits: Limits): Execution {
  const { machine: record, revision, versionArn, aliasArn } = startable;
  const name = params.name ?? randomUUID();
  checkName(name);
  return freshExecution({
    arn: arnOf(record, name),
    name,
    stateMachineArn: record.arn,
    definition: revision.definition,
    type: record.type,
    roleArn: revision.roleArn,
    startedAt: at,
    input: parseInput(params.input ?? '{}', limits),
    origin: params.origin ?? null,
    ...(limits !== 'local' && { limits }),
    ...(params.startedBy !== undefined && { startedBy: params.startedBy }),
    ...(params.traceHeader !== undefined && { traceHeader: params.traceHeader }),
    ...(versionArn !== undefined && { stateMachineVersionArn: versionArn }),
    ...(aliasArn !== undefined && { stateMachineAliasArn: aliasArn }),
    ...(revision.revisionId !== null && { revisionId: revision.revisionId }),
  });
}

function arnOf({ arn, type }: StateMachineRecord, name: string): string {
  return type === 'STANDARD' ? executionArn(arn, name) : expressArn(arn, name, randomUUID());
}

/** How long an EXPRESS execution may run, as on AWS. */
const EXPRESS_TIME_MS = 5 * 60 * 1000;

export function withinExpressTime(result: StepResult): StepResult {
  const { type, startedAt, deadline } = result.execution;
  if (type === 'STANDARD') return result;
  const latest = startedAt + EXPRESS_TIME_MS;
  return { ...result, execution: { ...result.execution, deadline: Math.min(deadline ?? latest, latest) } };
}
