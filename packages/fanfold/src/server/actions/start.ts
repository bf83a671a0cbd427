/** Starting executions. How long their input may be depends on whose limits hold. */
import type { Limits } from '../../interpreter/limits.ts';
import { syncExecution } from '../execution-shape.ts';
import { INPUT_BYTES } from '../limits.ts';
import { given, oneOf, required, text } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import { type Action, action, arnField, nameField, seconds } from './action.ts';

export function startActions(limits: Limits): Readonly<Record<string, Action>> {
  const fields = {
    stateMachineArn: required(arnField),
    name: nameField,
    input: text({ max: INPUT_BYTES[limits], sensitive: true }),
    traceHeader: text({ max: 256 }),
  };
  return {
    StartExecution: action(fields, async ({ stateMachineArn, name, input, traceHeader }, context) => {
      checkArn(stateMachineArn, 'stateMachine', context);
      const started = await context.executions.start({ stateMachineArn, ...given({ name, input, traceHeader }) });
      return {
        executionArn: started.executionArn,
        startDate: seconds(started.startDate),
        ...(context.details && { fanfold: { existing: started.existing } }),
      };
    }),

    StartSyncExecution: action(
      { ...fields, includedData: oneOf('ALL_DATA', 'METADATA_ONLY') },
      async ({ stateMachineArn, name, input, traceHeader, includedData }, context) => {
        checkArn(stateMachineArn, 'stateMachine', context);
        const ended = await context.executions.startSync({ stateMachineArn, ...given({ name, input, traceHeader }) });
        return syncExecution(ended, { data: includedData !== 'METADATA_ONLY' });
      },
    ),
  };
}
