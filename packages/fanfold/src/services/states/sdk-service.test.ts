import { describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Json, JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { createSdkService } from './sdk-service.ts';

/** Performs an action that answers with this. */
async function perform(
  action: string,
  parameters: Json,
  answer: JsonObject | ServiceError = {},
): Promise<{ readonly calls: readonly (readonly [string, JsonObject])[]; readonly outcome: TaskOutcome }> {
  const calls: [string, JsonObject][] = [];
  const service = createSdkService({
    region: 'us-east-1',
    account: '000000000000',
    call: async (name, input) => {
      calls.push([name, input]);
      if (answer instanceof ServiceError) throw answer;
      return answer;
    },
  });
  const outcome = await service.perform({
    task: { executionArn: 'arn', frame: '0', attempt: 1 },
    resource: `arn:aws:states:::aws-sdk:sfn:${action}`,
    parameters: Value.ofJson(parameters),
    stateName: 'Task',
    idempotencyKey: 'key',
    signal: new AbortController().signal,
  });
  return { calls, outcome };
}

describe('aws-sdk:sfn', () => {
  it('calls the action with the names of the wire, and gives its answer with those of the SDK', async () => {
    const { calls, outcome } = await perform(
      'listExecutions',
      { StateMachineArn: 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:m', MaxResults: 2 },
      { executions: [{ executionArn: 'e', startDate: 1_700_000_000.123, redriveCount: 0 }], nextToken: 't' },
    );
    expect(calls).toEqual([
      ['ListExecutions', { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m', maxResults: 2 }],
    ]);
    expect(outcome.kind === 'succeeded' && outcome.output.json).toEqual({
      Executions: [{ ExecutionArn: 'e', StartDate: '2023-11-14T22:13:20.123Z', RedriveCount: 0 }],
      NextToken: 't',
    });
  });

  it.each([
    [{ Input: { Key: 'value' } }, { input: '{"Key":"value"}' }],
    [{ Input: '{ "Key": 1 }' }, { input: '{ "Key": 1 }' }],
    [{ Output: [1] }, { output: '[1]' }],
    [{ Tags: [{ Key: 'K', Value: 'V' }] }, { tags: [{ key: 'K', value: 'V' }] }],
    [{ Input: null }, { input: null }],
  ])('takes %j as %j', async (parameters, input) => {
    expect((await perform('startExecution', parameters)).calls).toEqual([['StartExecution', input]]);
  });

  it('names a refusal as the SDK does', async () => {
    const { outcome } = await perform(
      'sendTaskSuccess.waitForTaskToken',
      { TaskToken: 'x', Output: 'no JSON' },
      new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'"),
    );
    expect(outcome).toEqual({
      kind: 'failed',
      error: 'Sfn.InvalidTokenException',
      cause: expect.stringMatching(
        /^Invalid Token: 'Invalid token' \(Service: Sfn, Status Code: 400, Request ID: [\da-f-]{36}\) \(SDK Attempt Count: 1\)$/,
      ),
    });
  });

  it('wants an object', async () => {
    expect((await perform('listActivities', [])).outcome).toMatchObject({ kind: 'failed', error: 'States.Runtime' });
  });
});
