import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { FAIL, PASS, passing, statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad, machine: make } = statesApi(() => server);
const machine = (definition: string, more: JsonObject = {}): Promise<string> =>
  make(definition, { type: 'EXPRESS', ...more });

const NOT_SUPPORTED = 'StateMachineTypeNotSupported: This operation is not supported by this type of state machine';

describe('an EXPRESS execution', () => {
  it('is waited for', async () => {
    const stateMachineArn = await machine(PASS);
    const params = { stateMachineArn, name: 'x', input: '{ "a": 1 }', traceHeader: 'Root=1' };
    const ended = await good('StartSyncExecution', params);
    expect(ended).toEqual({
      executionArn: expect.stringMatching(
        new RegExp(`^${stateMachineArn.replace(':stateMachine:', ':express:')}:x:[0-9a-f-]{36}$`),
      ),
      stateMachineArn,
      name: 'x',
      status: 'SUCCEEDED',
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      input: '{ "a": 1 }',
      inputDetails: { included: true },
      output: '{ "a": 1 }',
      outputDetails: { included: true },
      traceHeader: 'Root=1',
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
    });
    const again = await good('StartSyncExecution', params);
    expect(again['executionArn']).not.toBe(ended['executionArn']);
    const metadata = await good('StartSyncExecution', { ...params, includedData: 'METADATA_ONLY' });
    expect(metadata).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } });
    expect(metadata).not.toHaveProperty('output');
  });

  it('that fails says why', async () => {
    const ended = await good('StartSyncExecution', { stateMachineArn: await machine(FAIL) });
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: 'Bad',
      cause: 'because',
      outputDetails: { included: true },
    });
    expect(ended).not.toHaveProperty('output');
  });

  it('is waited for through a host with the prefix `sync-`, too', async () => {
    const body = JSON.stringify({ stateMachineArn: await machine(PASS) });
    const answer = await server.raw(
      [
        'POST / HTTP/1.1',
        `Host: sync-127.0.0.1:${server.port}`,
        'Content-Type: application/x-amz-json-1.0',
        'X-Amz-Target: AWSStepFunctions.StartSyncExecution',
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 [^]*"status":"SUCCEEDED"/);
  });

  it('can be started without waiting; its end is told to the log when it is none that was wanted', async () => {
    const stateMachineArn = await machine(FAIL, { publish: true });
    const started = await good('StartExecution', { stateMachineArn: `${stateMachineArn}:1`, name: 'y' });
    expect(started).toEqual({ executionArn: expect.stringMatching(/:express:.*:y:/), startDate: expect.any(Number) });
    await expect
      .poll(() => server.log.at(-1)?.fields)
      .toMatchObject({ executionArn: started['executionArn'], error: 'Bad' });
  });

  it('cannot be looked at or stopped', async () => {
    const stateMachineArn = await machine(PASS);
    const { executionArn = '' } = await good('StartExecution', { stateMachineArn });
    for (const action of [
      'DescribeExecution',
      'GetExecutionHistory',
      'StopExecution',
      'DescribeStateMachineForExecution',
    ])
      expect(await bad(action, { executionArn })).toBe(
        "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
      );
    expect(await bad('ListExecutions', { stateMachineArn })).toBe(NOT_SUPPORTED);
  });

  it('begins with the version that an alias leads to', async () => {
    const stateMachineArn = await machine(passing('1'), { publish: true });
    const routingConfiguration = [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }];
    await good('CreateStateMachineAlias', { name: 'live', routingConfiguration });
    await good('UpdateStateMachine', { stateMachineArn, definition: passing('2') });
    expect(await good('StartSyncExecution', { stateMachineArn: `${stateMachineArn}:live` })).toMatchObject({
      output: '"1"',
    });
    expect(await good('StartSyncExecution', { stateMachineArn })).toMatchObject({ output: '"2"' });
  });

  it('is only of an EXPRESS machine, and with an input that is JSON', async () => {
    expect(await bad('StartSyncExecution', { stateMachineArn: await make(PASS) })).toBe(NOT_SUPPORTED);
    const stateMachineArn = await machine(PASS);
    expect(await bad('StartSyncExecution', { stateMachineArn, input: 'not an input' })).toBe(
      "InvalidExecutionInput: Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON " +
        "String, Number, Array, Object or token 'null', 'true' or 'false')'",
    );
    expect(await bad('StartSyncExecution', { stateMachineArn, name: 'a/b' })).toBe("InvalidName: Invalid Name: 'a/b'");
  });
});
