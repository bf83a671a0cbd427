/** Functions, jobs and state machines that may do only what their policies say, end to end and on every API. */
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import aws4 from 'aws4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, keyIn, openDesk } from './desk.ts';
import { fanfold } from './fanfold.ts';
import { type FunctionsProject, functionsProject, invoke } from './functions.ts';
import { ended, startStates } from './jobs.ts';
import { callStates, type Serve } from './serve.ts';

const MODULE = `
export const handler = async ({ action, bucket, key, table, desk }, { objects, tables, links }) => {
  const actions = {
    env: async () => ({ ...process.env }),
    show: () => fetch(desk, { method: 'POST', body: JSON.stringify(process.env) }).then((answer) => answer.text()),
    get: async () => (await objects.get({ bucket, key })).info.size,
    put: () => objects.put({ bucket, key, body: 'x' }),
    remove: () => objects.delete({ bucket, key }),
    sign: () => links.sign({ bucket, key }, 60),
    tell: async () => console.log('the key is ' + process.env.AWS_SECRET_ACCESS_KEY),
    fail: async () => { throw Object.assign(new TypeError(process.env.AWS_SECRET_ACCESS_KEY), { name: 'By' + process.env.AWS_SECRET_ACCESS_KEY }); },
    item: () => tables.put({ table, item: { id: { S: '1' } } }),
  };
  if (action === 'fail') await actions.fail();
  try {
    return { done: (await actions[action]()) ?? null };
  } catch (error) {
    return { refused: error.code, message: error.message };
  }
};`;
const JOB = `
console.log(process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN);
await fetch(process.argv[2], { method: 'POST', body: JSON.stringify(process.env) });
`;
const ECHO = {
  StartAt: 'A',
  States: { A: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:other', End: true } },
};

const TOLD = `
export const handler = async (event) => {
  const answer = await fetch(process.env.DESK, { method: 'POST', body: JSON.stringify({ event: JSON.stringify(event) }) });
  await answer.text();
};`;

/** Reads and writes where it is told to. */
const READS = {
  StartAt: 'Rows',
  States: {
    Rows: {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'data', 'Key.$': '$.from' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Row',
        States: { Row: { Type: 'Pass', End: true } },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'data', 'Prefix.$': '$.to' },
      },
      End: true,
    },
  },
};
/** One task of each kind, whose refusals are gathered. */
const refused = (Resource: string, Parameters: object, name: string = Resource.replaceAll(':', ' ')): object => ({
  StartAt: name,
  States: {
    [name]: {
      Type: 'Task',
      Resource: `arn:aws:states:::${Resource}`,
      Parameters,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: `Refused ${name}` }],
      End: true,
    },
    [`Refused ${name}`]: { Type: 'Pass', End: true },
  },
});
const SENDS = {
  StartAt: 'All',
  States: {
    All: {
      Type: 'Parallel',
      Branches: [
        refused('events:putEvents', { Entries: [{ Source: 's', DetailType: 't', Detail: {} }] }),
        refused('http:invoke', {
          ApiEndpoint: 'https://127.0.0.1:9/',
          Method: 'GET',
          Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/none/1' },
        }),
        refused('aws-sdk:sesv2:sendEmail', {
          FromEmailAddress: 'a@example.com',
          Destination: { ToAddresses: ['b@example.com'] },
          Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
        }),
        refused('aws-sdk:ses:listIdentities', {}),
        refused('sqs:sendMessage', { QueueUrl: 'http://127.0.0.1/000000000000/inbox', MessageBody: 'x' }),
      ],
      End: true,
    },
  },
};

type Key = ReturnType<typeof keyIn>;

