/** What functions and jobs write over the wire, with clients and keys of their own, does not start again what made it. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, keyIn, openDesk } from './desk.ts';
import { type FunctionsProject, functionsProject, invoke, isThere } from './functions.ts';
import { ended } from './jobs.ts';
import { callStates, type Serve } from './serve.ts';

const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => isThere(python, '-c', 'import boto3'));
const BOOTSTRAP = join(import.meta.dirname, '../packages/fanfold/dist/services/lambda/process/bootstrap.py');
if (PYTHON === undefined) console.log('What boto3 writes in a function is left out: there is no python3 with boto3.');

/** One client for all invocations, as it is mostly written. */
const CLIENT = `
import { S3Client, PutObjectCommand, CopyObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
const s3 = new S3Client({});
const Bucket = 'inbound';
const put = (Key, Body = 'x') => s3.send(new PutObjectCommand({ Bucket, Key, Body }));`;

/** Signs by itself, as a program without an SDK does. */
const BARE = `
import aws4 from 'aws4';
const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
const put = async (key) => {
  const { host } = new URL(AWS_ENDPOINT_URL);
  const path = '/inbound/' + key;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
  const { headers } = aws4.sign({ host, path, method: 'PUT', service: 's3', region: 'us-east-1', body: 'x' }, credentials);
  delete headers.Host;
  delete headers['Content-Length'];
  const answer = await fetch(AWS_ENDPOINT_URL + path, { method: 'PUT', headers, body: 'x' });
  if (!answer.ok) throw new Error(await answer.text());
};`;

const FILES = {
  'sdk.mjs': `${CLIENT}
    import { execFileSync } from 'node:child_process';
    import { Upload } from '@aws-sdk/lib-storage';
    import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
    import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
    const lambda = new LambdaClient({});
    export const handler = async ({ key }) => {
      await put(key + '.put.out');
      await s3.send(new CopyObjectCommand({ Bucket, Key: key + '.copy.out', CopySource: Bucket + '/' + key }));
      const upload = { Bucket, Key: key + '.upload.out', Body: Buffer.alloc(5 * 2 ** 20 + 1) };
      await new Upload({ client: s3, params: upload }).done();
      const Payload = JSON.stringify({ key: key + '.nested' });
      await lambda.send(new InvokeCommand({ FunctionName: 'nested', Payload }));
      const later = JSON.stringify({ key: key + '.later' });
      await lambda.send(new InvokeCommand({ FunctionName: 'nested', Payload: later, InvocationType: 'Event' }));
      execFileSync(process.execPath, ['put.mjs', key + '.child'], { stdio: 'inherit' });
    };
    export const nested = ({ key }) => put(key + '.out').then(() => null);
    export const links = async ({ key }) => [
      await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: key })),
      // Of a body that is yet to come, no checksum can be signed.
      await getSignedUrl(
        new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
        new PutObjectCommand({ Bucket, Key: key + '.link.out' }),
      ),
    ];`,
  'put.mjs': `${BARE}
    await put(process.argv[2] + '.out');`,
  'program.mjs': `${BARE}
    const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
    for (;;) {
      const event = await fetch(base + 'next');
      await put((await event.json()).key + '.program.out');
      const id = event.headers.get('lambda-runtime-aws-request-id');
      await (await fetch(base + id + '/response', { method: 'POST', body: 'null' })).text();
    }`,
  'app.py': `
import boto3
s3 = boto3.client('s3')
def handler(event, context):
    s3.put_object(Bucket='inbound', Key=event['key'] + '.py.out', Body=b'x')
`,
  'meet.mjs': `${CLIENT}
    const all = Promise.withResolvers();
    let come = 0;
    export const handler = async ({ to, of }) => {
      if (++come === of) all.resolve();
      await all.promise;
      await put(to + come++ + '.out');
    };`,
  'again.mjs': `${BARE}
    import { existsSync, writeFileSync } from 'node:fs';
    /** The first time it comes to the desk, and is killed there. */
    export const work = async (who, desk) => {
      if (!existsSync(who)) {
        writeFileSync(who, '');
        await fetch(desk, { method: 'POST', body: JSON.stringify({ ...process.env, who }) });
      }
      await put('again/' + who.replace(/.*\\//, '') + '.out');
    };
    export const handler = ({ who, desk }) => work(who, desk);
    if (process.argv[2]) await work(process.argv[2], process.argv[3]);`,
};

