/** Objects that start executions of `fanfold serve`: what its own executions write, and what is told from outside. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionsProject, functionsProject } from './functions.ts';
import { callStates, type Serve } from './serve.ts';

/** Writes beside its object in every way that a state machine has. */
const WRITES = {
  StartAt: 'Function',
  States: {
    Function: {
      Type: 'Task',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:writes',
      ResultPath: null,
      Next: 'Put',
    },
    Put: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
      Parameters: { Bucket: 'inbound', 'Key.$': "States.Format('{}.put', $.key)", Body: 'x' },
      ResultPath: null,
      Next: 'Copy',
    },
    Copy: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:copyObject',
      Parameters: {
        Bucket: 'inbound',
        'Key.$': "States.Format('{}.copy', $.key)",
        'CopySource.$': "States.Format('inbound/{}', $.key)",
      },
      ResultPath: null,
      Next: 'Map',
    },
    Map: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Child',
        States: {
          Child: {
            Type: 'Task',
            Resource: 'arn:aws:lambda:us-east-1:000000000000:function:writes',
            Parameters: { key: 'in/child' },
            End: true,
          },
        },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'inbound', Prefix: 'in/results' },
      },
      End: true,
    },
  },
};
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const OWNER =
  'AWS4-HMAC-SHA256 Credential=OWNER/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';

describe('a trigger', () => {
  let project: FunctionsProject;
  let serve: Serve;
  beforeAll(async () => {
    const input = { 'key.$': '$.Records[0].s3.object.key', items: [1] };
    project = functionsProject(
      {
        buckets: { inbound: {}, others: {} },
        functions: { writes: { module: './writes.mjs' }, renames: { module: './renames.mjs' } },
        stateMachines: { writes: { definition: WRITES }, follows: { definition: PASS }, told: { definition: PASS } },
        triggers: [
          {
            name: 'all',
            bucket: 'inbound',
            prefix: 'in/',
            stateMachine: 'writes',
            input,
            archive: 'in/done/',
            error: 'in/bad/',
          },
          { name: 'next', bucket: 'inbound', prefix: 'in/', suffix: '.out', stateMachine: 'follows' },
          { name: 'told', bucket: 'inbound', prefix: 'told/', stateMachine: 'told' },
        ],
      },
      {
        'writes.mjs': `
          export const handler = async ({ key }, { objects }) => {
            await objects.put({ bucket: 'inbound', key: key + '.out', body: 'x' });
            return key;
          };`,
        'renames.mjs': `
          export const handler = async ({ from, to }, { objects }) => {
            await objects.move({ from: { bucket: 'inbound', key: from }, to: { bucket: 'inbound', key: to } });
            return to;
          };`,
      },
    );
    serve = await project.serve();
  });
  afterAll(async () => {
    await serve?.stop();
    project?.remove();
  });

  const put = async (bucket: string, key: string): Promise<void> => {
    const response = await fetch(`${serve.url}/${bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}`, {
      method: 'PUT',
      headers: { Authorization: OWNER },
      body: 'x',
    });
    expect(response.status).toBe(200);
  };
  const keys = async (bucket: string): Promise<readonly string[]> => {
    const response = await fetch(`${serve.url}/${bucket}?list-type=2`, { headers: { Authorization: OWNER } });
    return [...(await response.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  };
  const list = async (name: string): Promise<readonly { readonly status: string; readonly executionArn: string }[]> => {
    const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
    const { executions } = await callStates(serve.url, 'ListExecutions', { stateMachineArn });
    return executions as readonly { readonly status: string; readonly executionArn: string }[];
  };
  const until = async (name: string, count: number): Promise<void> => {
    for (let ended = 0; ended < count;) {
      ended = (await list(name)).filter(({ status }) => status !== 'RUNNING').length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const tell = async (message: object, headers: Record<string, string> = {}): Promise<[number, string]> => {
    const response = await fetch(`${serve.url}/_fanfold/object-events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(message),
    });
    return [response.status, await response.text()];
  };
  const record = (bucket: string, key: string, more: object = {}): object => ({
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket }, object: { key, ...more } },
  });

  it('is not set off by what its own executions write, but another one is', async () => {
    await put('inbound', 'in/a');
    await until('writes', 1);
    // Two functions have written for the one that follows; one of them in a child of a Distributed Map.
    await until('follows', 2);
    expect((await list('writes')).map(({ status }) => status)).toEqual(['SUCCEEDED']);
    const all = await keys('inbound');
    expect(all).toEqual(expect.arrayContaining(['in/a.copy', 'in/a.out', 'in/a.put', 'in/child.out', 'in/done/a']));
    expect(all.filter((key) => key.startsWith('in/results/'))).toHaveLength(2);
    expect(all.filter((key) => key.startsWith('in/bad/'))).toEqual([]);
    // Whoever else writes it sets it off.
    await put('inbound', 'in/b');
    await until('writes', 2);
  });

  it('takes events from outside: each record is an execution, and one of another bucket is refused with all of them', async () => {
    await put('others', 'x.csv');
    for (const key of ['told/a b+ü.csv', 'told/c.csv']) await put('inbound', key);
    await until('told', 2);
    const before = new Set((await list('told')).map(({ executionArn }) => executionArn));
    const records = [record('inbound', 'told/a+b%2B%C3%BC.csv'), record('inbound', 'told/c.csv')];
    // What has started an execution comes to the same one.
    expect(await tell({ Records: records })).toEqual([
      200,
      JSON.stringify({
        objects: [
          { bucket: 'inbound', key: 'told/a b+ü.csv' },
          { bucket: 'inbound', key: 'told/c.csv' },
        ],
      }),
    ]);
    expect(await tell({ Records: [...records, record('others', 'x.csv')] })).toEqual([
      400,
      expect.stringContaining('No trigger of this project watches the bucket \\"others\\". Watched are: inbound'),
    ]);
    expect(await tell({ Records: [record('inbound', 'told/none.csv')] })).toEqual([
      400,
      expect.stringContaining('There is no object \\"told/none.csv\\"'),
    ]);
    expect((await tell({ Records: [record('inbound', 'told/c.csv', { eTag: '0' })] }))[0]).toBe(400);
    expect((await tell({ Records: [record('inbound', 'told/%zz')] }))[0]).toBe(400);
    expect((await tell({ hello: 'there' }))[0]).toBe(400);
    expect(new Set((await list('told')).map(({ executionArn }) => executionArn))).toEqual(before);
  });

  it('starts an execution for each record of an event for objects that came without one', async () => {
    // What is renamed raises no event.
    await put('inbound', 'aside/1');
    await put('inbound', 'aside/2');
    const before = (await list('told')).length;
    for (const key of ['1', '2']) await rename(`aside/${key}`, `told/moved ${key}`);
    const sns = { Type: 'Notification', Message: JSON.stringify({ Records: [record('inbound', 'told/moved+1')] }) };
    const bridge = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'inbound' }, object: { key: 'told/moved 2' }, reason: 'PutObject' },
    };
    for (const message of [sns, bridge]) expect((await tell(message))[0]).toBe(200);
    await until('told', before + 2);
    expect(await tell({ Service: 'Amazon S3', Event: 's3:TestEvent' })).toEqual([200, '{"objects":[]}']);
    expect(await list('told')).toHaveLength(before + 2);
  });

  async function rename(from: string, to: string): Promise<void> {
    const { status } = await fetch(`${serve.url}/2015-03-31/functions/renames/invocations`, {
      method: 'POST',
      body: JSON.stringify({ from, to }),
    });
    expect(status).toBe(200);
  }
});
