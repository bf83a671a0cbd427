/** boto3 against `fanfold serve`; Debian's, where it is there, as it speaks SQS's older protocol. Left out without boto3. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serve, startServe } from './serve.ts';

const PYTHONS = ['/usr/bin/python3', 'python3'].filter(
  (python) => spawnSync(python, ['-c', 'import boto3']).status === 0,
);
if (PYTHONS.length === 0) console.log('boto3.test.ts is left out: no python3 here has boto3.');

describe.each([...new Set(PYTHONS)])('boto3 of %s', (python) => {
  let serve: Serve;
  beforeAll(async () => {
    serve = await startServe();
  });
  afterAll(async () => {
    await serve.stop();
  });
  const run = async (area: string): Promise<unknown> => {
    const args = [join(import.meta.dirname, 'python-client.py'), serve.url, area];
    const { stdout } = await promisify(execFile)(python, args);
    return (JSON.parse(stdout) as Record<string, unknown>)[area];
  };

  it('sends and receives', async () => {
    expect(await run('sqs')).toEqual({
      tags: { a: 'b' },
      empty: null,
      same: true,
      body: '<grün> & "quoted"',
      attributes: [{ n: { DataType: 'Number', StringValue: '3' } }, '1'],
      dead: '<grün> & "quoted"',
      sources: true,
      batch: [['a'], ['b']],
      purged: '0',
      listed: ['py', 'py-dead'],
      gone: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  it('publishes', async () => {
    expect(await run('sns')).toEqual({ told: 'hello', missing: 'NotFound' });
  });

  it('keeps items', async () => {
    expect(await run('dynamodb')).toEqual({
      query: ['20', '18', '16', '14'],
      set: ['x', 'y'],
      condition: 'ConditionalCheckFailedException',
      count: 60,
    });
  });
});
