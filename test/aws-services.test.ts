/**
 * `aws-sdk` tasks that go to AWS. AWS itself is not here: its part is played by another server, at the address that the SDK's own
 * environment variables give.
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionsProject, functionsProject } from './functions.ts';
import { ended, startStates } from './jobs.ts';
import { callStates, PASS, ROLE, type Serve } from './serve.ts';

const SERVICES = [
  'sfn',
  'dynamodb',
  's3',
  'sqs',
  'sns',
  'ses',
  'sesv2',
  'lambda',
  'eventbridge',
  'ssm',
  'secretsmanager',
  'config',
];
const PACKAGES = join(import.meta.dirname, '..', 'node_modules', '@aws-sdk');

describe('services of AWS that the project names', () => {
  let far: Serve;
  let farProject: FunctionsProject;
  let project: FunctionsProject;
  let serve: Serve;
  const install = (name: string): void =>
    symlinkSync(join(PACKAGES, name), join(project.folder, 'node_modules/@aws-sdk', name));
  beforeAll(async () => {
    farProject = functionsProject(
      { functions: { echo: { module: 'echo.mjs' } }, mail: { identities: ['example.com'] } },
      { 'echo.mjs': 'export const handler = (event) => ({ far: event });' },
    );
    far = await farProject.serve();
    project = functionsProject({ aws: { services: SERVICES, region: 'us-east-1' } }, {});
    mkdirSync(join(project.folder, 'node_modules'));
    mkdirSync(join(project.folder, 'node_modules/@aws-sdk'));
    for (const name of ['client-sfn', 'client-dynamodb', 'client-s3']) install(name);
    serve = await project.serve({
      AWS_ENDPOINT_URL: far.url,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });
  afterAll(async () => {
    await Promise.all([serve?.stop(), far?.stop()]);
    project?.remove();
    farProject?.remove();
  });

  const call = async (at: Serve, resource: string, parameters: object): Promise<Record<string, unknown>> => {
    const Resource = `arn:aws:states:::aws-sdk:${resource}`;
    const states = { Call: { Type: 'Task', Resource, Parameters: parameters, End: true } };
    return ended(at.url, await startStates(at.url, states));
  };
  const output = async (resource: string, parameters: object): Promise<unknown> => {
    const { status, output: text, cause } = await call(serve, resource, parameters);
    expect(status, String(cause)).toBe('SUCCEEDED');
    return JSON.parse(String(text));
  };

  it('are called with names as Step Functions has them, and answer with such', async () => {
    const made = { Name: 'made-far-away', Definition: PASS, RoleArn: ROLE };
    const { StateMachineArn } = (await output('sfn:createStateMachine', made)) as { StateMachineArn: string };
    expect(await output('sfn:describeStateMachine', { StateMachineArn })).toMatchObject({
      StateMachineArn,
      Definition: PASS,
      CreationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    // It is there, and not here.
    const { stateMachines } = await callStates(far.url, 'ListStateMachines', {});
    expect(stateMachines).toMatchObject([{ name: 'made-far-away' }]);
    expect(JSON.stringify(await callStates(serve.url, 'ListStateMachines', {}))).not.toContain('made-far-away');
  });

  it('keep the keys of maps, and bodies, as they are', async () => {
    await output('dynamodb:createTable', {
      TableName: 'far',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await output('dynamodb:putItem', { TableName: 'far', Item: { id: { S: 'a' }, lower: { N: '1' } } });
    expect(await output('dynamodb:getItem', { TableName: 'far', Key: { id: { S: 'a' } } })).toEqual({
      Item: { id: { S: 'a' }, lower: { N: '1' } },
    });
    await output('s3:createBucket', { Bucket: 'far-bucket' });
    await output('s3:putObject', { Bucket: 'far-bucket', Key: 'k', Body: { a: 1 }, Metadata: { who: 'me' } });
    expect(await output('s3:getObject', { Bucket: 'far-bucket', Key: 'k' })).toMatchObject({
      Body: '{"a":1}',
      Metadata: { who: 'me' },
    });
  });

  it('refuse by their own names', async () => {
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:none';
    expect(await call(serve, 'sfn:describeStateMachine', { StateMachineArn: arn })).toMatchObject({
      error: 'Sfn.StateMachineDoesNotExistException',
      cause: expect.stringMatching(/State Machine Does Not Exist: .*\(Service: Sfn, Status Code: 400, Request ID: /),
    });
    expect(await call(serve, 'dynamodb:getItem', { TableName: 'none', Key: {} })).toMatchObject({
      error: expect.stringMatching(/^DynamoDb\.\w+Exception$/),
    });
    expect(await call(serve, 'sfn:describeStateMachine', { stateMachine: 'x' })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining("There is no 'stateMachine'. There are: StateMachineArn"),
    });
    expect(await call(serve, 'sfn:inventMachine', {})).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('Sfn has no action inventMachine'),
    });
  });

  it('are loaded when they are first called, with a client that was installed since', async () => {
    const before = await call(serve, 'sqs:createQueue', { QueueName: 'far' });
    expect(before).toMatchObject({ cause: expect.stringContaining('npm install @aws-sdk/client-sqs at') });
    for (const name of ['sqs', 'sns', 'ses', 'lambda', 'eventbridge']) install(`client-${name}`);
    const { QueueUrl } = (await output('sqs:createQueue', { QueueName: 'far' })) as { QueueUrl: string };
    expect(QueueUrl).toBe(`${far.url}/000000000000/far`);
    const Attributes = { k: { DataType: 'String', StringValue: 'v' } };
    const sent = { QueueUrl, MessageBody: 'hello', MessageAttributes: Attributes };
    expect(await output('sqs:sendMessage', sent)).toMatchObject({ MessageId: expect.any(String) });
    const { TopicArn } = (await output('sns:createTopic', { Name: 'far' })) as { TopicArn: string };
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:far';
    await output('sns:subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } });
    await output('sns:publish', { TopicArn, Message: 'told' });
    const received: string[] = [];
    while (received.length < 2) {
      const wanted = { QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'] };
      const { Messages = [] } = (await output('sqs:receiveMessage', wanted)) as { Messages?: { Body: string }[] };
      received.push(...Messages.map(({ Body }) => Body));
    }
    expect(received.sort()).toEqual(['hello', 'told']);
    const { Payload } = (await output('lambda:invoke', { FunctionName: 'echo', Payload: { a: 1 } })) as {
      Payload: string;
    };
    expect(JSON.parse(Payload)).toEqual({ far: { a: 1 } });
    const rule = { Name: 'far', EventPattern: '{"source":["shop"]}' };
    expect(await output('eventbridge:putRule', rule)).toEqual({ RuleArn: expect.stringMatching(/:rule\/far$/) });
    const Entries = [{ Source: 'shop', DetailType: 'd', Detail: '{}' }];
    expect(await output('eventbridge:putEvents', { Entries })).toMatchObject({ FailedEntryCount: 0 });
    const mail = {
      Destination: { ToAddresses: ['a@x.com'] },
      Message: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } },
    };
    expect(await output('ses:sendEmail', { Source: 'ops@example.com', ...mail })).toEqual({
      MessageId: expect.any(String),
    });
    for (const [resource, parameters, error] of [
      ['sqs:sendMessage', { ...sent, QueueUrl: `${far.url}/000000000000/none` }, 'Sqs.QueueDoesNotExistException'],
      ['sns:publish', { TopicArn: `${TopicArn}-none`, Message: 'm' }, 'Sns.NotFoundException'],
      ['lambda:invoke', { FunctionName: 'none' }, 'Lambda.ResourceNotFoundException'],
      ['eventbridge:describeRule', { Name: 'none' }, 'EventBridge.ResourceNotFoundException'],
      ['ses:sendEmail', { Source: 'x@example.net', ...mail }, 'Ses.MessageRejectedException'],
    ] as const)
      expect([resource, (await call(serve, resource, parameters))['error']]).toEqual([resource, error]);
  });

  it('say what to install, and that there are no credentials', async () => {
    expect(await call(serve, 'ssm:getParameter', { Name: 'x' })).toMatchObject({
      error: 'States.TaskFailed',
      cause: expect.stringContaining(
        `aws-sdk:ssm goes to AWS, and no client for it is installed: npm install @aws-sdk/client-ssm at ${project.folder}`,
      ),
    });
    for (const [resource, name] of [
      ['sesv2:sendEmail', 'client-sesv2'],
      ['secretsmanager:getSecretValue', 'client-secrets-manager'],
      ['config:describeConfigRules', 'client-config-service'],
    ] as const)
      expect(await call(serve, resource, {})).toMatchObject({
        cause: expect.stringContaining(`npm install @aws-sdk/${name} at`),
      });
    const bare = await project.serve(
      { AWS_ENDPOINT_URL: far.url, AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' },
      ['--data', join(project.folder, 'bare')],
    );
    try {
      expect(await call(bare, 'sfn:listStateMachines', {})).toMatchObject({
        error: 'Sfn.SdkClientException',
        cause: expect.stringContaining('CredentialsProviderError'),
      });
    } finally {
      await bare.stop();
    }
  });
});
