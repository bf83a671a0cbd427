import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { ROLE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad } = statesApi(() => server);
const SUCCEED = '{"Type":"Succeed"}';

describe('testing a state', () => {
  it('tells its output, and where it leads', async () => {
    const definition = JSON.stringify({ Type: 'Pass', Result: { a: 1 }, Next: 'Then' });
    expect(await good('TestState', { definition })).toEqual({
      status: 'SUCCEEDED',
      output: '{"a":1}',
      nextState: 'Then',
    });
  });

  it('keeps the text of the input as it is', async () => {
    expect(await good('TestState', { definition: SUCCEED, input: '[1,  2]', inspectionLevel: 'TRACE' })).toEqual({
      status: 'SUCCEEDED',
      output: '[1,  2]',
      inspectionData: { input: '[1,  2]', afterInputPath: '[1,  2]' },
    });
  });

  it('gives the state a context object as an execution has it', async () => {
    const definition = JSON.stringify({
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% $states.context %}',
      End: true,
    });
    const { output } = await good('TestState', { definition, roleArn: ROLE, input: '[1]' });
    const { Execution, StateMachine, State } = JSON.parse(String(output)) as Record<string, JsonObject>;
    expect(Execution).toEqual({
      Id: expect.stringMatching(/^arn:aws:states:us-east-1:000000000000:express:[-\w]+:[-\w]+$/),
      Input: [1],
      Name: expect.any(String),
      RoleArn: ROLE,
      StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(StateMachine).toEqual({ Id: expect.any(String), Name: expect.any(String) });
    expect(State).toEqual({ Name: 'StateName', EnteredTime: expect.any(String) });
  });

  it('reads the variables that it is given', async () => {
    const definition = JSON.stringify({ Type: 'Pass', Parameters: { 'x.$': '$x' }, End: true });
    expect(await good('TestState', { definition, variables: '{"x":[1]}' })).toMatchObject({ output: '{"x":[1]}' });
  });

  it('has no secrets to reveal beside a mock', async () => {
    const definition = JSON.stringify({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'f' },
      End: true,
    });
    const mock = { result: '{}', fieldValidationMode: 'NONE' };
    expect(await bad('TestState', { definition, mock, inspectionLevel: 'TRACE', revealSecrets: true })).toBe(
      'ValidationException: TestState does not support RevealSecrets when a mock is specified.',
    );
  });

  it('is reached through a host with the prefix `sync-`, too', async () => {
    const body = JSON.stringify({ definition: SUCCEED });
    const answer = await server.raw(
      [
        'POST / HTTP/1.1',
        `Host: sync-127.0.0.1:${server.port}`,
        'X-Amz-Target: AWSStepFunctions.TestState',
        'Content-Type: application/x-amz-json-1.0',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('{"status":"SUCCEEDED","output":"{}"}');
  });

  it.each([
    [
      {},
      "ValidationException: 1 validation error detected: Value null at 'definition' failed to satisfy constraint: Member must not be null",
    ],
    [
      { definition: SUCCEED, stateName: '' },
      "ValidationException: 1 validation error detected: Value at 'stateName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      { definition: SUCCEED, mock: { fieldValidationMode: 'LOOSE' } },
      "ValidationException: 1 validation error detected: Value 'LOOSE' at 'mock.fieldValidationMode' failed to satisfy constraint: Member must satisfy enum value set: [STRICT, PRESENT, NONE]",
    ],
    [
      { definition: SUCCEED, stateConfiguration: { retrierRetryCount: -1 } },
      "ValidationException: 1 validation error detected: Value '-1' at 'stateConfiguration.retrierRetryCount' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
    [{ definition: SUCCEED, mock: [] }, 'SerializationException: Start of list found where not expected'],
  ])('refuses %j', async (params, refusal) => {
    expect(await bad('TestState', params as JsonObject)).toBe(refusal);
  });
});
