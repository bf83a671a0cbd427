import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BucketConfiguration } from '../../ports/buckets.ts';
import { type LocalObjects, openLocalObjects } from '../../services/s3/local.ts';
import { s3Of, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { s3Access } from './s3-access.ts';

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=owner/20300101/us-east-1/s3/aws4_request, Signature=0';
const CONFIGURED: Readonly<Record<string, BucketConfiguration>> = {
  set: {
    encryption: 'AES256',
    expiry: [
      { prefix: 'tmp/', days: 7 },
      { prefix: 'a&b/', noncurrent: { days: 30, keep: 3 } },
    ],
  },
};
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

describe('the configurations of a bucket', () => {
  let directory: string;
  let local: LocalObjects;
  let server: TestServer;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-configurations-'));
    local = openLocalObjects({ directory, buckets: ['plain', 'set'] });
    await local.objects.put({ bucket: 'plain', key: 'key', body: 'x' });
    const configured = (bucket: string): BucketConfiguration => CONFIGURED[bucket] ?? { expiry: [] };
    server = await startTestServer({ s3: { ...s3Of(local.objects), ...local, configured } });
  });
  afterAll(async () => {
    await server.close();
    await local.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const send = async (method: string, path: string): Promise<readonly [status: number, body: string]> => {
    const answer = await fetch(`${server.url}${path}`, { method, headers: { authorization: AUTHORIZATION } });
    return [answer.status, await answer.text()];
  };

  it.each([
    ['GetBucketCors', 'cors', 'NoSuchCORSConfiguration'],
    ['GetBucketEncryption', 'encryption', 'ServerSideEncryptionConfigurationNotFoundError'],
    ['GetBucketLifecycleConfiguration', 'lifecycle', 'NoSuchLifecycleConfiguration'],
    ['GetObjectLockConfiguration', 'object-lock', 'ObjectLockConfigurationNotFoundError'],
    ['GetBucketPolicy', 'policy', 'NoSuchBucketPolicy'],
    ['GetBucketPolicyStatus', 'policyStatus', 'NoSuchBucketPolicy'],
    ['GetPublicAccessBlock', 'publicAccessBlock', 'NoSuchPublicAccessBlockConfiguration'],
    ['GetBucketReplication', 'replication', 'ReplicationConfigurationNotFoundError'],
    ['GetBucketTagging', 'tagging', 'NoSuchTagSet'],
    ['GetBucketWebsite', 'website', 'NoSuchWebsiteConfiguration'],
  ])('%s says that there is no %s: %s', async (_action, name, code) => {
    const [status, body] = await send('GET', `/plain?${name}`);
    expect([status, body]).toEqual([404, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(body).toContain('<BucketName>plain</BucketName>');
    expect((await send('GET', `/nowhere?${name}`))[1]).toContain('<Code>NoSuchBucket</Code>');
  });

  it.each([
    ['GetBucketLocation', 'location', `<LocationConstraint ${NAMESPACE}></LocationConstraint>`],
    ['GetBucketVersioning', 'versioning', `<VersioningConfiguration ${NAMESPACE}></VersioningConfiguration>`],
    [
      'GetBucketNotificationConfiguration',
      'notification',
      `<NotificationConfiguration ${NAMESPACE}></NotificationConfiguration>`,
    ],
    ['GetBucketLogging', 'logging', `<BucketLoggingStatus ${NAMESPACE}></BucketLoggingStatus>`],
    [
      'GetBucketAccelerateConfiguration',
      'accelerate',
      `<AccelerateConfiguration ${NAMESPACE}></AccelerateConfiguration>`,
    ],
    ['GetBucketRequestPayment', 'requestPayment', '<Payer>BucketOwner</Payer>'],
    [
      'GetBucketOwnershipControls',
      'ownershipControls',
      '<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>',
    ],
    ['GetBucketAcl', 'acl', 'xsi:type="CanonicalUser"><ID>000000000000</ID>'],
  ])('%s says of its %s no more than holds', async (_action, name, told) => {
    expect(await send('GET', `/plain?${name}`)).toEqual([200, expect.stringContaining(told)]);
    expect((await send('GET', `/nowhere?${name}`))[1]).toContain('<Code>NoSuchBucket</Code>');
  });

  it('tells what the project says of it', async () => {
    expect((await send('GET', '/set?encryption'))[1]).toContain('<SSEAlgorithm>AES256</SSEAlgorithm>');
    const [, lifecycle] = await send('GET', '/set?lifecycle');
    expect(lifecycle.match(/<Rule>.*?<\/Rule>/g)).toEqual([
      '<Rule><ID>expire-1</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>' +
        '<Expiration><Days>7</Days></Expiration>' +
        '<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>',
      '<Rule><ID>expire-2</ID><Filter><Prefix>a&amp;b/</Prefix></Filter><Status>Enabled</Status>' +
        '<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays>' +
        '<NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>',
    ]);
  });

  it.each([
    'accelerate',
    'acl',
    'cors',
    'encryption',
    'lifecycle',
    'logging',
    'object-lock',
    'ownershipControls',
    'publicAccessBlock',
    'replication',
    'requestPayment',
    'tagging',
    'website',
  ])('refuses by name to set %s', async (name) => {
    const [status, body] = await send('PUT', `/plain?${name}`);
    expect([status, body]).toEqual([501, expect.stringContaining(name)]);
  });

  it('has deleted what is not there, and not what would be another thing', async () => {
    for (const name of ['cors', 'publicAccessBlock', 'replication', 'tagging', 'website'])
      expect(await send('DELETE', `/plain?${name}`)).toEqual([204, '']);
    for (const name of ['encryption', 'lifecycle', 'ownershipControls'])
      expect((await send('DELETE', `/set?${name}`))[0]).toBe(501);
    expect((await send('DELETE', '/nowhere?cors'))[0]).toBe(404);
    expect(await local.buckets.has('plain')).toBe(true);
  });

  it('are asked of objects too: GetObjectAcl', async () => {
    expect(await send('GET', '/plain/key?acl')).toEqual([200, expect.stringContaining('FULL_CONTROL')]);
    expect((await send('GET', '/plain/none?acl'))[1]).toContain('<Code>NoSuchKey</Code>');
  });
});

it.each([
  ['GET', 'encryption', 's3:GetEncryptionConfiguration'],
  ['GET', 'lifecycle', 's3:GetLifecycleConfiguration'],
  ['GET', 'accelerate', 's3:GetAccelerateConfiguration'],
  ['GET', 'object-lock', 's3:GetBucketObjectLockConfiguration'],
  ['GET', 'cors', 's3:GetBucketCors'],
  ['DELETE', 'cors', 's3:PutBucketCors'],
  ['DELETE', 'replication', 's3:PutReplicationConfiguration'],
  ['DELETE', 'policy', 's3:DeleteBucketPolicy'],
  ['DELETE', 'website', 's3:DeleteBucketWebsite'],
  ['PUT', 'publicAccessBlock', 's3:PutBucketPublicAccessBlock'],
])('%s of %s takes the right %s', (method, name, action) => {
  const query = new URLSearchParams({ [name]: '' });
  const [access] = s3Access({ method, bucket: 'b', key: '', query, copySource: undefined, encryption: undefined });
  expect(access).toMatchObject({ action, resource: 'arn:aws:s3:::b' });
});
