/** Executions as DescribeExecution and ListExecutions show them, and back again for Fanfold's own client. */
import type { Execution } from '../interpreter/execution.ts';
import { Value } from '../interpreter/value.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ShownStatus } from './shown-status.ts';
import { given } from './params.ts';

const INCLUDED: JsonObject = { included: true };

export interface DescribedOptions {
  readonly status: ShownStatus;
  /** Input and output are shown. */
  readonly data: boolean;
  /** What AWS does not tell is shown too. */
  readonly details: boolean;
  /** Why it cannot be redriven. */
  readonly notRedrivable: string | null;
}

export function describedExecution(
  execution: Execution,
  { status, data, details, notRedrivable }: DescribedOptions,
): JsonObject {
  const { input, output, error, cause } = execution;
  return {
    ...head(execution, status),
    ...(data && { input: input.text }),
    inputDetails: data ? INCLUDED : { included: false },
    ...(output && { ...(data && { output: output.text }), outputDetails: data ? INCLUDED : { included: false } }),
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    ...given({ traceHeader: execution.traceHeader }),
    ...redriveStatus(execution, notRedrivable),
    ...(details && { fanfold: detailsOf(execution) }),
  };
}

/** The answer of StartSyncExecution. */
export function syncExecution(execution: Execution, { data }: { readonly data: boolean }): JsonObject {
  const { arn, stateMachineArn, name, status, startedAt, stoppedAt, input, output, error, cause } = execution;
  const included = data ? INCLUDED : { included: false };
  const duration = (stoppedAt ?? startedAt) - startedAt;
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: startedAt / 1000,
    stopDate: (stoppedAt ?? startedAt) / 1000,
    ...(data && { input: input.text }),
    inputDetails: included,
    ...(data && output && { output: output.text }),
    outputDetails: included,
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    ...given({ traceHeader: execution.traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: BILLED_MB,
      billedDurationInMilliseconds: Math.max(1, Math.ceil(duration / BILLED_STEP_MS)) * BILLED_STEP_MS,
    },
  };
}

/** AWS bills memory in chunks of 64 MB, and time in steps of 100 ms. */
const BILLED_MB = 64;
const BILLED_STEP_MS = 100;

export function listedExecution(execution: Execution, status: ShownStatus, details: boolean): JsonObject {
  const { error, cause, output } = execution;
  return {
    ...head(execution, status),
    ...(details && { fanfold: { ...detailsOf(execution), error, cause, hasOutput: output !== null } }),
  };
}

function head(execution: Execution, status: ShownStatus): JsonObject {
  const { arn, stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, name, startedAt, stoppedAt } = execution;
  return {
    executionArn: arn,
    stateMachineArn,
    ...given({ stateMachineVersionArn, stateMachineAliasArn }),
    name,
    status,
    ...mapRunOf(execution),
    startDate: startedAt / 1000,
    ...(stoppedAt !== null && { stopDate: stoppedAt / 1000 }),
    redriveCount: execution.redrive?.count ?? 0,
    ...(execution.redrive && { redriveDate: execution.redrive.at / 1000 }),
  };
}

/** Of a child of a map run. */
function mapRunOf({ origin }: Execution): JsonObject {
  return origin?.kind === 'mapRun' ? { mapRunArn: origin.mapRunArn, itemCount: origin.items } : {};
}

function redriveStatus({ origin }: Execution, reason: string | null): JsonObject {
  if (reason === null && origin?.kind === 'mapRun') return { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' };
  if (reason === null) return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason };
}

function detailsOf(execution: Execution): JsonObject {
  const { definition, type, roleArn, deadline, lastEventId, transitions, ready, origin, revisionId, redrive } =
    execution;
  const { limits, warnings, lastEventAt } = execution;
  return {
    definition,
    type,
    roleArn,
    deadline,
    lastEventId,
    transitions,
    ready,
    origin: origin as Json,
    ...given({ lastEventAt, revisionId, limits, redrive: redrive as Json | undefined }),
    ...(warnings && { warnings: warnings.map((warning) => ({ ...warning })) }),
  };
}

/** @throws Error when this is not what {@link describedExecution} or {@link listedExecution} made, with details */
export function executionOf(shown: JsonObject): Execution {
  const { fanfold, stopDate, startDate, input, output } = shown;
  if (!isObject(fanfold)) throw new Error('The server at this address is not a Fanfold of this version');
  const { hasOutput, ...details } = fanfold;
  const { error = null, cause = null } = { ...shown, ...details } as Partial<Execution>;
  const { stateMachineVersionArn, stateMachineAliasArn, traceHeader } = shown as Partial<Execution>;
  return {
    ...(details as unknown as Execution),
    ...given({ stateMachineVersionArn, stateMachineAliasArn, traceHeader }),
    error,
    cause,
    arn: shown.executionArn as string,
    name: shown.name as string,
    stateMachineArn: shown.stateMachineArn as string,
    status: shown.status as Execution['status'],
    startedAt: milliseconds(startDate),
    stoppedAt: stopDate === undefined ? null : milliseconds(stopDate),
    input: typeof input === 'string' ? Value.ofText(input) : NOT_LISTED,
    output: typeof output === 'string' ? Value.ofText(output) : hasOutput === true ? NOT_LISTED : null,
  };
}

/** Dates come as seconds; a fraction of a millisecond in the floating point is none in the date. */
export function milliseconds(date: Json | undefined): number {
  return Math.round((date as number) * 1000);
}

/** A page of executions with all their data could be hundreds of megabytes. */
const NOT_LISTED: Value = Value.lazy(() => {
  throw new Error('A list of executions holds no inputs and outputs. Describe the execution to read them.');
});
