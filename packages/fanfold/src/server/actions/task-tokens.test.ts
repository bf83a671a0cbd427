import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
let stateMachineArn: string;
const { good, bad, machine } = statesApi(() => server);
beforeAll(async () => {
  server = await startTestServer();
  const { activityArn = '' } = await good('CreateActivity', { name: 'work' });
  const state = { Type: 'Task', Resource: activityArn, End: true };
  stateMachineArn = await machine(JSON.stringify({ StartAt: 'A', States: { A: state } }));
});
afterAll(() => server?.close());

/** Starts an execution, and takes its task. */
async function begin(): Promise<{ readonly taskToken: string; readonly executionArn: string }> {
  const { executionArn = '' } = await good('StartExecution', { stateMachineArn });
  const activityArn = stateMachineArn.replace(/:stateMachine:.*/, ':activity:work');
  const { taskToken = '' } = await good('GetActivityTask', { activityArn });
  return { taskToken: taskToken as string, executionArn: executionArn as string };
}

describe('SendTaskFailure', () => {
  it.each<JsonObject>([{ error: 'Bad', cause: 'because' }, { error: 'Bad' }, {}])(
    'fails the task with %j',
    async (why) => {
      const { taskToken, executionArn } = await begin();
      expect(await good('SendTaskFailure', { taskToken, ...why })).toEqual({});
      const ended = await good('DescribeExecution', { executionArn });
      expect(ended['status']).toBe('FAILED');
      expect([ended['error'], ended['cause']]).toEqual([why['error'], why['cause']]);
    },
  );
});

describe('a token', () => {
  it.each([
    ['SendTaskSuccess', { output: '{}' }],
    ['SendTaskFailure', {}],
    ['SendTaskHeartbeat', {}],
  ])('that was never given is refused by %s', async (action, params) => {
    for (const taskToken of ['1', 'NoSuchTaskToken', 'x'.repeat(2048)])
      expect(await bad(action, { taskToken, ...params })).toBe("InvalidToken: Invalid Token: 'Invalid token'");
    expect(await bad(action, { taskToken: 'x'.repeat(2049), ...params })).toMatch(
      /^ValidationException: .* at 'taskToken' failed to satisfy constraint: Member must have length less than or equal to 2048/,
    );
    expect(await bad(action, params)).toMatch(/Value null at 'taskToken'/);
  });

  it('goes on when its output is no JSON', async () => {
    const { taskToken, executionArn } = await begin();
    expect(await bad('SendTaskSuccess', { taskToken, output: '{' })).toMatch(/^InvalidOutput: Invalid Output: '/);
    expect(await bad('SendTaskSuccess', { taskToken })).toMatch(/^ValidationException: .*Value null at 'output'/);
    expect(await good('DescribeExecution', { executionArn })).toMatchObject({ status: 'RUNNING' });
  });
});
