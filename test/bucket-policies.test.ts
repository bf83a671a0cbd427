/** Policies of buckets: in the project file, and over the S3 API with AWS's own client and the AWS CLI. */
import {
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasAwsCli, openAwsCli } from './aws.ts';
import { fanfold } from './fanfold.ts';
import { type FunctionsProject, functionsProject, invoke } from './functions.ts';
import type { Serve } from './serve.ts';

const MODULE = `
const verbs = {
  get: async ({ objects }, ref) => (await objects.get(ref)).info.size,
  put: async ({ objects }, ref) => (await objects.put({ ...ref, body: 'x' })).size,
  list: async ({ objects }, { bucket, prefix }) => (await objects.list({ bucket, prefix })).objects.length,
};
export const handler = async ({ verb, ...ref }, context) =>
  verbs[verb](context, ref).catch((error) => error.code + ' ' + error.message);
`;
const role = (name: string): object => ({ AWS: `arn:aws:iam::000000000000:role/${name}` });
const ofShared = (...paths: readonly string[]): string[] => paths.map((path) => `arn:aws:s3:::shared${path}`);
const SHARED = [
  { Effect: 'Allow', Principal: role('function:guest'), Action: 's3:GetObject', Resource: ofShared('/in/*') },
  {
    Effect: 'Allow',
    Principal: role('function:guest'),
    Action: 's3:ListBucket',
    Resource: ofShared(''),
    Condition: { StringLike: { 's3:prefix': 'in/*' } },
  },
  {
    Sid: 'OnlyWritersWrite',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: ofShared('/*'),
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/function:writer' } },
  },
];

let project: FunctionsProject;
let serve: Serve;
let s3: S3Client;
beforeAll(async () => {
  project = functionsProject(
    {
      functions: {
        guest: { module: 'module.mjs', policy: [{ Action: 'sqs:*' }] },
        writer: { module: 'module.mjs' },
        other: { module: 'module.mjs' },
      },
      buckets: {
        shared: {
          policy: [
            ...SHARED,
            { Effect: 'Allow', Principal: role('function:writer'), Action: 's3:*', Resource: ofShared('/*') },
          ],
        },
        plain: {},
      },
      stateMachines: {},
    },
    { 'module.mjs': MODULE },
  );
  serve = await project.serve();
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };
  s3 = new S3Client({ endpoint: serve.url, region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 });
});
afterAll(async () => {
  s3?.destroy();
  await serve?.stop();
  project?.remove();
});

const ask = async (name: string, verb: string, rest: object): Promise<unknown> => {
  const { status, body } = await invoke(serve.url, name, { verb, bucket: 'shared', ...rest });
  expect(status, body).toBe(200);
  return JSON.parse(body);
};
const DENIED = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
const policy = (more: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::plain/keep/*', ...more },
    ],
  });

describe('the policy of a bucket', () => {
  it('in the project file lets functions do what their own does not, and keeps all others from the rest', async () => {
    expect(await ask('writer', 'put', { key: 'in/a' })).toBe(1);
    expect(await ask('guest', 'get', { key: 'in/a' })).toBe(1);
    expect(await ask('guest', 'list', { prefix: 'in/' })).toBe(1);
    expect(await ask('guest', 'list', {})).toMatch(/^AccessDeniedException .*neither its policy nor the bucket/);
    expect(await ask('guest', 'get', { key: 'out/a' })).toMatch('AccessDeniedException');
    expect(await ask('other', 'put', { key: 'in/a' })).toMatch(
      /^AccessDeniedException .*the policy of the bucket shared denies it \(statement OnlyWritersWrite\)/,
    );
    await expect(s3.send(new PutObjectCommand({ Bucket: 'shared', Key: 'b', Body: 'x' }))).rejects.toMatchObject(
      DENIED,
    );
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: 'shared' }));
    expect(JSON.parse(Policy)).toMatchObject({ Statement: [...SHARED, { Action: 's3:*' }] });
    const status = await s3.send(new GetBucketPolicyStatusCommand({ Bucket: 'shared' }));
    expect(status.PolicyStatus?.IsPublic).toBe(false);
  });

  it('is put, read, obeyed and deleted over the API', async () => {
    const Bucket = 'plain';
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy({}) }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(policy({}));
    for (const Key of ['keep/a', 'b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const Objects = [{ Key: 'keep/a' }, { Key: 'b' }];
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted, Errors]).toMatchObject([[{ Key: 'b' }], [{ Key: 'keep/a', Code: 'AccessDenied' }]]);

    const insecure = { Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const Resource = ['arn:aws:s3:::plain', 'arn:aws:s3:::plain/*'];
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy({ ...insecure, Resource }) }));
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'keep/a' }))).rejects.toMatchObject(DENIED);
    await expect(s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(DENIED);
    expect(await ask('other', 'get', { bucket: Bucket, key: 'keep/a' })).toBe(1);
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });

  it.each([
    ['{', 'MalformedPolicy', 'valid JSON'],
    [policy({ Principal: role('function:other') }), 'MalformedPolicy', 'there is no role function:other'],
    [
      policy({ Resource: 'arn:aws:s3:::shared/*', Condition: { StringEquals: { 'aws:RequestTag/a': 'b' } } }),
      'NotImplemented',
      'aws:RequestTag/a',
    ],
    [
      policy({ Resource: 'arn:aws:s3:::shared/*', Condition: { DateLessThan: { 'aws:CurrentTime': 'x' } } }),
      'NotImplemented',
      'DateLessThan',
    ],
  ])('that cannot be is refused, and the one before stays: %s', async (Policy, name, message) => {
    await expect(s3.send(new PutBucketPolicyCommand({ Bucket: 'shared', Policy }))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket: 'shared' }))).Policy).toContain('OnlyWritersWrite');
  });

  it('in a project file that cannot be is told with its place', async () => {
    const wrong = functionsProject(
      {
        stateMachines: {},
        buckets: {
          b: { policy: [{ Effect: 'Allow', Principal: role('job:x'), Action: 's3:*', Resource: 'arn:aws:s3:::b/*' }] },
        },
      },
      {},
    );
    const { code, stderr } = await fanfold(['-C', wrong.folder, 'policy']);
    expect([code === 0, stderr]).toEqual([
      false,
      expect.stringContaining('buckets.b.policy: Invalid principal in policy: there is no role job:x'),
    ]);
    wrong.remove();
  });

  it.skipIf(!hasAwsCli)(
    'is put and read by the AWS CLI',
    async () => {
      const cli = openAwsCli(serve.url);
      const file = join(project.folder, 'policy.json');
      writeFileSync(file, policy({ Principal: { AWS: '000000000000' } }));
      const bucket = ['--bucket', 'plain', '--output', 'json'];
      await cli.run('s3api', 'put-bucket-policy', ...bucket, '--policy', `file://${file}`);
      const { Policy } = JSON.parse(await cli.run('s3api', 'get-bucket-policy', ...bucket)) as { Policy: string };
      expect(JSON.parse(Policy)).toMatchObject({ Statement: [{ Action: 's3:DeleteObject' }] });
      await expect(cli.run('s3api', 'delete-object', '--bucket', 'plain', '--key', 'keep/a')).rejects.toThrow(
        '(AccessDenied)',
      );
      await cli.run('s3api', 'delete-bucket-policy', ...bucket);
      await expect(cli.run('s3api', 'get-bucket-policy', ...bucket)).rejects.toThrow('(NoSuchBucketPolicy)');
      await cli.close();
    },
    60_000,
  );
});
