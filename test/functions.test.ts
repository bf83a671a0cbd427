/** Functions of a project, end to end: every kind, through Task states, routes, Lambda's own API and its clients. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasAwsCli, openAwsCli } from './aws.ts';
import { type FunctionsProject, functionsProject, invoke, isThere } from './functions.ts';
import { ended, history, startStates, until } from './jobs.ts';
import type { Serve } from './serve.ts';

const BOOTSTRAP = join(import.meta.dirname, '../packages/fanfold/dist/services/lambda/process/bootstrap.py');

const FILES = {
  'index.ts': `
    export const handler = async (event: { n: number }, context: { functionName: string }) => {
      console.log('n is', event.n);
      return { n: event.n + 1, by: context.functionName, endpoint: process.env.AWS_ENDPOINT_URL };
    };`,
  'lists.mjs': `
    import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
    export const handler = ({ write }) => {
      mkdirSync(process.env.OUT, { recursive: true });
      for (const name of write) writeFileSync(process.env.OUT + '/' + name, '');
      return readdirSync(process.env.OUT);
    };`,
  'old.cjs': `
    exports.handler = (event, context, callback) => {
      if (event.fail) return callback(new RangeError('too much'));
      setTimeout(() => callback(null, { old: event.n }), 5);
    };`,
  'app.py': `
import os
def handler(event, context):
    if event.get('fail'):
        raise KeyError('lost')
    return {'python': event['n'], 'endpoint': os.environ['AWS_ENDPOINT_URL']}
def route(event, context):
    return {'statusCode': 200, 'body': event['pathParameters']['id']}
def slow(event, context):
    import time
    time.sleep(60)
def marks(event, context):
    open('mark.txt', 'w').write(str(event['n']))
`,
};

const hasPython = isThere('python3', '--version');
if (!hasPython) console.log('functions.test.ts is left out: there is no python3.');
if (!hasAwsCli) console.log('Calls of functions by the AWS CLI are left out: there is no aws.');

describe.skipIf(!hasPython)('functions of a project', () => {
  let project: FunctionsProject;
  let serve: Serve;
  beforeAll(async () => {
    project = functionsProject(
      {
        functions: {
          ts: { handler: 'index.handler' },
          old: { handler: 'old.handler' },
          py: { runtime: 'python3', handler: 'app.handler', timeoutSeconds: 10 },
          route: { runtime: 'python3', handler: 'app.route', timeoutSeconds: 10 },
          slow: { runtime: 'python3', handler: 'app.slow', timeoutSeconds: 1 },
          lists: { module: 'lists.mjs', environment: { OUT: '/mnt/efs/out' }, mounts: { '/mnt/efs': 'shared' } },
          marks: { runtime: 'python3', handler: 'app.marks', timeoutSeconds: 10 },
        },
        volumes: { shared: {} },
        apis: { lookup: { stage: 'Prod', routes: { 'GET /items/{id}': 'route' } } },
      },
      FILES,
    );
    serve = await project.serve();
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  async function run(Resource: string, input: object, Parameters?: object): Promise<Record<string, unknown>> {
    const state = { Type: 'Task', Resource, End: true, ...(Parameters && { Parameters }) };
    return ended(serve.url, await startStates(serve.url, { F: state }, input));
  }
  const arn = (name: string): string => `arn:aws:lambda:us-east-1:111111111111:function:${name}`;

  it('are called by Task states, in each language', async () => {
    const { url: endpoint } = serve;
    const outputs = [];
    for (const name of ['ts', 'old', 'py'])
      outputs.push(JSON.parse(String((await run(arn(name), { n: 1 }))['output'])));
    expect(outputs).toEqual([{ n: 2, by: 'ts', endpoint }, { old: 1 }, { python: 1, endpoint }]);
  });

  it('fail as AWS says it', async () => {
    const failed = await run(arn('old'), { fail: true });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'RangeError' });
    expect(JSON.parse(String(failed['cause']))).toMatchObject({ errorType: 'RangeError', errorMessage: 'too much' });
    const python = await run(arn('py'), { fail: true });
    expect(python).toMatchObject({ error: 'KeyError' });
    expect(JSON.parse(String(python['cause']))).toMatchObject({
      errorMessage: "'lost'",
      stackTrace: [expect.any(String)],
    });
    const late = await run(arn('slow'), {});
    expect(late).toMatchObject({ error: 'Sandbox.Timedout' });
    expect(JSON.parse(String(late['cause']))).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [\w-]{36} Error: Task timed out after 1\.00 seconds$/),
    });
  });

  it('find a volume where it is mounted', async () => {
    expect((await invoke(serve.url, 'lists', { write: ['b', 'a'] })).body).toBe('["a","b"]');
    expect(existsSync(join(project.folder, '.fanfold/volumes/shared/out/a'))).toBe(true);
  });

  it('answer routes', async () => {
    expect(await (await fetch(`${serve.url}/_api/lookup/Prod/items/a%20b`)).text()).toBe('a b');
  });

  it('are invoked through the API of Lambda, with the end of their log', async () => {
    const { log, ...invoked } = await invoke(serve.url, 'ts', { n: 4 });
    expect(invoked).toEqual({
      status: 200,
      error: null,
      body: JSON.stringify({ n: 5, by: 'ts', endpoint: serve.url }),
    });
    expect(log).toMatch(/^START RequestId: (\S+) Version: \$LATEST\nn is 4\nEND RequestId: \1\nREPORT RequestId: \1\t/);
    expect(await invoke(serve.url, encodeURIComponent(arn('old')), { fail: true })).toMatchObject({
      status: 200,
      error: 'Unhandled',
      body: expect.stringContaining('"errorType":"RangeError"'),
    });
  });

  it('are invoked without waiting, and are tried', async () => {
    expect(await invoke(serve.url, 'marks', { n: 7 }, 'DryRun')).toMatchObject({ status: 204, body: '' });
    expect(await invoke(serve.url, 'marks', { n: 8 }, 'Event')).toMatchObject({ status: 202, body: '' });
    const mark = join(project.folder, 'mark.txt');
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '');
    expect(readFileSync(mark, 'utf8')).toBe('8');
  });

  it('that are not there, and events that are no JSON, are refused', async () => {
    expect(await invoke(serve.url, 'nobody', {})).toMatchObject({
      status: 404,
      body: expect.stringContaining('Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody'),
    });
    const path = '/2015-03-31/functions/ts/invocations';
    const bad = await fetch(`${serve.url}${path}`, { method: 'POST', body: '{' });
    expect([bad.status, bad.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidRequestContentException']);
    await bad.text();
    const unknown = { 'X-Amz-Log-Type': 'Whole' };
    const log = await fetch(`${serve.url}${path}`, { method: 'POST', body: '{}', headers: unknown });
    expect([log.status, await log.text()]).toEqual([400, expect.stringContaining('There is no log type Whole')]);
    const headers = { 'X-Amz-Client-Context': 'e30=' };
    const context = await fetch(`${serve.url}${path}`, { method: 'POST', body: '{}', headers });
    expect([context.status, await context.text()]).toEqual([400, expect.stringContaining('ClientContext')]);
    const foreign = await fetch(`${serve.url}${path}`, {
      method: 'POST',
      body: '{}',
      headers: { Origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    await foreign.text();
  });

  it.skipIf(!hasAwsCli)('are invoked by the AWS CLI', async () => {
    const out = join(project.folder, 'out.json');
    writeFileSync(join(project.folder, 'event.json'), '{"n":1}');
    const payload = ['--payload', `fileb://${join(project.folder, 'event.json')}`];
    const aws = openAwsCli(serve.url);
    try {
      const told = await aws.run('lambda', 'invoke', '--function-name', 'py', ...payload, out);
      expect(JSON.parse(told)).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
      expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ python: 1, endpoint: serve.url });
      await expect(aws.run('lambda', 'invoke', '--function-name', 'nobody', out)).rejects.toThrow(
        '(ResourceNotFoundException)',
      );
      await expect(aws.run('lambda', 'list-functions')).rejects.toThrow('in the project file, by `functions`');
    } finally {
      await aws.close();
    }
  });

  it('leave nothing of themselves in the history but what they gave', async () => {
    const executionArn = await startStates(
      serve.url,
      { F: { Type: 'Task', Resource: arn('ts'), End: true } },
      { n: 1 },
    );
    await ended(serve.url, executionArn);
    const types = (await history(serve.url, executionArn)).map(({ type }) => type);
    expect(types).toContain('LambdaFunctionSucceeded');
  });
});

describe('functions with the limits of AWS', () => {
  it('give no more than Lambda takes', async () => {
    const project = functionsProject(
      { functions: { many: { handler: 'many.handler' } } },
      { 'many.mjs': 'export const handler = (count) => "x".repeat(count);' },
    );
    const serve = await project.serve({}, ['--limits', 'aws']);
    try {
      expect(await invoke(serve.url, 'many', 6_291_554)).toMatchObject({ status: 200, error: null });
      const { body, ...refused } = await invoke(serve.url, 'many', 6_291_555);
      expect(refused).toMatchObject({ status: 200, error: 'Unhandled' });
      expect(JSON.parse(body)).toEqual({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      });
    } finally {
      await serve.stop();
      project.remove();
    }
  });
});

/** The oldest one there is: before 1.31 it does not know AWS_ENDPOINT_URL. */
const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => isThere(python, '-c', 'import boto3'));
const canTrace = process.platform === 'linux' && isThere('strace', '-qq', '-e', 'trace=none', 'true');
if (PYTHON === undefined) console.log('boto3 in functions is left out: there is no python3 with boto3.');
else if (!canTrace) console.log('What boto3 connects to is left out: there is no strace, or it may not trace.');

