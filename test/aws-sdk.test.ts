/** AWS's own client drives `fanfold serve`. Left out where the client is not installed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASS, ROLE, type Serve, startServe, WAIT } from './serve.ts';

type Input = Readonly<Record<string, unknown>>;
type Output = Readonly<Record<string, unknown>> & { readonly [list: string]: unknown };

/** As far as it is used here. */
interface Client {
  send(command: object): Promise<Output>;
  destroy(): void;
}
type ClientModule = Readonly<Record<string, unknown>> & { readonly SFNClient: new (options: object) => Client };

const PACKAGE = '@aws-sdk/client-sfn';
const sdk = (await import(PACKAGE).catch(() => undefined)) as ClientModule | undefined;
if (!sdk) process.stderr.write(`aws-sdk.test.ts is left out: ${PACKAGE} is not installed.\n`);

describe.skipIf(!sdk)('the AWS SDK for JavaScript', () => {
  let serve: Serve;
  let client: Client;
  beforeAll(async () => {
    serve = await startServe();
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
    const options = { endpoint: serve.url, region: 'us-east-1', credentials, disableHostPrefix: true };
    client = new (sdk as ClientModule).SFNClient(options);
  });
  afterAll(async () => {
    client.destroy();
    await serve.stop();
  });

  function send(action: string, input: Input = {}): Promise<Output> {
    const Command = sdk?.[`${action}Command`] as new (params: Input) => object;
    return client.send(new Command(input));
  }
  async function machine(name: string, definition: string, more: Input = {}): Promise<string> {
    const { stateMachineArn } = await send('CreateStateMachine', { name, definition, roleArn: ROLE, ...more });
    return String(stateMachineArn);
  }
  async function pages(paginator: string, input: Input, list: string): Promise<unknown[]> {
    const paginate = sdk?.[paginator] as (config: object, params: Input) => AsyncIterable<Output>;
    const items: unknown[] = [];
    for await (const page of paginate({ client, pageSize: 2 }, input)) items.push(...(page[list] as unknown[]));
    return items;
  }

  it('creates, starts, describes and reads the history', async () => {
    const stateMachineArn = await machine('pass', PASS);
    const { executionArn, startDate } = await send('StartExecution', { stateMachineArn, input: '{ "a": 1 }' });
    expect(startDate).toBeInstanceOf(Date);
    expect(await send('DescribeExecution', { executionArn })).toMatchObject({
      status: 'SUCCEEDED',
      startDate,
      stopDate: expect.any(Date),
      input: '{ "a": 1 }',
      output: '{ "a": 1 }',
      outputDetails: { included: true },
    });
    const events = await pages('paginateGetExecutionHistory', { executionArn }, 'events');
    expect(events).toMatchObject([
      { type: 'ExecutionStarted', id: 1, timestamp: expect.any(Date), executionStartedEventDetails: { roleArn: ROLE } },
      { type: 'PassStateEntered', stateEnteredEventDetails: { name: 'A' } },
      { type: 'PassStateExited' },
      { type: 'ExecutionSucceeded', previousEventId: 3 },
    ]);
    expect(await send('DescribeStateMachineForExecution', { executionArn })).toMatchObject({
      definition: PASS,
      updateDate: expect.any(Date),
    });
  });

  it('lists in pages, and stops', async () => {
    const stateMachineArn = await machine('wait', WAIT);
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await send('StartExecution', { stateMachineArn, name });
    const listed = await pages('paginateListExecutions', { stateMachineArn, statusFilter: 'RUNNING' }, 'executions');
    expect(listed).toMatchObject(names.toReversed().map((name) => ({ name })));
    const executionArn = stateMachineArn.replace(':stateMachine:', ':execution:').concat(':c');
    const { stopDate } = await send('StopExecution', { executionArn, error: 'Enough', cause: 'now' });
    expect(await send('DescribeExecution', { executionArn })).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      stopDate,
    });
    expect(await send('ListExecutions', { stateMachineArn, statusFilter: 'ABORTED' })).toMatchObject({
      executions: [{ name: 'c' }],
    });
    const machines = await pages('paginateListStateMachines', {}, 'stateMachines');
    expect(machines).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'wait', creationDate: expect.any(Date) })]),
    );
  });

  it('redrives', async () => {
    const definition = JSON.stringify({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'Bad' } },
    });
    const stateMachineArn = await machine('fail', definition);
    const { executionArn } = await send('StartExecution', { stateMachineArn });
    // The SDK gives each request a client token of its own.
    const { redriveDate } = await send('RedriveExecution', { executionArn });
    expect(redriveDate).toBeInstanceOf(Date);
    await send('RedriveExecution', { executionArn, clientToken: 'mine' });
    const again = await send('RedriveExecution', { executionArn, clientToken: 'mine' });
    expect(await send('DescribeExecution', { executionArn })).toMatchObject({
      status: 'FAILED',
      redriveCount: 2,
      redriveDate: again['redriveDate'],
      redriveStatus: 'REDRIVABLE',
    });
    const events = (await pages('paginateGetExecutionHistory', { executionArn }, 'events')) as { type: string }[];
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'FailStateEntered',
      'ExecutionFailed',
      ...[1, 2].flatMap(() => ['ExecutionRedriven', 'ExecutionFailed']),
    ]);
    const pass = await machine('redrive-pass', PASS);
    const good = await send('StartExecution', { stateMachineArn: pass });
    await expect(send('RedriveExecution', { executionArn: good['executionArn'] })).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('publishes versions and aliases, and tags', async () => {
    const stateMachineArn = await machine('versions', PASS, { publish: true, tags: [{ key: 'k', value: 'v' }] });
    const routingConfiguration = [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }];
    const { stateMachineAliasArn } = await send('CreateStateMachineAlias', { name: 'live', routingConfiguration });
    const { executionArn } = await send('StartExecution', { stateMachineArn: stateMachineAliasArn });
    expect(await send('DescribeExecution', { executionArn })).toMatchObject({
      stateMachineAliasArn,
      stateMachineVersionArn: `${stateMachineArn}:1`,
    });
    expect(await send('DescribeStateMachineAlias', { stateMachineAliasArn })).toMatchObject({ routingConfiguration });
    expect(await send('ListTagsForResource', { resourceArn: stateMachineArn })).toMatchObject({
      tags: [{ key: 'k', value: 'v' }],
    });
  });

  it('waits for an EXPRESS execution', async () => {
    const stateMachineArn = await machine('express', PASS, { type: 'EXPRESS' });
    expect(await send('StartSyncExecution', { stateMachineArn, input: '[1]' })).toMatchObject({
      status: 'SUCCEEDED',
      output: '[1]',
      billingDetails: { billedMemoryUsedInMB: 64 },
    });
  });

  it('tests one state, with a mock of its work', async () => {
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: 'u', MessageBody: 'b' },
    };
    const definition = JSON.stringify({
      ...task,
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 4 }],
      Next: 'Then',
    });
    const mocked = { definition, inspectionLevel: 'DEBUG', input: '{}' };
    expect(await send('TestState', { ...mocked, mock: { result: '{"MessageId":"m"}' } })).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"MessageId":"m"}',
      nextState: 'Then',
      inspectionData: { afterParameters: '{"QueueUrl":"u","MessageBody":"b"}', result: '{"MessageId":"m"}' },
    });
    expect(await send('TestState', { ...mocked, mock: { errorOutput: { error: 'Busy' } } })).toMatchObject({
      status: 'RETRIABLE',
      error: 'Busy',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
    });
    await expect(send('TestState', { ...mocked, mock: { result: '{"MessageId":1}' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Mock result schema validation error: Field 'MessageId' must be a string",
    });
  });

  it('validates definitions', async () => {
    expect(await send('ValidateStateMachineDefinition', { definition: '{}' })).toMatchObject({
      result: 'FAIL',
      diagnostics: [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', location: '/' }],
    });
  });

  it.for([
    ['DescribeStateMachine', { stateMachineArn: 'x' }, 'InvalidArn'],
    ['CreateStateMachine', { name: 'bad', definition: '{', roleArn: ROLE }, 'InvalidDefinition'],
    ['CreateStateMachine', { name: 'a b', definition: PASS, roleArn: ROLE }, 'InvalidName'],
    [
      'ListExecutions',
      { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:none' },
      'StateMachineDoesNotExist',
    ],
    ['ListStateMachines', { nextToken: 'forged' }, 'InvalidToken'],
    ['ListStateMachines', { maxResults: 1001 }, 'ValidationException'],
  ] as const)('throws what %s with %j is refused for', async ([action, input, name]) => {
    const error = (await send(action, input).catch((reason: unknown) => reason)) as Error & Record<string, unknown>;
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode: 400, requestId: expect.any(String) } });
    const Typed = sdk?.[name] as (new () => Error) | undefined;
    if (Typed) expect(error).toBeInstanceOf(Typed);
    expect(error.message).not.toBe('');
  });
});