const lambda = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const task = (Resource: string, Parameters: object = { 'key.$': '$.key' }): object => {
  const StartAt = Resource.replace(/.*:/, '');
  return { StartAt, States: { [StartAt]: { Type: 'Task', Resource, Parameters, End: true } } };
};
const job = (name: string, parameters: object): object =>
  task('arn:aws:states:::batch:submitJob.sync', {
    JobName: 'j',
    JobQueue: 'q',
    JobDefinition: name,
    Parameters: parameters,
  });
const parallel = (...Branches: readonly object[]): object => ({
  definition: { StartAt: 'All', States: { All: { Type: 'Parallel', Branches, End: true } } },
});
const WRITES = parallel(
  task(lambda('sdk')),
  task(lambda('program')),
  job('put', { 'to.$': "States.Format('{}.job', $.key)" }),
  ...(PYTHON === undefined ? [] : [task(lambda('py'))]),
);
const MEETS = { definition: task(lambda('meet'), { 'to.$': '$.to', 'of.$': '$.of' }) };
const AGAIN = parallel(
  task(lambda('again'), { 'who.$': "States.Format('{}/function', $.folder)", 'desk.$': '$.desk' }),
  job('again', { 'who.$': "States.Format('{}/job', $.folder)", 'desk.$': '$.desk' }),
);
const PASS = { definition: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } };

