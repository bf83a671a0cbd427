/** The AWS CLI drives `fanfold serve`. Left out where `aws` is not on the PATH. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsCli, hasAwsCli, openAwsCli } from './aws.ts';
import { PASS, ROLE, type Serve, startServe, WAIT } from './serve.ts';

if (!hasAwsCli) process.stderr.write('aws-cli.test.ts is left out: no python3 here has the AWS CLI.\n');

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  let serve: Serve;
  let cli: AwsCli;
  beforeAll(async () => {
    serve = await startServe();
    cli = openAwsCli(serve.url);
  });
  afterAll(async () => {
    await cli?.close();
    await serve?.stop();
  });

  async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
    const stdout = await cli.run('--output', 'json', ...args);
    return (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  }
  const aws = (...args: readonly string[]): Promise<Record<string, unknown>> => json('stepfunctions', ...args);
  async function machine(name: string, definition: string): Promise<string> {
    const made = await aws('create-state-machine', '--name', name, '--definition', definition, '--role-arn', ROLE);
    return String(made['stateMachineArn']);
  }

  it('creates, starts, describes and reads the history', async () => {
    const stateMachineArn = await machine('pass', PASS);
    const started = await aws('start-execution', '--state-machine-arn', stateMachineArn, '--input', '{"a":1}');
    const executionArn = String(started['executionArn']);
    expect(await aws('describe-execution', '--execution-arn', executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"a":1}',
    });
    const { events } = await aws('get-execution-history', '--execution-arn', executionArn, '--page-size', '2');
    expect(events).toMatchObject([{ type: 'ExecutionStarted' }, {}, {}, { type: 'ExecutionSucceeded', id: 4 }]);
  });

  it('lists in pages', async () => {
    const stateMachineArn = await machine('wait', WAIT);
    for (const name of ['a', 'b', 'c'])
      await aws('start-execution', '--state-machine-arn', stateMachineArn, '--name', name);
    const list = ['--state-machine-arn', stateMachineArn, '--status-filter', 'RUNNING'];
    expect(await aws('list-executions', ...list, '--page-size', '2')).toMatchObject({
      executions: [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
    });
  });

  it('shows errors by their names', async () => {
    const none = 'arn:aws:states:us-east-1:000000000000:stateMachine:none';
    await expect(aws('describe-state-machine', '--state-machine-arn', none)).rejects.toThrow(
      `An error occurred (StateMachineDoesNotExist) when calling the DescribeStateMachine operation: State Machine Does Not Exist: '${none}'`,
    );
    const activity = 'arn:aws:states:us-east-1:000000000000:activity:none';
    await expect(aws('describe-activity', '--activity-arn', activity)).rejects.toThrow('(ActivityDoesNotExist)');
  });

  it('makes tables, and puts, updates, queries and scans', async () => {
    const dynamodb = (...args: readonly string[]) => json('dynamodb', ...args, '--table-name', 'orders');
    const schema = ['AttributeName=customer,KeyType=HASH', 'AttributeName=day,KeyType=RANGE'];
    const types = ['AttributeName=customer,AttributeType=S', 'AttributeName=day,AttributeType=N'];
    const units = 'ReadCapacityUnits=5,WriteCapacityUnits=5';
    await dynamodb(
      'create-table',
      '--key-schema',
      ...schema,
      '--attribute-definitions',
      ...types,
      '--provisioned-throughput',
      units,
    );
    await dynamodb('wait', 'table-exists');
    for (const day of ['1', '2', '3'])
      await dynamodb('put-item', '--item', `{"customer":{"S":"ann"},"day":{"N":"${day}"},"total":{"N":"5"}}`);
    const key = '{"customer":{"S":"ann"},"day":{"N":"2"}}';
    const updated = await dynamodb(
      'update-item',
      '--key',
      key,
      '--update-expression',
      'SET #t = #t + :n',
      '--expression-attribute-names',
      '{"#t":"total"}',
      '--expression-attribute-values',
      '{":n":{"N":"1"}}',
      '--return-values',
      'UPDATED_NEW',
    );
    expect(updated).toEqual({ Attributes: { total: { N: '6' } } });
    const found = await dynamodb(
      'query',
      '--key-condition-expression',
      'customer = :c AND #d > :d',
      '--expression-attribute-names',
      '{"#d":"day"}',
      '--expression-attribute-values',
      '{":c":{"S":"ann"},":d":{"N":"1"}}',
      '--page-size',
      '1',
    );
    expect(found['Items']).toMatchObject([{ day: { N: '2' }, total: { N: '6' } }, { day: { N: '3' } }]);
    expect(await dynamodb('scan', '--select', 'COUNT')).toMatchObject({ Count: 3 });
    const requests = '{"orders":[{"DeleteRequest":{"Key":{"customer":{"S":"ann"},"day":{"N":"3"}}}}]}';
    expect(await json('dynamodb', 'batch-write-item', '--request-items', requests)).toEqual({ UnprocessedItems: {} });
    expect(await dynamodb('get-item', '--key', key)).toMatchObject({ Item: { total: { N: '6' } } });
    expect(await dynamodb('delete-table')).toMatchObject({ TableDescription: { TableName: 'orders' } });
  });

  it('asks who it is', async () => {
    expect(await json('sts', 'get-caller-identity')).toEqual({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
      UserId: '000000000000',
    });
    await expect(json('sts', 'get-session-token')).rejects.toThrow('has GetCallerIdentity, not GetSessionToken');
  });

  it('makes topics, subscribes, publishes and unsubscribes', async () => {
    const { TopicArn } = await json('sns', 'create-topic', '--name', 'alerts');
    const topic = ['--topic-arn', String(TopicArn)];
    const mail = ['--protocol', 'email', '--notification-endpoint', 'ops@example.com'];
    expect(await json('sns', 'subscribe', ...topic, ...mail)).toEqual({ SubscriptionArn: 'pending confirmation' });
    expect(await json('sns', 'list-subscriptions-by-topic', ...topic)).toMatchObject({
      Subscriptions: [{ Protocol: 'email', Endpoint: 'ops@example.com', SubscriptionArn: 'PendingConfirmation' }],
    });
    expect(await json('sns', 'publish', ...topic, '--subject', 'Late', '--message', 'Order 7')).toEqual({
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    await json('sns', 'delete-topic', ...topic);
    expect(await json('sns', 'list-topics')).toEqual({ Topics: [] });
  });

  it('makes buckets, folders and objects by the API’s own names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-cli-'));
    const [file, back] = [join(folder, 'in.csv'), join(folder, 'back.csv')];
    writeFileSync(file, 'a,b\n');
    const object = ['--bucket', 'input-bucket', '--key', 'input/in.csv'];
    expect(await json('s3api', 'create-bucket', '--bucket', 'input-bucket')).toEqual({ Location: '/input-bucket' });
    await json('s3api', 'put-object', '--bucket', 'input-bucket', '--key', 'input/');
    await json('s3api', 'put-object', ...object, '--body', file);
    expect(await json('s3api', 'list-objects-v2', '--bucket', 'input-bucket', '--query', 'Contents[].Key')).toEqual([
      'input/',
      'input/in.csv',
    ]);
    await json('s3api', 'get-object', ...object, back);
    expect(readFileSync(back, 'utf8')).toBe('a,b\n');
    await json('s3api', 'delete-object', ...object);
    await json('s3api', 'delete-object', '--bucket', 'input-bucket', '--key', 'input/');
    await json('s3api', 'delete-bucket', '--bucket', 'input-bucket');
    rmSync(folder, { recursive: true, force: true });
  });

  const named = ['--function-name', 'f'];
  const zip = join(tmpdir(), `fanfold-cli-${process.pid}.zip`);
  const ROLE_ARN = 'arn:aws:iam::000000000000:role/r';
  it.each([
    [
      [
        'lambda',
        'create-function',
        ...named,
        '--runtime',
        'python3.12',
        '--role',
        ROLE_ARN,
        '--handler',
        'a.b',
        '--zip-file',
        `fileb://${zip}`,
      ],
      'functions',
    ],
    [['lambda', 'update-function-code', ...named, '--zip-file', `fileb://${zip}`], 'functions'],
    [['lambda', 'update-function-configuration', ...named, '--timeout', '9'], 'functions'],
    [['lambda', 'put-function-concurrency', ...named, '--reserved-concurrent-executions', '1'], 'concurrency'],
    [
      [
        'lambda',
        'add-permission',
        ...named,
        '--statement-id',
        's',
        '--action',
        'lambda:InvokeFunction',
        '--principal',
        's3.amazonaws.com',
      ],
      'invokedBy',
    ],
    [
      ['lambda', 'create-event-source-mapping', ...named, '--event-source-arn', 'arn:aws:sqs:us-east-1:000000000000:q'],
      'triggers',
    ],
    [['iam', 'create-role', '--role-name', 'r', '--assume-role-policy-document', '{}'], 'policy'],
    [
      ['iam', 'attach-role-policy', '--role-name', 'r', '--policy-arn', 'arn:aws:iam::aws:policy/AmazonS3FullAccess'],
      'policy',
    ],
    [['iam', 'put-role-policy', '--role-name', 'r', '--policy-name', 'p', '--policy-document', '{}'], 'policy'],
  ])('%j is refused with the key of the project file', async (command, key) => {
    writeFileSync(zip, emptyZip());
    try {
      await expect(json(...command)).rejects.toThrow(`\`${key}\``);
    } finally {
      rmSync(zip, { force: true });
    }
  });
});

/** An archive of nothing, which is what the CLI asks to be given. */
function emptyZip(): Buffer {
  return Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
}
