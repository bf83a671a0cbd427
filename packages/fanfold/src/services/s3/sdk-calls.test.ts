import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';
import { createS3Calls } from './sdk-calls.ts';

describe('what tasks call of S3', () => {
  let directory: string;
  let local: LocalObjects;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fanfold-s3-calls-'));
    local = openLocalObjects({ directory, buckets: ['calls'] });
  });
  afterAll(async () => {
    await local.close();
    rmSync(directory, { recursive: true });
  });
  const call = (action: string, input: JsonObject): Promise<JsonObject> =>
    createS3Calls(local)(action, { Bucket: 'calls', ...input }, { signal: new AbortController().signal });

  it('puts JSON, and gets it as it lies there', async () => {
    expect(await call('PutObject', { Key: 'k', Body: { a: [1] }, Metadata: { b: 'c' } })).toMatchObject({
      ChecksumCRC32: expect.stringMatching(/=$/),
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await call('GetObject', { Key: 'k' })).toMatchObject({
      Body: '{"a":[1]}',
      ContentLength: 9,
      Metadata: { b: 'c' },
    });
    expect(await call('GetObject', { Key: 'k', Range: 'bytes=1-3' })).toMatchObject({
      Body: '"a"',
      ContentLength: 3,
      ContentRange: 'bytes 1-3/9',
    });
  });

  it('copies, lists and deletes', async () => {
    await call('CopyObject', { Key: 'dir/copy', CopySource: 'calls/k' });
    await call('CopyObject', { Key: 'dir/another', CopySource: '/calls/k' });
    expect(await call('ListObjectsV2', { MaxKeys: 1, Delimiter: '/' })).toMatchObject({
      CommonPrefixes: [{ Prefix: 'dir/' }],
      IsTruncated: true,
      NextContinuationToken: 'dir/',
    });
    const { Contents } = await call('ListObjectsV2', { ContinuationToken: 'dir/', Delimiter: '/' });
    expect(Contents).toMatchObject([{ Key: 'k', Size: 9 }]);
    const Delete = { Objects: [{ Key: 'dir/copy' }, { Key: 'dir/another' }] };
    expect(await call('DeleteObjects', { Delete })).toEqual({ Deleted: Delete.Objects });
    expect((await call('ListObjects', {}))['Contents']).toHaveLength(1);
  });

  it('tags objects', async () => {
    await call('PutObject', { Key: 'tagged', Body: 'x' });
    const TagSet = [
      { Key: 'scan', Value: 'clean' },
      { Key: 'a', Value: '' },
    ];
    expect(await call('PutObjectTagging', { Key: 'tagged', Tagging: { TagSet } })).toEqual({});
    expect(await call('GetObjectTagging', { Key: 'tagged' })).toEqual({ TagSet });
    expect(await call('DeleteObjectTagging', { Key: 'tagged' })).toEqual({});
    expect(await call('GetObjectTagging', { Key: 'tagged' })).toEqual({ TagSet: [] });
    const twice = { TagSet: [...TagSet, ...TagSet] };
    await expect(call('PutObjectTagging', { Key: 'tagged', Tagging: twice })).rejects.toMatchObject({
      code: 'InvalidTag',
    });
    for (const action of ['GetObjectTagging', 'DeleteObjectTagging'])
      await expect(call(action, { Key: 'none' })).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(call('PutObjectTagging', { Key: 'tagged', Tagging: {} })).rejects.toThrow('TagSet');
    await call('DeleteObject', { Key: 'tagged' });
  });

  it('keeps versions, and lists, reads, copies and removes them', async () => {
    const Bucket = 'kept';
    await call('CreateBucket', { Bucket });
    expect(await call('GetBucketVersioning', { Bucket })).toEqual({});
    await call('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    expect(await call('GetBucketVersioning', { Bucket })).toEqual({ Status: 'Enabled' });
    const { VersionId = '' } = await call('PutObject', { Bucket, Key: 'k', Body: 1 });
    const { VersionId: second = '' } = await call('PutObject', { Bucket, Key: 'k', Body: 2 });
    expect(await call('GetObject', { Bucket, Key: 'k', VersionId })).toMatchObject({ Body: '1', VersionId });
    expect(await call('HeadObject', { Bucket, Key: 'k' })).toMatchObject({ VersionId: second });
    const CopySource = `${Bucket}/k?versionId=${String(VersionId)}`;
    expect(await call('CopyObject', { Bucket, Key: 'c', CopySource })).toMatchObject({
      CopySourceVersionId: VersionId,
    });
    expect(await call('GetObject', { Bucket, Key: 'c' })).toMatchObject({ Body: '1' });
    const marker = await call('DeleteObject', { Bucket, Key: 'k' });
    expect(marker).toEqual({ DeleteMarker: true, VersionId: expect.any(String) });
    expect(await call('ListObjectVersions', { Bucket, Prefix: 'k' })).toMatchObject({
      Versions: [{ VersionId: second }, { VersionId, IsLatest: false }],
      DeleteMarkers: [{ Key: 'k', VersionId: marker['VersionId'], IsLatest: true }],
    });
    const page = await call('ListObjectVersions', { Bucket, Prefix: 'k', MaxKeys: 2 });
    const { NextKeyMarker = '', NextVersionIdMarker = '' } = page;
    expect(
      await call('ListObjectVersions', { Bucket, KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker }),
    ).toMatchObject({ IsTruncated: false, Versions: [{ VersionId }] });
    const Objects = [{ Key: 'k', VersionId: marker['VersionId'] ?? '' }, { Key: 'k', VersionId: second }, { Key: 'c' }];
    expect((await call('DeleteObjects', { Bucket, Delete: { Objects } }))['Deleted']).toEqual([
      { Key: 'k', ...marker, DeleteMarkerVersionId: marker['VersionId'] },
      { Key: 'k', VersionId: second },
      { Key: 'c', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
    ]);
    expect(await call('GetObject', { Bucket, Key: 'k' })).toMatchObject({ Body: '1' });
  });

  it.each([
    ['GetObject', { Key: 'k', VersionId: 'A'.repeat(32) }, 'NoSuchVersion', 'The specified version does not exist.'],
    ['PutBucketVersioning', { VersioningConfiguration: { Status: 'On' } }, 'MalformedXML', 'Enabled or Suspended'],
    ['GetObject', { Key: 'none' }, 'NoSuchKey', 'The specified key does not exist.'],
    ['ListObjects', { Bucket: 'nowhere' }, 'NoSuchBucket', 'The specified bucket does not exist'],
    ['HeadBucket', { Bucket: 'nowhere' }, 'NoSuchBucket', 'The specified bucket does not exist'],
    ['GetObject', {}, 'InvalidRequest', 'The parameter Key is missing.'],
    ['GetObject', { Key: 3 }, 'InvalidArgument', 'Key must be a text, not 3'],
    ['GetObject', { Key: 'k', Range: 'bytes=9-' }, 'InvalidRange', 'The requested range is not satisfiable'],
    ['PutObject', { Key: 'k', ACL: 'public-read' }, 'NotImplemented', "'ACL' in PutObject"],
    ['GetBucketPolicy', {}, 'NotImplemented', 'the action GetBucketPolicy'],
    ['DeleteObjects', { Delete: {} }, 'MalformedXML', '1 to 1000 objects'],
    ['PutObject', { Key: 'k', IfNoneMatch: '*' }, 'PreconditionFailed', 'k exists'],
  ] as const)('refuses %s %j with %s', async (action, input, code, message) => {
    await expect(call(action, input)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
