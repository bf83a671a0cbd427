import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { ARN_PREFIX, ROLE, startTestServer, type TestServer } from '../testing/server.fixture.ts';

const PASS = '{ "StartAt": "A",\n "States": { "A": { "Type": "Pass", "End": true } } }';
const FAIL = JSON.stringify({ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Bad', Cause: 'because' } } });
const WAIT = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9999, End: true } } });
const JSON_TYPE = { 'Content-Type': 'application/x-amz-json-1.0' };
const EXEC = /^arn:aws:states:us-east-1:000000000000:execution:/;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

let made = 0;
async function machine(definition: string, type?: string): Promise<string> {
  const name = `machine-${made++}`;
  const params = { name, definition, roleArn: ROLE, ...(type !== undefined && { type }) };
  const { status, body } = await server.call('CreateStateMachine', params);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.stateMachineArn as string;
}
async function run(definition: string, params: JsonObject = {}): Promise<string> {
  const { body } = await server.call('StartExecution', { stateMachineArn: await machine(definition), ...params });
  return body.executionArn as string;
}
async function good(action: string, params: JsonObject): Promise<JsonObject> {
  const { status, body } = await server.call(action, params);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}
async function bad(action: string, params: JsonObject | string): Promise<string> {
  const { status, headers, body } = await server.call(action, params);
  expect(status).toBe(400);
  expect(headers.get('x-amzn-errortype')).toBe(body.__type);
  return `${body.__type}: ${body.message}`;
}

