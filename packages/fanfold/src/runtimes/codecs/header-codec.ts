/**
 * Headers of executions as they are stored: columns of their own for what they are found by, and JSON text for the rest. What
 * a column says, and what most executions have alike, is left out of the text. Texts of earlier versions hold everything; what
 * stands in a text counts.
 */
import type { Execution } from '../../interpreter/execution.ts';
import type { GetValue, Packed, PutValue } from './stored-value.ts';

/** What stands beside the text. It stays as it was at the start, but for the status and the end. */
export interface HeaderColumns extends Pick<
  Execution,
  'arn' | 'stateMachineArn' | 'status' | 'startedAt' | 'stoppedAt'
> {
  readonly mapRunArn: string | null;
}

export function columnsOf(execution: Execution): HeaderColumns {
  const { arn, stateMachineArn, status, startedAt, stoppedAt, origin } = execution;
  const mapRunArn = origin?.kind === 'mapRun' ? origin.mapRunArn : null;
  return { arn, stateMachineArn, status, startedAt, stoppedAt, mapRunArn };
}

const USUAL = { deadline: null, output: null, error: null, cause: null, ready: [], origin: null } as const;

export function encodeExecution(execution: Execution, put: PutValue): string {
  const { arn, name, stateMachineArn: _machine, status: _status, ...more } = execution;
  const { startedAt: _startedAt, stoppedAt: _stoppedAt, input, output, deadline, error, cause, ...rest } = more;
  const { ready, origin, ...own } = rest;
  return JSON.stringify({
    ...(name !== lastOf(arn) && { name }),
    ...own,
    input: put(input),
    ...(output && { output: put(output) }),
    ...(deadline !== null && { deadline }),
    ...(error !== null && { error }),
    ...(cause !== null && { cause }),
    ...(ready.length > 0 && { ready }),
    ...(origin && { origin: origin.kind === 'mapRun' ? { ...origin, mapRunArn: undefined } : origin }),
  });
}

export function decodeExecution(columns: HeaderColumns, text: string, get: GetValue): Execution {
  return unpackExecution(columns, JSON.parse(text) as Packed<Execution>, get);
}

/** @param packed what {@link encodeExecution} gave, parsed */
export function unpackExecution(
  { mapRunArn, ...columns }: HeaderColumns,
  packed: Packed<Execution>,
  get: GetValue,
): Execution {
  const { origin } = packed;
  const found = { ...USUAL, ...columns, name: lastOf(columns.arn) };
  return {
    ...found,
    ...packed,
    input: get(packed.input),
    output: packed.output ? get(packed.output) : null,
    ...(origin?.kind === 'mapRun' && mapRunArn !== null && { origin: { ...origin, mapRunArn } }),
  };
}

/** The name, where the ARN ends with it. */
function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