const CLIENTS = `
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    s3 = boto3.client('s3')
    s3.put_object(Bucket='data', Key='a/b.txt', Body=b'hello')
    table = boto3.resource('dynamodb').Table('items')
    table.put_item(Item={'id': 'x', 'n': 1})
    queue = boto3.client('sqs').get_queue_url(QueueName='inbox')['QueueUrl']
    boto3.client('sqs').send_message(QueueUrl=queue, MessageBody='m')
    told = {
        'version': boto3.__version__,
        's3': s3.get_object(Bucket='data', Key='a/b.txt')['Body'].read().decode(),
        'dynamodb': int(table.get_item(Key={'id': 'x'})['Item']['n']),
        'sqs': boto3.client('sqs').receive_message(QueueUrl=queue)['Messages'][0]['Body'],
        'sns': boto3.client('sns').publish(TopicArn='arn:aws:sns:us-east-1:000000000000:news', Message='n')['MessageId'],
        'lambda': boto3.client('lambda').invoke(FunctionName='other', Payload='{}')['Payload'].read().decode(),
        'stepfunctions': boto3.client('stepfunctions').list_state_machines()['stateMachines'],
        'sts': boto3.client('sts').get_caller_identity()['Account'],
        'refused': [],
    }
    for service, action in [('ssm', 'describe_parameters'), ('iam', 'list_users'), ('ec2', 'describe_instances')]:
        try:
            getattr(boto3.client(service), action)()
        except Exception as error:
            told['refused'].append(type(error).__name__)
    return told
`;