describe('what an execution writes over the wire', { timeout: 240_000 }, () => {
  let project: FunctionsProject;
  let serve: Serve;
  let desk: Desk;
  beforeAll(async () => {
    const input = { 'key.$': '$.Records[0].s3.object.key' };
    const watch = (name: string): object => ({
      name,
      bucket: 'inbound',
      prefix: `${name}/`,
      stateMachine: name,
      input,
    });
    const fn = (module: string, more: object = {}): object => ({ module, timeoutSeconds: 200, ...more });
    project = functionsProject(
      {
        buckets: { inbound: {} },
        functions: {
          sdk: fn('sdk.mjs'),
          nested: { handler: 'sdk.nested', timeoutSeconds: 200 },
          links: { handler: 'sdk.links', timeoutSeconds: 200 },
          program: { command: [process.execPath, './program.mjs'], timeoutSeconds: 200 },
          ...(PYTHON !== undefined && {
            py: { command: [PYTHON, BOOTSTRAP], handler: 'app.handler', timeoutSeconds: 200 },
          }),
          meet: fn('meet.mjs'),
          again: fn('again.mjs'),
        },
        jobQueues: { q: {} },
        jobDefinitions: {
          put: { command: [process.execPath, './put.mjs', 'Ref::to'] },
          again: { command: [process.execPath, './again.mjs', 'Ref::who', 'Ref::desk'] },
        },
        stateMachines: { writes: WRITES, a: MEETS, b: MEETS, again: AGAIN, told: PASS },
        triggers: [
          ...['writes', 'a', 'b', 'again'].map(watch),
          // Of another state machine: it tells that an output was looked at.
          { name: 'told', bucket: 'inbound', suffix: '.out', stateMachine: 'told', input },
        ],
      },
      FILES,
    );
    symlinkSync(join(import.meta.dirname, '../node_modules'), join(project.folder, 'node_modules'));
    serve = await project.serve();
    desk = await openDesk();
  });
  afterAll(async () => {
    await desk?.close();
    await serve?.stop();
    project?.remove();
  });

  const arn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
  const start = async (name: string, input: object): Promise<string> =>
    String(
      (await callStates(serve.url, 'StartExecution', { stateMachineArn: arn(name), input: JSON.stringify(input) }))[
        'executionArn'
      ],
    );
  const list = async (name: string): Promise<readonly { readonly executionArn: string }[]> =>
    (await callStates(serve.url, 'ListExecutions', { stateMachineArn: arn(name) }))['executions'] as [];
  /** The keys of the outputs that have been looked at, once there are so many. */
  const told = async (prefix: string, count: number): Promise<readonly string[]> => {
    for (;;) {
      const inputs = await Promise.all(
        (await list('told')).map(async ({ executionArn }) => ended(serve.url, executionArn)),
      );
      const keys = inputs.map(({ input }) => (JSON.parse(String(input)) as { key: string }).key);
      const own = keys.filter((key) => key.startsWith(prefix));
      if (own.length >= count) return own.sort();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const client = (credentials: Pick<ReturnType<typeof keyIn>, 'accessKeyId' | 'secretAccessKey'>): S3Client =>
    new S3Client({ endpoint: serve.url, region: 'us-east-1', forcePathStyle: true, credentials });
  const put = async (Key: string): Promise<void> => {
    await client({ accessKeyId: 'OWNER', secretAccessKey: 'any' }).send(
      new PutObjectCommand({ Bucket: 'inbound', Key, Body: 'x' }),
    );
  };

  it('does not start it again, whatever client has written it', async () => {
    await put('writes/x');
    const made = [
      'put',
      'copy',
      'upload',
      'nested',
      'later',
      'child',
      'program',
      'job',
      ...(PYTHON === undefined ? [] : ['py']),
    ];
    expect(await told('writes/', made.length)).toEqual(made.map((name) => `writes/x.${name}.out`).sort());
    const [first, ...others] = await list('writes');
    expect(others).toEqual([]);
    expect(await ended(serve.url, first?.executionArn ?? '')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is told apart where one worker writes for several at once, with one client', async () => {
    await Promise.all(
      ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'].map(async (name) =>
        expect(await ended(serve.url, await start(name, { to: `${name}/`, of: 8 }))).toMatchObject({
          status: 'SUCCEEDED',
        }),
      ),
    );
    expect(await told('a/', 4)).toHaveLength(4);
    expect(await told('b/', 4)).toHaveLength(4);
    expect((await Promise.all([list('a'), list('b')])).map(({ length }) => length)).toEqual([4, 4]);
  });

  it('over a link is whoever opens it, and the link outlives the function', async () => {
    await put('link');
    const { body } = await invoke(serve.url, 'links', { key: 'link' });
    const [read = '', write = ''] = JSON.parse(body) as string[];
    expect(await (await fetch(read)).text()).toBe('x');
    expect((await fetch(write, { method: 'PUT', body: 'y' })).status).toBe(200);
    expect(await told('link', 1)).toEqual(['link.link.out']);
    expect((await fetch(read.replace(/X-Amz-Security-Token=[^&]*&/, ''))).status).toBe(403);
  });

  it('starts nothing when the engine was killed and it is written by the next attempt, with a key of its own', async () => {
    const executionArn = await start('again', { folder: project.folder, desk: desk.url });
    const before = [await desk.next(), await desk.next()];
    await serve.kill();
    serve = await project.serve();
    expect(await ended(serve.url, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await told('again/', 2)).toEqual(['again/function.out', 'again/job.out']);
    expect(await list('again')).toHaveLength(1);
    expect(before.map(({ who = '' }) => who.replace(/.*\//, '')).sort()).toEqual(['function', 'job']);
    for (const environment of before) {
      const late = new PutObjectCommand({ Bucket: 'inbound', Key: 'again/late', Body: 'x' });
      await expect(client(keyIn(environment)).send(late)).rejects.toMatchObject({ name: 'ExpiredToken' });
    }
  });
});