describe('the protocol', () => {
  it('answers AWS JSON 1.0 with a request id', async () => {
    const { headers } = await server.call('ListStateMachines');
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['{', 'SerializationException: The request is not JSON in UTF-8.'],
    ['[]', 'SerializationException: The request must be a JSON object.'],
    ['"x"', 'SerializationException: The request must be a JSON object.'],
    ['null', 'SerializationException: The request must be a JSON object.'],
    ['{"maxResults":"10"}', 'SerializationException: STRING_VALUE can not be converted to an Integer'],
    ['{"maxResults":1.5}', 'SerializationException: NUMBER_VALUE can not be converted to an Integer'],
    ['{"nextToken":7}', 'SerializationException: NUMBER_VALUE can not be converted to a String'],
    ['{"nextToken":[]}', 'SerializationException: Start of list found where not expected'],
    ['{"nextToken":{}}', 'SerializationException: Start of structure or map found where not expected.'],
  ])('refuses %s', async (body, refusal) => {
    expect(await bad('ListStateMachines', body)).toBe(refusal);
  });

  it('refuses text that is not UTF-8', async () => {
    const headers = { 'X-Amz-Target': 'AWSStepFunctions.ListStateMachines', ...JSON_TYPE };
    const body = Buffer.from('{"nextToken":"\xff"}', 'latin1');
    expect((await fetch(server.url, { method: 'POST', headers, body })).status).toBe(400);
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/x-amz-json-1.00'])(
    'refuses a body of the type %s, which a page of another origin could send',
    async (type) => {
      const headers = { 'X-Amz-Target': 'AWSStepFunctions.ListStateMachines', ...(type && { 'Content-Type': type }) };
      const answer = await fetch(server.url, { method: 'POST', headers, body: Buffer.from('{}') });
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({ __type: 'UnsupportedMediaTypeException' });
    },
  );

  it('takes null for a member that is left out, and no notice of members that it does not know', async () => {
    expect(await good('ListStateMachines', { maxResults: null, shoeSize: 43 })).toHaveProperty('stateMachines');
    expect((await server.call('ListStateMachines', '')).status).toBe(200);
  });

  it('knows no other actions and no other services', async () => {
    expect(await bad('Fly', {})).toBe('UnknownOperationException: Step Functions has no action Fly.');
    expect(await bad('toString', {})).toBe('UnknownOperationException: Step Functions has no action toString.');
    const post = async (headers: Record<string, string>): Promise<unknown> =>
      (await fetch(server.url, { method: 'POST', headers: { ...headers, ...JSON_TYPE }, body: '{}' })).json();
    expect(await post({ 'X-Amz-Target': 'AWSGlue.GetJob' })).toMatchObject({
      message: expect.stringContaining('AWSGlue.GetJob'),
    });
    expect(await post({})).toMatchObject({ message: expect.stringContaining('X-Amz-Target') });
  });

  it('tells all that is wrong with the parameters', async () => {
    expect(await bad('CreateStateMachine', { name: '', type: 'FAST', definition: PASS })).toBe(
      "ValidationException: 3 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must " +
        "have length greater than or equal to 1; Value null at 'roleArn' failed to satisfy constraint: Member must not " +
        "be null; Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: " +
        '[STANDARD, EXPRESS]',
    );
    expect(await bad('DescribeStateMachine', {})).toBe(
      "ValidationException: 1 validation error detected: Value null at 'stateMachineArn' failed to satisfy " +
        'constraint: Member must not be null',
    );
    expect(await bad('ListStateMachines', { maxResults: 1001 })).toBe(
      "ValidationException: 1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: " +
        'Member must have value less than or equal to 1000',
    );
  });
});

describe('ARNs', () => {
  it.each([
    ['invalid_arn', "InvalidArn: Invalid Arn: 'Invalid ARN prefix: invalid_arn'"],
    ['arn:aws:s3:::b', "InvalidArn: Invalid Arn: 'Invalid service in ARN: arn:aws:s3:::b'"],
    [
      `${ARN_PREFIX}:express:m:e:77de68daecd8`,
      "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
    ],
    [`${ARN_PREFIX}:execution:m`, `InvalidArn: Invalid Arn: 'Incomplete ARN: ${ARN_PREFIX}:execution:m'`],
    [`${ARN_PREFIX}:execution:m:e`, `ExecutionDoesNotExist: Execution Does Not Exist: '${ARN_PREFIX}:execution:m:e'`],
  ])('%s', async (executionArn, refusal) => {
    for (const action of ['DescribeExecution', 'GetExecutionHistory', 'StopExecution'])
      expect(await bad(action, { executionArn })).toBe(refusal);
    expect(await bad('DescribeStateMachineForExecution', { executionArn })).toBe(refusal);
  });

  it('of another account or region are not ours, and the refusal shows what ours look like', async () => {
    const stateMachineArn = (await machine(PASS)).replace('us-east-1', 'eu-west-1');
    for (const action of ['DescribeStateMachine', 'StartExecution', 'ListExecutions'])
      expect(await bad(action, { stateMachineArn })).toBe(
        `StateMachineDoesNotExist: State Machine Does Not Exist: '${stateMachineArn}'`,
      );
  });
});

describe('state machines', () => {
  it('are listed in pages', async () => {
    const names: unknown[] = [];
    for (let nextToken: unknown = null; nextToken !== undefined;) {
      const page = await good('ListStateMachines', { maxResults: 2, nextToken: nextToken as string });
      const machines = page.stateMachines as readonly JsonObject[];
      expect(machines.length).toBeLessThanOrEqual(2);
      names.push(...machines.map((item) => item.name));
      nextToken = page.nextToken;
    }
    const all = (await good('ListStateMachines', {})).stateMachines as readonly JsonObject[];
    expect(names).toEqual(all.map((item) => item.name));
    expect(all[0]).toEqual({
      stateMachineArn: expect.any(String),
      name: expect.any(String),
      type: 'STANDARD',
      creationDate: expect.any(Number),
    });
  });
});

describe('executions', () => {
  it('start, succeed and are described', async () => {
    const input = '{ "a" :  1 }';
    const executionArn = await run(PASS, { name: 'first', input });
    expect(executionArn).toMatch(EXEC);
    expect(await good('DescribeExecution', { executionArn })).toEqual({
      executionArn,
      stateMachineArn: executionArn.replace(':execution:', ':stateMachine:').replace(/:first$/, ''),
      name: 'first',
      status: 'SUCCEEDED',
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      input,
      inputDetails: { included: true },
      output: input,
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('that failed tell the error and no output', async () => {
    const shown = await good('DescribeExecution', { executionArn: await run(FAIL) });
    expect(shown).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'because', redriveStatus: 'REDRIVABLE' });
    expect(shown).not.toHaveProperty('output');
    expect(shown).not.toHaveProperty('outputDetails');
    expect(shown).not.toHaveProperty('redriveStatusReason');
  });

  it('are described without their data when only metadata is asked for', async () => {
    const executionArn = await run(PASS, { input: '{"secret":1}' });
    const shown = await good('DescribeExecution', { executionArn, includedData: 'METADATA_ONLY' });
    expect(shown).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } });
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('of one name start once', async () => {
    const stateMachineArn = await machine(WAIT);
    const params = { stateMachineArn, name: 'once', input: '{"a":1}' };
    const first = await good('StartExecution', params);
    expect(first).toEqual({ executionArn: expect.stringMatching(EXEC), startDate: expect.any(Number) });
    expect(await good('StartExecution', params)).toEqual(first);
    expect(await bad('StartExecution', { ...params, input: '{"a":2}' })).toBe(
      `ExecutionAlreadyExists: Execution Already Exists: '${first.executionArn}'`,
    );
  });

  it('do not start with what is no JSON', async () => {
    expect(await bad('StartExecution', { stateMachineArn: await machine(PASS), input: 'nope' })).toMatch(
      /^InvalidExecutionInput: /,
    );
  });

  it('are stopped, with a reason', async () => {
    const executionArn = await run(WAIT);
    expect(await good('DescribeExecution', { executionArn })).toMatchObject({
      status: 'RUNNING',
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
    const stopped = await good('StopExecution', { executionArn, error: 'Enough', cause: 'now' });
    const shown = await good('DescribeExecution', { executionArn });
    expect(shown).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'now', ...stopped });
    expect(await good('StopExecution', { executionArn })).toEqual(stopped);
  });

  it('are redriven, once for one client token', async () => {
    const executionArn = await run(FAIL);
    const { stateMachineArn, startDate } = await good('DescribeExecution', { executionArn });
    const { redriveDate } = await good('RedriveExecution', { executionArn, clientToken: 'once' });
    expect(redriveDate).toBeGreaterThanOrEqual(startDate as number);
    expect(await good('RedriveExecution', { executionArn, clientToken: 'once' })).toEqual({ redriveDate });
    expect(await good('DescribeExecution', { executionArn })).toMatchObject({
      status: 'FAILED',
      redriveCount: 1,
      redriveDate,
      redriveStatus: 'REDRIVABLE',
    });
    const { events } = await good('GetExecutionHistory', { executionArn, reverseOrder: true });
    expect((events as JsonObject[]).slice(0, 3)).toMatchObject([
      { id: 5, previousEventId: 2, type: 'ExecutionFailed' },
      {
        id: 4,
        previousEventId: 3,
        type: 'ExecutionRedriven',
        executionRedrivenEventDetails: { redriveCount: 1 },
      },
      { id: 3, type: 'ExecutionFailed' },
    ]);
    const redriven = { stateMachineArn: stateMachineArn as string, redriveFilter: 'REDRIVEN' };
    expect((await good('ListExecutions', redriven)).executions).toMatchObject([
      { executionArn, redriveCount: 1, redriveDate },
    ]);
    expect(await good('ListExecutions', { ...redriven, redriveFilter: 'NOT_REDRIVEN' })).toEqual({ executions: [] });
  });

  it('are not redriven while they run, when they succeeded, or without a usable request', async () => {
    const running = await run(WAIT);
    expect(await bad('RedriveExecution', { executionArn: running })).toBe(
      'ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven',
    );
    expect(await bad('RedriveExecution', { executionArn: await run(PASS) })).toBe(
      'ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven',
    );
    const executionArn = `${ARN_PREFIX}:execution:nobody:x`;
    expect(await bad('RedriveExecution', { executionArn })).toBe(
      `ExecutionDoesNotExist: Execution Does Not Exist: '${executionArn}'`,
    );
    expect(await bad('RedriveExecution', { executionArn, clientToken: 'a b' })).toBe(
      'ValidationException: clientToken must contain between 1 and 64 printable ASCII characters.',
    );
    expect(await bad('RedriveExecution', { executionArn: `${ARN_PREFIX}:express:m:x:y` })).toMatch(/^InvalidArn: /);
    expect(await bad('RedriveExecution', {})).toMatch(/^ValidationException: .*'executionArn'/);
  });

  it('take a corrected definition from nobody but Fanfold’s own client', async () => {
    const executionArn = await run(FAIL);
    await good('RedriveExecution', { executionArn, definition: 'none' });
    expect(await good('DescribeExecution', { executionArn })).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  });

  it('are listed newest first, in pages, by status', async () => {
    const stateMachineArn = await machine(PASS);
    for (let i = 0; i < 5; i++) await good('StartExecution', { stateMachineArn, name: `run-${i}` });
    const names: unknown[] = [];
    for (let nextToken: unknown = null; nextToken !== undefined;) {
      const page = await good('ListExecutions', { stateMachineArn, maxResults: 2, nextToken: nextToken as string });
      names.push(...(page.executions as JsonObject[]).map((item) => item.name));
      nextToken = page.nextToken;
    }
    expect(names).toEqual(['run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
    const none = { executions: [] };
    expect(await good('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING' })).toEqual(none);
    expect(await good('ListExecutions', { stateMachineArn, redriveFilter: 'REDRIVEN' })).toEqual(none);
    const { executions } = await good('ListExecutions', { stateMachineArn, statusFilter: 'SUCCEEDED', maxResults: 1 });
    expect(executions).toEqual([
      {
        executionArn: expect.stringMatching(/:run-4$/),
        stateMachineArn,
        name: 'run-4',
        status: 'SUCCEEDED',
        startDate: expect.any(Number),
        stopDate: expect.any(Number),
        redriveCount: 0,
      },
    ]);
  });

  it('are not listed for nothing, for a stranger, for an EXPRESS machine', async () => {
    expect(await bad('ListExecutions', {})).toBe('ValidationException: Must provide a StateMachine ARN or MapRun ARN');
    const stateMachineArn = `${ARN_PREFIX}:stateMachine:stranger`;
    expect(await bad('ListExecutions', { stateMachineArn })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${stateMachineArn}'`,
    );
    expect(await bad('ListExecutions', { stateMachineArn: await machine(PASS, 'EXPRESS') })).toBe(
      'StateMachineTypeNotSupported: This operation is not supported by this type of state machine',
    );
  });
});

describe('the history', () => {
  const types = (page: JsonObject): unknown[] => (page.events as JsonObject[]).map((event) => event.type);
  const all = ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'];

  it("is in AWS's shape, with dates in seconds", async () => {
    const executionArn = await run(PASS, { input: '{"a":1}' });
    const { events } = await good('GetExecutionHistory', { executionArn });
    expect((events as JsonObject[])[0]).toEqual({
      id: 1,
      previousEventId: 0,
      timestamp: expect.any(Number),
      type: 'ExecutionStarted',
      executionStartedEventDetails: { input: '{"a":1}', inputDetails: { truncated: false }, roleArn: ROLE },
    });
    const without = await good('GetExecutionHistory', { executionArn, includeExecutionData: false });
    expect(JSON.stringify(without)).not.toContain('\\"a\\"');
    expect(types(without)).toEqual(all);
  });

  it.each([false, true])('comes in pages, reverse: %s', async (reverseOrder) => {
    const executionArn = await run(PASS);
    const first = await good('GetExecutionHistory', { executionArn, maxResults: 3, reverseOrder });
    const nextToken = first.nextToken as string;
    const second = await good('GetExecutionHistory', { executionArn, maxResults: 3, reverseOrder, nextToken });
    expect(second).not.toHaveProperty('nextToken');
    expect([...types(first), ...types(second)]).toEqual(reverseOrder ? all.toReversed() : all);
  });

  it('takes no token but its own', async () => {
    const executionArn = await run(PASS);
    const { nextToken = null } = await good('GetExecutionHistory', { executionArn, maxResults: 1 });
    const refusal = "InvalidToken: Invalid Token: 'Invalid token'";
    const ask = (changes: JsonObject): Promise<string> =>
      bad('GetExecutionHistory', { executionArn, nextToken, ...changes });
    expect(await ask({ reverseOrder: true })).toBe(refusal);
    expect(await ask({ executionArn: await run(PASS) })).toBe(refusal);
    for (const forged of ['x', 'bnVsbA', '____', Buffer.from('[{"a":1}]').toString('base64url')])
      expect(await ask({ nextToken: forged })).toBe(refusal);
    expect(await bad('ListStateMachines', { nextToken })).toBe(refusal);
    expect(await ask({ nextToken: 'x'.repeat(1025) })).toMatch(/less than or equal to 1024$/);
  });
});