describe.skipIf(PYTHON === undefined)('boto3 in a function', () => {
  let project: FunctionsProject;
  let serve: Serve;
  const trace = (): string => join(project.folder, 'trace.txt');
  beforeAll(async () => {
    const strace = ['strace', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg', '-o', 'trace.txt'];
    project = functionsProject(
      {
        functions: {
          clients: {
            command: [...(canTrace ? strace : []), PYTHON ?? '', BOOTSTRAP],
            timeoutSeconds: 50,
            handler: 'app.handler',
          },
          other: { module: 'other.mjs' },
        },
        buckets: { data: {} },
        tables: { items: { partitionKey: 'id' } },
        queues: { inbox: {} },
        topics: { news: {} },
      },
      { 'app.py': CLIENTS, 'other.mjs': 'export const handler = () => "other";' },
    );
    serve = await project.serve();
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  it('reaches this server, and nothing beyond this machine', async () => {
    const { error, body } = await invoke(serve.url, 'clients', {});
    expect(error, body).toBeNull();
    const told = JSON.parse(body) as { refused: string[] };
    expect(told).toMatchObject({
      s3: 'hello',
      dynamodb: 1,
      sqs: 'm',
      sns: expect.stringMatching(/^[\w-]{36}$/),
      lambda: '"other"',
      stepfunctions: [],
      sts: '000000000000',
    });
    expect(told.refused).toHaveLength(3);
    if (!canTrace) return;
    const addressed = readFileSync(trace(), 'utf8')
      .split('\n')
      .filter((line) => /sa_family=AF_INET/.test(line));
    expect(addressed.length).toBeGreaterThan(8);
    expect(addressed.filter((line) => !/inet_addr\("127\.|inet_pton\(AF_INET6, "::1"/.test(line))).toEqual([]);
  });
});
