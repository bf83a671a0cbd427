/** What the end of a child execution means to the task that waits for it. */
import type { Execution } from '../../interpreter/execution.ts';
import { notRedrivable } from '../../interpreter/redrive.ts';
import { Value } from '../../interpreter/value.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { TaskOutcome } from '../../ports/services.ts';

/** @param form `.sync` gives input and output as text, `.sync:2` as JSON */
export function outcomeOf(execution: Execution, form: 'text' | 'json'): Exclude<TaskOutcome, { kind: 'submitted' }> {
  const value = (of: { readonly text: string; readonly json: Json }): Json => (form === 'json' ? of.json : of.text);
  if (execution.status === 'SUCCEEDED' && execution.output)
    return {
      kind: 'succeeded',
      output: Value.ofJson(description(execution, value(execution.input), value(execution.output))),
    };
  return {
    kind: 'failed',
    error: 'States.TaskFailed',
    cause: JSON.stringify(description(execution, execution.input.text)),
  };
}

function description(execution: Execution, input: Json, output?: Json): JsonObject {
  return {
    ...(execution.cause !== null && { Cause: execution.cause }),
    ...(execution.error !== null && { Error: execution.error }),
    ExecutionArn: execution.arn,
    Input: input,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(output !== undefined && { Output: output, OutputDetails: { Included: true } }),
    ...redriveOf(execution),
    StartDate: execution.startedAt,
    StateMachineArn: execution.stateMachineArn,
    Status: execution.status,
    StopDate: execution.stoppedAt,
  };
}

/** As it stood when the execution ended. */
function redriveOf(execution: Execution): JsonObject {
  const { redrive } = execution;
  const reason = notRedrivable(execution, execution.stoppedAt ?? execution.startedAt);
  return {
    RedriveCount: redrive?.count ?? 0,
    ...(redrive && { RedriveDate: redrive.at }),
    RedriveStatus: reason === null ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(reason !== null && { RedriveStatusReason: reason }),
  };
}
