/** The results of a map run as texts: as the Map's output holds them, and as its ResultWriter writes them. */
import { formatTimestamp } from '../../asl/timestamp.ts';
import type { Writer } from '../../interpreter/machine.ts';
import { isArray, type JsonObject } from '../../json.ts';
import type { MapRun, MapRunResult } from '../../ports/map-runs.ts';
import { childName } from '../child-names.ts';
import { childArn, type ChildInput } from './child.ts';

/** Texts of one result; FLATTEN may give many, or none. */
export type ResultTexts = (result: MapRunResult) => readonly string[];

/** Of a child that succeeded. */
export function succeededTexts(run: MapRun, { Transformation }: Writer['config']): ResultTexts {
  if (Transformation === 'NONE') return (result) => [described(run, result)];
  if (Transformation === 'COMPACT') return ({ output }) => [output?.text ?? 'null'];
  return ({ output }) => {
    const json = output?.json ?? null;
    return isArray(json) ? json.map((each) => JSON.stringify(each)) : [output?.text ?? 'null'];
  };
}

/** A child with all that DescribeExecution tells of it. */
export function described(run: MapRun, result: MapRunResult): string {
  const { index, status, input, output, error, cause, startedAt, stoppedAt, redrives = 0 } = result;
  const reason = status === 'SUCCEEDED' ? 'Execution is SUCCEEDED and cannot be redriven' : result.notRedrivable;
  const name = childName(run.arn, index);
  const details: JsonObject = {
    ...(cause !== null && { Cause: cause }),
    ...(error !== null && { Error: error }),
    ExecutionArn: childArn(run, name),
    ...(input && { Input: input.text, InputDetails: { Included: true } }),
    Name: name,
    ...(output && { Output: output.text, OutputDetails: { Included: true } }),
    RedriveCount: redrives,
    RedriveStatus: reason === undefined ? 'REDRIVABLE_BY_MAP_RUN' : 'NOT_REDRIVABLE',
    ...(reason !== undefined && { RedriveStatusReason: reason }),
    StartDate: formatTimestamp(startedAt),
    StateMachineArn: run.stateMachineArn,
    Status: status,
    StopDate: formatTimestamp(stoppedAt),
  };
  return JSON.stringify(details);
}

/** A child that was not begun, or not again. @param redrives how often it was redriven before */
export function pendingText(run: MapRun, { input, index }: ChildInput, redrives: number): string {
  const name = childName(run.arn, index);
  return JSON.stringify({
    ExecutionArn: childArn(run, name),
    Input: input.text,
    InputDetails: { Included: true },
    Name: name,
    RedriveCount: redrives,
    RedriveStatus: 'REDRIVABLE_BY_MAP_RUN',
    StateMachineArn: run.stateMachineArn,
    Status: 'PENDING',
  });
}
