/** Versions of objects on `fanfold serve`: AWS's own S3 client, and the AWS CLI where it is on this machine. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasAwsCli, openAwsCli } from './aws.ts';
import { refused, type ServedBucket, serveBucket } from './s3-client.ts';

if (!hasAwsCli) process.stderr.write('The AWS CLI in s3-versions.test.ts is left out: no python3 here has it.\n');

const Bucket = 'kept-bucket';

let served: ServedBucket;
let s3: S3Client;
beforeAll(async () => {
  served = await serveBucket(Bucket);
  s3 = served.s3;
});
afterAll(() => served.stop());

const put = async (Key: string, Body: string): Promise<string> =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? 'none';
const read = async (Key: string, VersionId?: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const versioning = async (Status: 'Enabled' | 'Suspended'): Promise<void> =>
  void (await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })));

describe('the S3 client', () => {
  it('keeps versions, deletes behind markers and brings back what was deleted', async () => {
    expect(await put('a', 'null')).toBe('none');
    expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).not.toHaveProperty('Status');
    await versioning('Enabled');
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const [first, second] = [await put('a', 'one'), await put('a', 'two')];
    expect(first).not.toBe(second);
    expect([await read('a'), await read('a', first), await read('a', 'null')]).toEqual(['two', 'one', 'null']);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).VersionId).toBe(second);

    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(/^[\w-]{32}$/) });
    const gone = await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'a' })));
    expect([gone.name, gone.$response?.headers]).toMatchObject([
      'NoSuchKey',
      { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.VersionId },
    ]);
    const asked = await refused(s3.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: marker.VersionId })));
    expect([asked.name, asked.$response?.statusCode, asked.$response?.headers]).toMatchObject([
      'MethodNotAllowed',
      405,
      { 'x-amz-delete-marker': 'true', allow: 'DELETE' },
    ]);
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map(({ VersionId, IsLatest, Size }) => [VersionId, IsLatest, Size])).toEqual([
      [second, false, 3],
      [first, false, 3],
      ['null', false, 4],
    ]);
    expect(DeleteMarkers).toMatchObject([{ Key: 'a', VersionId: marker.VersionId, IsLatest: true }]);
    expect(await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: marker.VersionId }))).toMatchObject({
      DeleteMarker: true,
      VersionId: marker.VersionId,
    });
    expect(await read('a')).toBe('two');
  });

  it('reads a version by a link, and refuses ids that are none', async () => {
    const [first] = [await put('link', 'one'), await put('link', 'two')];
    const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'link', VersionId: first }));
    expect((await fetch(link)).status).toBe(403);
    expect((await refused(read('link', 'x'))).name).toBe('InvalidArgument');
    expect((await refused(read('a', first))).name).toBe('NoSuchVersion');
  });

  it('copies versions, whole and as parts, and has tags of each', async () => {
    const [first, second] = [await put('c', 'one'), await put('c', 'two')];
    const source = `${Bucket}/c?versionId=${first}`;
    const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: source }));
    expect([copy.CopySourceVersionId, await read('copy', copy.VersionId)]).toEqual([first, 'one']);
    const restored = await s3.send(new CopyObjectCommand({ Bucket, Key: 'c', CopySource: source }));
    expect([await read('c'), restored.VersionId === first]).toEqual(['one', false]);

    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'm' }));
    const upload = { Bucket, Key: 'm', UploadId };
    const part = await s3.send(new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: source }));
    expect(part.CopySourceVersionId).toBe(first);
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'parts' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const whole = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    expect(await read('m', whole.VersionId)).toBe('parts');

    const TagSet = [{ Key: 'n', Value: '1' }];
    const tagged = { Bucket, Key: 'c', VersionId: second };
    expect((await s3.send(new PutObjectTaggingCommand({ ...tagged, Tagging: { TagSet } }))).VersionId).toBe(second);
    expect(await s3.send(new GetObjectTaggingCommand(tagged))).toMatchObject({ TagSet, VersionId: second });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'c' }))).TagSet).toEqual([]);
  });

  it('writes and deletes the version null while they are suspended', async () => {
    const kept = await put('s', 'kept');
    await versioning('Suspended');
    expect([await put('s', 'one'), await put('s', 'two')]).toEqual(['null', 'null']);
    expect(await s3.send(new DeleteObjectCommand({ Bucket, Key: 's' }))).toMatchObject({
      DeleteMarker: true,
      VersionId: 'null',
    });
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 's' }));
    expect([Versions?.map(({ VersionId }) => VersionId), DeleteMarkers?.length]).toEqual([[kept], 1]);
    await versioning('Enabled');
  });

  it('lists in pages, and removes many versions in one request, until the bucket can go', async () => {
    for (const Key of ['p/1', 'p/2', 'q']) for (const body of ['x', 'y']) await put(Key, body);
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'p/', MaxKeys: 3 }));
    expect([first.IsTruncated, first.NextKeyMarker, first.Versions?.length]).toEqual([true, 'p/2', 3]);
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    const rest = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'p/', KeyMarker, VersionIdMarker }));
    expect([rest.IsTruncated, rest.Versions?.map(({ Key }) => Key)]).toEqual([false, ['p/2']]);
    const grouped = await s3.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/' }));
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'p/' }]);

    const marked = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'q' }] } }));
    expect(marked.Deleted).toMatchObject([{ Key: 'q', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) }]);
    expect((await refused(s3.send(new DeleteBucketCommand({ Bucket })))).name).toBe('BucketNotEmpty');
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted?.length, Errors]).toEqual([Objects.length, undefined]);
    expect(Deleted?.filter(({ DeleteMarker }) => DeleteMarker)).toHaveLength(DeleteMarkers.length);
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) expect(page.KeyCount).toBe(0);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
});

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  it('turns versions on, lists them, reads one and removes one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-versions-'));
    const own = { Bucket: 'cli-kept', Key: 'a b' };
    await s3.send(new CreateBucketCommand(own));
    const cli = openAwsCli(served.serve.url);
    const s3api = (action: string, ...args: readonly string[]): Promise<string> =>
      cli.run('s3api', action, '--bucket', own.Bucket, ...args, '--output', 'json');
    await s3api('put-bucket-versioning', '--versioning-configuration', 'Status=Enabled');
    const { VersionId = '' } = await s3.send(new PutObjectCommand({ ...own, Body: 'old' }));
    await s3.send(new PutObjectCommand({ ...own, Body: 'new' }));
    const marker = await s3.send(new DeleteObjectCommand(own));
    const listed = JSON.parse(await s3api('list-object-versions')) as {
      Versions: { VersionId: string }[];
      DeleteMarkers: { VersionId: string; IsLatest: boolean }[];
    };
    expect([listed.Versions.length, listed.Versions[1]?.VersionId, listed.DeleteMarkers]).toMatchObject([
      2,
      VersionId,
      [{ IsLatest: true, VersionId: marker.VersionId }],
    ]);
    const file = join(folder, 'old');
    const got = await s3api('get-object', '--key', own.Key, '--version-id', VersionId, file);
    expect([JSON.parse(got), readFileSync(file, 'utf8')]).toMatchObject([{ VersionId, ContentLength: 3 }, 'old']);
    await s3api('delete-object', '--key', own.Key, '--version-id', marker.VersionId ?? '');
    const { VersionId: latest } = await s3.send(new HeadObjectCommand(own));
    expect(latest).toBe(listed.Versions[0]?.VersionId);
    await cli.close();
    rmSync(folder, { recursive: true });
  }, 120_000);
});