describe('least privilege', () => {
  let project: FunctionsProject;
  let serve: Serve;
  let key: Key;
  let desk: Desk;
  let shows: Promise<unknown>;
  beforeAll(async () => {
    desk = await openDesk();
    project = functionsProject(
      {
        functions: {
          reader: {
            module: 'module.mjs',
            timeoutSeconds: 60,
            policy: [
              { Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/in/*' },
              { Action: ['dynamodb:GetItem'], Resource: 'arn:aws:dynamodb:*:*:table/items' },
              { Action: 'lambda:InvokeFunction', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:other' },
            ],
          },
          other: { module: 'module.mjs', timeoutSeconds: 10 },
          told: { module: 'told.mjs', timeoutSeconds: 60, environment: { DESK: desk.url }, invokedBy: ['topic:named'] },
          guarded: { module: 'module.mjs', invokedBy: ['stateMachine:Allowed', 'bucket:data'] },
        },
        stateMachines: {
          Allowed: {
            definition: ECHO,
            policy: [{ Action: 'lambda:*', Resource: 'arn:aws:lambda:*:*:function:other' }],
          },
          Refused: {
            definition: ECHO,
            policy: [{ Action: 'lambda:*', Resource: 'arn:aws:lambda:*:*:function:guarded' }],
          },
          Reads: {
            definition: READS,
            policy: [
              { Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/in/*' },
              { Action: 's3:PutObject', Resource: 'arn:aws:s3:::data/out/*' },
            ],
          },
          Sends: { definition: SENDS, policy: [{ Action: 's3:*' }] },
          Follows: { definition: READS },
        },
        buckets: { data: {}, others: {} },
        mail: { identities: ['example.com'] },
        tables: { items: { partitionKey: 'id' } },
        queues: { inbox: {} },
        topics: { news: { subscriptions: [{ function: 'told' }] }, named: {}, other: {} },
        rules: { daily: { pattern: { source: ['shop'] }, targets: [{ function: 'told' }] } },
        apis: { api: { stage: 'Prod', routes: { 'GET /guarded': 'guarded', 'GET /other': 'other' } } },
        jobQueues: { q: {} },
        jobDefinitions: { limited: { command: [process.execPath, './job.mjs', 'Ref::desk'], policy: [] } },
      },
      { 'module.mjs': MODULE, 'told.mjs': TOLD, 'job.mjs': JOB },
    );
    serve = await project.serve();
    // A key is good as long as what it was given to runs.
    shows = call('reader', { action: 'show', desk: desk.url });
    key = keyIn(await desk.next());
  });
  afterAll(async () => {
    await desk?.close();
    await serve?.stop();
    project?.remove();
  });

  async function call(name: string, event: object): Promise<Record<string, unknown>> {
    const { status, body } = await invoke(serve.url, name, event);
    expect(status, body).toBe(200);
    return JSON.parse(body) as Record<string, unknown>;
  }
  const config = (credentials: Key) => ({ endpoint: serve.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  /** A signed request, as a client sends it. */
  async function request(
    method: string,
    path: string,
    service: string,
    credentials: Partial<Key>,
    body = '',
  ): Promise<Response> {
    const host = new URL(serve.url).host;
    const signed = aws4.sign({ host, method, path, service, region: 'us-east-1', body }, credentials);
    const { Host: _host, 'Content-Length': _length, ...headers } = signed.headers as Record<string, string>;
    return fetch(`${serve.url}${path}`, { method, headers, ...(body !== '' && { body }) });
  }

  it('tells a function whose keys it has, whatever its policy is', async () => {
    const form = 'Action=GetCallerIdentity&Version=2011-06-15';
    const ask = async (credentials: Partial<Key>, body: string = form): Promise<[number, string]> => {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const { host } = new URL(serve.url);
      const options = { host, method: 'POST', path: '/', service: 'sts', region: 'us-east-1', body, headers };
      const signed = aws4.sign(options, credentials);
      const { Host: _host, 'Content-Length': _length, ...sent } = signed.headers as Record<string, string>;
      const answer = await fetch(serve.url, { method: 'POST', headers: sent, body });
      return [answer.status, await answer.text()];
    };
    const arn = 'arn:aws:sts::000000000000:assumed-role/function:reader/reader';
    expect(await ask(key)).toEqual([200, expect.stringContaining(`<Arn>${arn}</Arn>`)]);
    expect(await ask({ ...key, secretAccessKey: 'wrong' })).toEqual([
      403,
      expect.stringContaining('SignatureDoesNotMatch'),
    ]);
    expect(await ask(key, 'Action=GetSessionToken&Version=2011-06-15')).toEqual([
      403,
      expect.stringContaining('AccessDenied'),
    ]);
  });

  it('holds in the context of a function', async () => {
    expect(await call('other', { action: 'put', bucket: 'data', key: 'in/a' })).toMatchObject({ done: { size: 1 } });
    expect(await call('other', { action: 'put', bucket: 'data', key: 'b' })).toMatchObject({ done: { size: 1 } });
    expect(await call('reader', { action: 'get', bucket: 'data', key: 'in/a' })).toEqual({ done: 1 });
    expect(await call('reader', { action: 'sign', bucket: 'data', key: 'in/a' })).toEqual({ done: expect.any(String) });
    for (const event of [
      { action: 'get', bucket: 'data', key: 'b' },
      { action: 'put', bucket: 'data', key: 'in/a' },
      { action: 'remove', bucket: 'data', key: 'in/a' },
      { action: 'sign', bucket: 'data', key: 'b' },
      { action: 'item', table: 'items' },
    ])
      expect(await call('reader', event)).toMatchObject({ refused: 'AccessDeniedException' });
  });

  it('holds for the key of a function, on every API', async () => {
    const dynamodb = new DynamoDBClient(config(key));
    const Key = { id: { S: 'x' } };
    expect((await dynamodb.send(new GetItemCommand({ TableName: 'items', Key }))).Item).toBeUndefined();
    const refused = { name: 'AccessDeniedException', message: expect.stringContaining('role/function:reader') };
    await expect(dynamodb.send(new PutItemCommand({ TableName: 'items', Item: Key }))).rejects.toMatchObject(refused);
    const many = new BatchWriteItemCommand({ RequestItems: { items: [{ PutRequest: { Item: Key } }] } });
    await expect(dynamodb.send(many)).rejects.toMatchObject(refused);
    expect((await dynamodb.send(new GetItemCommand({ TableName: 'items', Key }))).Item).toBeUndefined();
    await expect(new SFNClient(config(key)).send(new ListStateMachinesCommand())).rejects.toMatchObject(refused);
    const QueueUrl = `${serve.url}/000000000000/inbox`;
    const send = new SendMessageCommand({ QueueUrl, MessageBody: 'm' });
    await expect(new SQSClient(config(key)).send(send)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:news';
    const publish = new PublishCommand({ TopicArn, Message: 'm' });
    await expect(new SNSClient(config(key)).send(publish)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await request('GET', '/data/in/a', 's3', key)).status).toBe(200);
    const denied = await request('GET', '/data/b', 's3', key);
    expect([denied.status, await denied.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect((await request('PUT', '/data/in/a', 's3', key, 'y')).status).toBe(403);
    expect((await request('GET', '/data?list-type=2', 's3', key)).status).toBe(403);
    const invoked = (name: string) =>
      request('POST', `/2015-03-31/functions/${name}/invocations`, 'lambda', key, '{"action":"env"}');
    expect((await invoked('other')).status).toBe(200);
    expect((await invoked('reader')).status).toBe(403);
    expect((await request('GET', '/_fanfold/outputs', 'states', key)).status).toBe(403);
  });

  it('wants the token of the session, signed, of the role itself', async () => {
    const { sessionToken: _token, ...without } = key;
    const [mark = '', worker = ''] = key.sessionToken.split('.');
    const of = (sessionToken: string): Key => ({ ...key, sessionToken });
    const get = async (credentials: Key | typeof without): Promise<unknown[]> => {
      const answer = await request('GET', '/data/in/a', 's3', credentials);
      return [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]];
    };
    expect(await get(key)).toEqual([200, undefined]);
    expect(await get(without)).toEqual([403, 'InvalidAccessKeyId']);
    expect(await get(of('none'))).toEqual([400, 'InvalidToken']);
    expect(await get(of(`${'A'.repeat(43)}.${worker}`))).toEqual([400, 'InvalidToken']);
    expect(await get(of(`${mark}.${'A'.repeat(22)}`))).toEqual([400, 'ExpiredToken']);
    expect(await get(of(`${mark}.${worker}.77`))).toEqual([400, 'ExpiredToken']);
    const list = (credentials: typeof without) =>
      new DynamoDBClient({ ...config(key), credentials }).send(
        new GetItemCommand({ TableName: 'items', Key: { id: { S: 'x' } } }),
      );
    await expect(list(without)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(list(of(`${mark}.${worker}.77`))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const host = new URL(serve.url).host;
    const unsigned = aws4.sign({ host, path: '/data/in/a', service: 's3', region: 'us-east-1' }, without);
    const { Host: _host, ...headers } = unsigned.headers as Record<string, string>;
    const added = { ...headers, 'X-Amz-Security-Token': key.sessionToken };
    expect((await fetch(`${serve.url}/data/in/a`, { headers: added })).status).toBe(403);
  });

  it('knows a wrong signature', async () => {
    const wrong = { ...key, secretAccessKey: 'wrong' };
    const dynamodb = new DynamoDBClient(config(wrong));
    await expect(
      dynamodb.send(new GetItemCommand({ TableName: 'items', Key: { id: { S: 'x' } } })),
    ).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    expect((await request('GET', '/data/in/a', 's3', wrong)).status).toBe(403);
    const owner = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' };
    expect((await request('GET', '/data/b', 's3', owner)).status).toBe(200);
  });

  it('holds for the tasks of a state machine', async () => {
    const run = async (name: string) => {
      const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
      const { executionArn } = await callStates(serve.url, 'StartExecution', {
        stateMachineArn,
        input: '{"action":"env"}',
      });
      return ended(serve.url, String(executionArn));
    };
    expect(await run('Allowed')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run('Refused')).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.AccessDeniedException',
      cause: expect.stringContaining('role/stateMachine:Refused is not authorized to perform: lambda:InvokeFunction'),
    });
  });

  it('holds for events, HTTP endpoints, mail and queues, and for the keys of functions there', async () => {
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Sends';
    const { executionArn } = await callStates(serve.url, 'StartExecution', { stateMachineArn });
    const { output } = await ended(serve.url, String(executionArn));
    const refusals = (JSON.parse(String(output)) as { Error: string; Cause: string }[]).map(
      ({ Error, Cause }) => `${Error} ${/perform: (\S+)/.exec(Cause)?.[1]}`,
    );
    expect(refusals).toEqual([
      'EventBridge.AccessDeniedException events:PutEvents',
      'Http.AccessDeniedException states:InvokeHTTPEndpoint',
      'Sesv2.AccessDeniedException ses:SendEmail',
      'Ses.AccessDeniedException ses:ListIdentities',
      'SQS.AccessDeniedException sqs:SendMessage',
    ]);
    const calls: readonly (readonly [string, string, string])[] = [
      ['/', 'ses', 'Action=SendEmail&Version=2010-12-01&Source=a%40example.com'],
      ['/v2/email/outbound-emails', 'ses', '{"FromEmailAddress":"a@example.com"}'],
    ];
    for (const [path, service, body] of calls) {
      const response = await request('POST', path, service, key, body);
      expect([path, await response.text()]).toEqual([path, expect.stringContaining('ses:SendEmail')]);
    }
  });

  it('holds for what a Map reads and writes', async () => {
    const owner = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' };
    for (const path of ['/data/in/rows', '/data/secret'])
      expect((await request('PUT', path, 's3', owner, '[1,2]')).status).toBe(200);
    const run = async (from: string, to: string): Promise<Record<string, unknown>> => {
      const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Reads';
      const input = JSON.stringify({ from, to });
      const { executionArn } = await callStates(serve.url, 'StartExecution', { stateMachineArn, input });
      return ended(serve.url, String(executionArn));
    };
    expect(await run('in/rows', 'out/results')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run('secret', 'out/results')).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining('perform: s3:GetObject on resource: arn:aws:s3:::data/secret'),
    });
    expect(await run('in/rows', 'elsewhere')).toMatchObject({
      error: 'States.ResultWriterFailed',
      cause: expect.stringContaining('perform: s3:PutObject on resource: arn:aws:s3:::data/elsewhere'),
    });
  });

  it('lets a function say which bucket may invoke it', async () => {
    const owner = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' };
    const to = (name: string): string =>
      '<NotificationConfiguration><CloudFunctionConfiguration><Id>f</Id><Event>s3:ObjectCreated:*</Event>' +
      `<CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:${name}</CloudFunction>` +
      '</CloudFunctionConfiguration></NotificationConfiguration>';
    const set = async (bucket: string, name: string): Promise<number> =>
      (await request('PUT', `/${bucket}?notification`, 's3', owner, to(name))).status;
    expect(await set('data', 'guarded')).toBe(200);
    expect(await set('others', 'guarded')).toBe(400);
    expect(await set('others', 'other')).toBe(200);
  });

  it('lets a function say who may invoke it', async () => {
    const state = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:1:function:guarded', End: true };
    expect(await ended(serve.url, await startStates(serve.url, { G: state }))).toMatchObject({
      error: 'Lambda.AccessDeniedException',
      cause: expect.stringContaining('only stateMachine:Allowed, bucket:data may invoke the function'),
    });
    expect((await fetch(`${serve.url}/_api/api/Prod/guarded`)).status).toBe(502);
    expect((await invoke(serve.url, 'guarded', { action: 'env' })).status).toBe(200);
  });

  it('lets topics and rules invoke what they lead to in the project file, and what names them', async () => {
    const sns = new SNSClient(config({ accessKeyId: 'OWNER', secretAccessKey: 'any', sessionToken: '' }));
    const topic = (name: string): string => `arn:aws:sns:us-east-1:000000000000:${name}`;
    const Endpoint = 'arn:aws:lambda:us-east-1:000000000000:function:told';
    for (const name of ['other', 'named'])
      await sns.send(new SubscribeCommand({ TopicArn: topic(name), Protocol: 'lambda', Endpoint }));
    const told: string[] = [];
    for (const name of ['other', 'named', 'news'])
      await sns.send(new PublishCommand({ TopicArn: topic(name), Message: `of ${name}` }));
    for (let i = 0; i < 2; i++) told.push((await desk.next())['event'] ?? '');
    expect(told.map((event) => /"Message":"([^"]*)"/.exec(event)?.[1]).sort()).toEqual(['of named', 'of news']);
    const event = { Source: 'shop', DetailType: 'd', Detail: '{}' };
    await fetch(serve.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AWSEvents.PutEvents' },
      body: JSON.stringify({ Entries: [event] }),
    });
    expect((await desk.next())['event']).toContain('"source":"shop"');
  });

  it('is printed as IAM takes it: what is written, and what follows from a definition', async () => {
    const print = async (...args: readonly string[]) => fanfold(['-C', project.folder, 'policy', ...args]);
    const all = JSON.parse((await print()).stdout) as Record<string, { origin: string; Statement: unknown }>;
    expect(all['function:reader']).toMatchObject({ origin: 'written', Version: '2012-10-17' });
    expect(all['stateMachine:Follows']).toEqual({
      origin: 'derived',
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::data/*'] },
        { Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::data/*'] },
      ],
    });
    const one = JSON.parse((await print('Allowed')).stdout) as object;
    expect(one).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['lambda:*'], Resource: ['arn:aws:lambda:*:*:function:other'] }],
    });
    expect(await print('nobody')).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no nobody') });
  });

  it('blots its key out of logs and errors', async () => {
    const told = await invoke(serve.url, 'reader', { action: 'tell' });
    expect(told.log).toContain('the key is ***');
    expect(JSON.parse((await invoke(serve.url, 'reader', { action: 'fail' })).body)).toMatchObject({
      errorType: 'By***',
      errorMessage: '***',
    });
  });

  it('gives a job a key of its own, until it ends; so with a function', async () => {
    const Parameters = { JobName: 'j', JobQueue: 'q', JobDefinition: 'limited', Parameters: { desk: desk.url } };
    const state = { Type: 'Task', Resource: 'arn:aws:states:::batch:submitJob.sync', Parameters, End: true };
    const executionArn = await startStates(serve.url, { J: state });
    const job = keyIn(await desk.next());
    expect(job.accessKeyId).not.toBe(key.accessKeyId);
    const denied = await request('GET', '/data/in/a', 's3', job);
    expect(await denied.text()).toContain('role/job:limited');
    expect((await request('GET', '/data/in/a', 's3', { ...key, sessionToken: job.sessionToken })).status).toBe(400);
    desk.open();
    expect(await ended(serve.url, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    await shows;
    for (const over of [job, key])
      expect(await (await request('GET', '/data/in/a', 's3', over)).text()).toContain('<Code>ExpiredToken</Code>');
    const logs = await fanfold(['-C', project.folder, 'logs']);
    expect(logs.stdout).toContain('*** ***.');
    expect(logs.stdout).not.toContain(job.secretAccessKey);
    expect(logs.stdout).not.toContain(job.sessionToken);
  });

  it('tells every refusal in the log', async () => {
    const { stderr } = await serve.stop();
    serve = await project.serve();
    expect(stderr).toContain('"role":"function:reader","action":"s3:PutObject","resource":"arn:aws:s3:::data/in/a"');
    expect(stderr).toContain(
      '"source":"arn:aws:sns:us-east-1:000000000000:other","action":"lambda:InvokeFunction","function":"told"',
    );
  });
});

describe('least privilege by default', () => {
  it('is what the environment names', async () => {
    const project = functionsProject(
      {
        access: 'least',
        functions: { fn: { module: 'module.mjs', environment: { BUCKET: 'data' } } },
        buckets: { data: {}, other: {} },
      },
      { 'module.mjs': MODULE },
    );
    const serve = await project.serve();
    try {
      const put = async (bucket: string) => (await invoke(serve.url, 'fn', { action: 'put', bucket, key: 'k' })).body;
      expect(await put('data')).toContain('"done"');
      expect(await put('other')).toContain('AccessDeniedException');
    } finally {
      await serve.stop();
      project.remove();
    }
  });
});
