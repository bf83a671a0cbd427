import { describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import { executionOf } from '../../testing/execution.fixture.ts';
import { outcomeOf } from './outcome.ts';

const begun = executionOf({ input: Value.ofText('{"n": 1 }'), output: Value.ofText('[ 2 ]') });
const account = {
  ExecutionArn: begun.arn,
  InputDetails: { Included: true },
  Name: begun.name,
  StartDate: begun.startedAt,
  StateMachineArn: begun.stateMachineArn,
  StopDate: begun.stoppedAt,
};

describe('the outcome of a child', () => {
  it.each([
    ['text', '{"n": 1 }', '[ 2 ]'],
    ['json', { n: 1 }, [2]],
  ] as const)('is its account, with input and output as %s', (form, Input, Output) => {
    const outcome = outcomeOf(begun, form);
    const OutputDetails = { Included: true };
    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect(outcome.kind === 'succeeded' && outcome.output.json).toEqual({
      ...account,
      Input,
      Output,
      OutputDetails,
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      Status: 'SUCCEEDED',
    });
  });

  it.each(['text', 'json'] as const)(
    'is a failure with the account as its cause, in the order AWS gives it (%s)',
    (form) => {
      const ended = { ...begun, status: 'FAILED', output: null, error: 'Broken', cause: 'say "why"' } as const;
      const outcome = outcomeOf(ended, form);
      expect(outcome).toEqual({
        kind: 'failed',
        error: 'States.TaskFailed',
        cause: JSON.stringify({
          Cause: 'say "why"',
          Error: 'Broken',
          ExecutionArn: begun.arn,
          Input: '{"n": 1 }',
          InputDetails: { Included: true },
          Name: begun.name,
          RedriveCount: 0,
          RedriveStatus: 'REDRIVABLE',
          StartDate: begun.startedAt,
          StateMachineArn: begun.stateMachineArn,
          Status: 'FAILED',
          StopDate: begun.stoppedAt,
        }),
      });
    },
  );

  it.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
    'leaves out the error and the cause that a %s one has not',
    (status) => {
      const outcome = outcomeOf({ ...begun, status, output: null }, 'json');
      const told = JSON.parse((outcome.kind === 'failed' && outcome.cause) || '');
      expect(told).toEqual({
        ...account,
        Input: '{"n": 1 }',
        RedriveCount: 0,
        RedriveStatus: 'REDRIVABLE',
        Status: status,
      });
    },
  );
});
