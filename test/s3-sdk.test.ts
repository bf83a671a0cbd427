/** AWS's own S3 client works on `fanfold serve`: framing, checksums, parts, lists, conditions and links. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  paginateListObjectsV2,
  PutBucketNotificationConfigurationCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type UploadPartCopyCommandOutput,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentials, refused, type ServedBucket, serveBucket } from './s3-client.ts';
import type { Serve } from './serve.ts';

const Bucket = 'wire-bucket';
const MB = 1024 * 1024;

let served: ServedBucket;
let serve: Serve;
let s3: S3Client;

beforeAll(async () => {
  served = await serveBucket(Bucket);
  ({ serve, s3 } = served);
});
afterAll(() => served.stop());

const text = async (Key: string, more: object = {}): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? '';
};
const put = (Key: string, Body: string = Key): Promise<unknown> => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const refusal = async (work: Promise<unknown>): Promise<[string, number | undefined]> => {
  const { name, $metadata } = await refused(work);
  return [name, $metadata.httpStatusCode];
};
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('the S3 client', () => {
  it('makes, finds, lists and removes buckets', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new HeadBucketCommand({ Bucket: 'short-lived' }));
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(expect.arrayContaining([Bucket, 'short-lived']));
    expect(Buckets[0]?.CreationDate?.getTime()).toBeGreaterThan(Date.now() - 600_000);
    expect(await s3.send(new GetBucketLocationCommand({ Bucket }))).toMatchObject({});
    await s3.send(new PutObjectCommand({ Bucket: 'short-lived', Key: 'k', Body: 'x' }));
    expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' })))).toEqual(['BucketNotEmpty', 409]);
    await s3.send(new DeleteObjectCommand({ Bucket: 'short-lived', Key: 'k' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'short-lived' }))).rejects.toThrow(NotFound);
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'short-lived' }))).rejects.toThrow(NoSuchBucket);
  });

  it.each([undefined, 'CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'stores what was meant of a stream framed in chunks with a %s trailer',
    async (ChecksumAlgorithm) => {
      const bytes = randomBytes(300_000);
      const Key = `framed/${ChecksumAlgorithm}`;
      const Body = Readable.from([bytes.subarray(0, 70_001), bytes.subarray(70_001)]);
      const made = await s3.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentLength: bytes.length, ChecksumAlgorithm }),
      );
      expect(made.ETag).toBe(`"${md5(bytes)}"`);
      expect(made[`Checksum${ChecksumAlgorithm ?? 'CRC32'}`]).toMatch(/=$/);
      const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      expect(got[`Checksum${ChecksumAlgorithm ?? 'CRC32'}`]).toBe(made[`Checksum${ChecksumAlgorithm ?? 'CRC32'}`]);
      expect(got.ContentEncoding).toBeUndefined();
      expect(md5((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(md5(bytes));
    },
  );

  it('keeps what is said of an object', async () => {
    const said = {
      ContentType: 'text/csv; charset=utf-8',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.csv"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { origin: 'here' },
    };
    await s3.send(new PutObjectCommand({ Bucket, Key: 'said', Body: 'x', Tagging: 'a=1&b=%C3%BC', ...said }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'said' }));
    expect(head).toMatchObject({ ...said, ContentLength: 1, TagCount: 2 });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'said' }))).TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'ü' },
    ]);
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'said', Tagging: { TagSet: [{ Key: 'c', Value: '<&>' }] } }),
    );
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'said' }))).TagSet).toEqual([
      { Key: 'c', Value: '<&>' },
    ]);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'said' }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'said' }))).TagSet).toEqual([]);
    const override = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'said', ResponseContentType: 'text/plain', ResponseContentEncoding: 'x' }),
    );
    expect(override).toMatchObject({ ContentType: 'text/plain', ContentEncoding: 'x', ContentLanguage: 'de' });
  });

  it('reads ranges and asks on conditions', async () => {
    const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: 'range', Body: '0123456789' }));
    expect(await text('range', { Range: 'bytes=2-4' })).toBe('234');
    expect(await text('range', { Range: 'bytes=-3' })).toBe('789');
    expect(await refusal(text('range', { Range: 'bytes=10-' }))).toEqual(['InvalidRange', 416]);
    const past = new Date(Date.now() - 60_000);
    const future = new Date(Date.now() + 60_000);
    expect(await text('range', { IfMatch: ETag, IfModifiedSince: past })).toBe('0123456789');
    expect(await refusal(text('range', { IfMatch: '"other"' }))).toEqual(['PreconditionFailed', 412]);
    expect(await refusal(text('range', { IfUnmodifiedSince: past }))).toEqual(['PreconditionFailed', 412]);
    expect((await refusal(text('range', { IfNoneMatch: ETag })))[1]).toBe(304);
    expect((await refusal(text('range', { IfModifiedSince: future })))[1]).toBe(304);
    expect(await text('range', { IfNoneMatch: '"other"', IfModifiedSince: future })).toBe('0123456789');
  });

  it('writes on conditions', async () => {
    const once = (body: string, more: object): Promise<unknown> =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: body, ...more }));
    expect(await refusal(once('a', { IfMatch: '"x"' }))).toEqual(['NoSuchKey', 404]);
    await once('first', { IfNoneMatch: '*' });
    expect(await refusal(once('second', { IfNoneMatch: '*' }))).toEqual(['PreconditionFailed', 412]);
    expect(await refusal(once('second', { IfMatch: '"x"' }))).toEqual(['PreconditionFailed', 412]);
    expect(await text('once')).toBe('first');
    await once('second', { IfMatch: `"${md5(Buffer.from('first'))}"` });
    expect(await text('once')).toBe('second');
  });

  it('refuses bodies that are not what was said of them', async () => {
    const bad = (more: object): Promise<unknown> =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'x', ...more }));
    expect(await refusal(bad({ ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }))).toEqual(['BadDigest', 400]);
    expect(await refusal(bad({ ChecksumCRC32: 'AAAAAA==' }))).toEqual(['BadDigest', 400]);
    expect(await refusal(bad({ ChecksumSHA256: 'AAAA' }))).toEqual(['BadDigest', 400]);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'bad' }))).rejects.toThrow(NoSuchKey);
  });

  it('copies, with the description of the source or another one', async () => {
    const first = { ContentType: 'text/csv', Metadata: { a: '1' } };
    await s3.send(new PutObjectCommand({ Bucket, Key: 'copy/from ü+.csv', Body: 'x', ...first }));
    const CopySource = `${Bucket}/${encodeURIComponent('copy/from ü+.csv')}`;
    const copy = (more: object): Promise<unknown> =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy/to', CopySource, ...more }));
    await copy({});
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy/to' }))).toMatchObject(first);
    const second = { ContentType: 'text/plain', Metadata: { b: '2' } };
    await copy({ MetadataDirective: 'REPLACE', ...second });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy/to' }));
    expect([head.ContentType, head.Metadata]).toEqual([second.ContentType, second.Metadata]);
    expect(await refusal(copy({ CopySourceIfMatch: '"x"' }))).toEqual(['PreconditionFailed', 412]);
    expect(await refusal(copy({ CopySource: `${Bucket}/none` }))).toEqual(['NoSuchKey', 404]);
    const itself = { Bucket, Key: 'copy/to', CopySource: `${Bucket}/copy/to` };
    expect(await refusal(s3.send(new CopyObjectCommand(itself)))).toEqual(['InvalidRequest', 400]);
    await s3.send(new CopyObjectCommand({ ...itself, MetadataDirective: 'REPLACE', Metadata: { c: '3' } }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy/to' }))).Metadata).toEqual({ c: '3' });
    expect(await text('copy/to')).toBe('x');
  });

  it('lists with prefixes, delimiters and pages, and keys of any kind', async () => {
    const keys = ['l/a b+c.csv', 'l/d/1', 'l/d/2', 'l/e/1', 'l/f', 'l/ü&<>.csv', 'l/z'];
    for (const key of keys) await put(key);
    const all: string[] = [];
    const prefixes: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Prefix: 'l/', Delimiter: '/' },
    )) {
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      all.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    }
    expect(all).toEqual(['l/a b+c.csv', 'l/f', 'l/z', 'l/ü&<>.csv']);
    expect(prefixes).toEqual(['l/d/', 'l/e/']);
    const encoded = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/a', EncodingType: 'url' }));
    expect(encoded.Contents?.[0]?.Key).toBe('l/a+b%2Bc.csv');
    const after = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/f' }));
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(['l/z', 'l/ü&<>.csv']);
    const old = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 2 }));
    expect([old.IsTruncated, old.NextMarker]).toEqual([true, 'l/d/']);
    const rest = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', Marker: 'l/d/' }));
    expect(rest.CommonPrefixes).toEqual([{ Prefix: 'l/e/' }]);
  });

  it('deletes many', async () => {
    await put('m/1');
    await put('m/2');
    const Objects = ['m/1', 'm/2', 'm/none'].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted?.map(({ Key }) => Key), Errors]).toEqual([['m/1', 'm/2', 'm/none'], undefined]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'm/' }))).KeyCount).toBe(0);
  });

  it('uploads streams of unknown length in parts', async () => {
    const bytes = randomBytes(12 * MB + 17);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    }
    const upload = new Upload({
      client: s3,
      params: { Bucket, Key: 'parts/stream', Body: Readable.from(pieces()), ContentType: 'text/csv' },
      partSize: 5 * MB,
    });
    const done = await upload.done();
    const digests = [0, 5 * MB, 10 * MB].map((at) => Buffer.from(md5(bytes.subarray(at, at + 5 * MB)), 'hex'));
    expect(done.ETag).toBe(`"${md5(Buffer.concat(digests))}-3"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts/stream' }));
    expect([got.ContentType, got.ContentLength]).toEqual(['text/csv', bytes.length]);
    const of = { Bucket, Key: 'parts/stream' };
    const ObjectAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
    const said = await s3.send(new GetObjectAttributesCommand({ ...of, ObjectAttributes: [...ObjectAttributes] }));
    expect(said).toMatchObject({
      ETag: done.ETag?.replaceAll('"', ''),
      Checksum: { ChecksumCRC32: done.ChecksumCRC32?.replace('-3', ''), ChecksumType: 'COMPOSITE' },
      ObjectParts: { TotalPartsCount: 3 },
      StorageClass: 'STANDARD',
      ObjectSize: bytes.length,
      LastModified: got.LastModified,
    });
    expect(md5((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(md5(bytes));
    const last = await s3.send(new GetObjectCommand({ ...of, PartNumber: 3 }));
    expect(last).toMatchObject({
      $metadata: { httpStatusCode: 206 },
      ContentRange: `bytes ${10 * MB}-${bytes.length - 1}/${bytes.length}`,
      PartsCount: 3,
      ETag: done.ETag,
    });
    expect(md5((await last.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(md5(bytes.subarray(10 * MB)));
    const head = await s3.send(new HeadObjectCommand({ ...of, PartNumber: 2 }));
    expect([head.ContentLength, head.PartsCount, head.$metadata.httpStatusCode]).toEqual([5 * MB, 3, 206]);
    const fourth = s3.send(new GetObjectCommand({ ...of, PartNumber: 4 }));
    expect(await refusal(fourth)).toEqual(['InvalidPartNumber', 416]);
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'parts/as-one', CopySource: `${Bucket}/parts/stream` }));
    const whole = await s3.send(new HeadObjectCommand({ Bucket, Key: 'parts/as-one', PartNumber: 1 }));
    expect([whole.ContentLength, whole.PartsCount]).toEqual([bytes.length, undefined]);
  });

  it.each([
    ['CRC64NVME', 'FULL_OBJECT'],
    ['CRC32', 'FULL_OBJECT'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('makes an object of parts with a %s of the type %s', async (ChecksumAlgorithm, ChecksumType) => {
    const Key = `parts/${ChecksumAlgorithm}`;
    const parts = [randomBytes(5 * MB), randomBytes(1000)];
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm, ChecksumType }),
    );
    const sent = [];
    for (const [index, Body] of parts.entries()) {
      const part = await s3.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm }),
      );
      const name = `Checksum${ChecksumAlgorithm}` as const;
      sent.push({ PartNumber: index + 1, ETag: part.ETag, [name]: part[name] });
    }
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }));
    expect([listed.Parts?.[0]?.Size, listed.IsTruncated, listed.ChecksumType]).toEqual([5 * MB, true, ChecksumType]);
    const made = await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: sent } }),
    );
    const whole = await s3.send(
      new PutObjectCommand({ Bucket, Key: `${Key}.whole`, Body: Buffer.concat(parts), ChecksumAlgorithm }),
    );
    const own = made[`Checksum${ChecksumAlgorithm}`];
    if (ChecksumType === 'FULL_OBJECT') expect(own).toBe(whole[`Checksum${ChecksumAlgorithm}`]);
    else expect(own).toMatch(/=-2$/);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(got.ChecksumType).toBe(ChecksumType);
    expect(md5((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(md5(Buffer.concat(parts)));
  });

  it('copies parts, lists uploads, and refuses parts that are not there', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: randomBytes(6 * MB) }));
    const Key = 'parts/copied';
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const copy = (PartNumber: number, CopySourceRange: string): Promise<UploadPartCopyCommandOutput> =>
      s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key,
          UploadId,
          PartNumber,
          CopySource: `${Bucket}/source`,
          CopySourceRange,
        }),
      );
    const first = await copy(1, 'bytes=0-99');
    const second = await copy(2, 'bytes=100-199');
    for (const range of ['bytes=0-6291456', 'bytes=6291456-6291457', 'bytes=5-2', 'bytes=-5', 'bytes=5-', '0-5'])
      expect(await refusal(copy(3, range)), range).toEqual(['InvalidArgument', 400]);
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]): Promise<unknown> =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const parts = [first, second].map(({ CopyPartResult }, i) => ({ PartNumber: i + 1, ETag: CopyPartResult?.ETag }));
    expect(await refusal(complete(parts))).toEqual(['EntityTooSmall', 400]);
    expect(await refusal(complete([...parts].reverse()))).toEqual(['InvalidPartOrder', 400]);
    expect(await refusal(complete([{ PartNumber: 3, ETag: '"x"' }]))).toEqual(['InvalidPart', 400]);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads?.map((upload) => [upload.Key, upload.UploadId])).toEqual([[Key, UploadId]]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await refusal(complete(parts))).toEqual(['NoSuchUpload', 404]);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  });

  it('finds the bucket in the name of the host too', async () => {
    const client = new S3Client({
      endpoint: serve.url.replace('127.0.0.1', 'localhost'),
      region: 'us-east-1',
      credentials,
    });
    client.middlewareStack.add(
      (next) => (args) => {
        // Not every machine resolves names below localhost.
        const { request } = args as { request: { hostname: string; headers: Record<string, string> } };
        expect(request.hostname).toBe(`${Bucket}.localhost`);
        request.hostname = '127.0.0.1';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await client.send(new PutObjectCommand({ Bucket, Key: 'virtual/host', Body: 'v' }));
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'virtual/' }));
    expect(Contents?.[0]?.Key).toBe('virtual/host');
    client.destroy();
    expect(await text('virtual/host')).toBe('v');
  });

  it('has queues told of new objects', async () => {
    const sqs = new SQSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'told' }));
    const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:told';
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'told/' },
      { Name: 'suffix' as const, Value: '.csv' },
    ];
    const Filter = { Key: { FilterRules } };
    const rule = { Id: 'csv', QueueArn, Events: ['s3:ObjectCreated:CompleteMultipartUpload' as const], Filter };
    const configure = (more: object): Promise<unknown> =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations: [{ ...rule, ...more }] },
        }),
      );
    expect(await refusal(configure({ QueueArn: `${QueueArn}-none` }))).toEqual(['InvalidArgument', 400]);
    expect(await refusal(configure({ Events: ['s3:ObjectRemoved:*'] }))).toEqual(['NotImplemented', 501]);
    await configure({});
    const { QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(QueueConfigurations).toEqual([
      {
        ...rule,
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'Prefix', Value: 'told/' },
              { Name: 'Suffix', Value: '.csv' },
            ],
          },
        },
      },
    ]);
    await put('told/put.csv');
    const Body = Readable.from([randomBytes(6 * MB)]);
    await new Upload({ client: s3, params: { Bucket, Key: 'told/a b+ü.csv', Body } }).done();
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    const events = Messages.map((message) => JSON.parse(message.Body ?? '') as { Records: unknown[] });
    expect(events).toMatchObject([
      {
        Records: [
          {
            eventName: 'ObjectCreated:CompleteMultipartUpload',
            s3: {
              configurationId: 'csv',
              bucket: { name: Bucket },
              object: { key: 'told/a+b%2B%C3%BC.csv', size: 6 * MB },
            },
          },
        ],
      },
    ]);
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
    sqs.destroy();
  });

  it('tells of no object twice', async () => {
    const sqs = new SQSClient({ endpoint: serve.url, region: 'us-east-1', credentials });
    await sqs.send(new CreateQueueCommand({ QueueName: 'twice' }));
    sqs.destroy();
    type Rule = readonly [event: 'Put' | 'Copy' | '*', prefix?: string | undefined, suffix?: string];
    const configure = (rules: readonly Rule[]): Promise<unknown> => {
      const QueueConfigurations = rules.map(([event, prefix, suffix]) => {
        const named = Object.entries({ prefix, suffix }).filter(([, Value]) => Value !== undefined);
        const FilterRules = named.map(([Name, Value]) => ({ Name: Name as 'prefix', Value: `${Value}` }));
        return {
          QueueArn: 'arn:aws:sqs:us-east-1:000000000000:twice',
          Events: [`s3:ObjectCreated:${event}` as const],
          ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
        };
      });
      const NotificationConfiguration = { QueueConfigurations };
      return s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    };
    for (const [rules, told] of [
      [[['*'], ['Put']], 'Configurations overlap.'],
      [
        [
          ['Put', 'a/'],
          ['*', 'a/b/'],
        ],
        'Configuration is ambiguously defined.',
      ],
      [
        [
          ['*', 'a/', '.csv'],
          ['*', undefined, 'v'],
        ],
        'Configuration is ambiguously defined.',
      ],
      [
        [
          ['*', 'a/'],
          ['*', undefined, '.csv'],
        ],
        'Configuration is ambiguously defined.',
      ],
    ] as const)
      await expect(configure(rules)).rejects.toMatchObject({
        name: 'InvalidArgument',
        message: expect.stringContaining(told),
      });
    await configure([['Put'], ['Copy']]);
    await configure([
      ['*', 'a/', '.csv'],
      ['*', 'a/', '.json'],
      ['*', 'b/', '.csv'],
    ]);
    await configure([]);
  });

  it('leaves a line for each request, without what would open a link', async () => {
    const file = join(String(serve.ready['dataDirectory']), 'logs', 's3-access.log');
    await put('logged');
    await fetch(`${serve.url}/${Bucket}/logged?X-Amz-Credential=me&X-Amz-Signature=0123`);
    await expect
      .poll(() => readFileSync(file, 'utf8'), { timeout: 60_000 })
      .toMatch(/ REST\.GET\.- logged "GET \S*X-Amz-Signature=- /);
    expect(readFileSync(file, 'utf8')).toMatch(
      /^000000000000 wire-bucket \[.*\] \S+ AKIAIOSFODNN7EXAMPLE \w{16} REST\.PUT\.PutObject logged "PUT .*" 200 - /m,
    );
  });

  it('is told by name what is not there', async () => {
    const payment = { Bucket, RequestPaymentConfiguration: { Payer: 'Requester' as const } };
    expect(await refusal(s3.send(new PutBucketRequestPaymentCommand(payment)))).toEqual(['NotImplemented', 501]);
    const locked = { Bucket, Key: 'locked', Body: 'x', ObjectLockMode: 'GOVERNANCE' as const };
    expect(await refusal(s3.send(new PutObjectCommand(locked)))).toEqual(['NotImplemented', 501]);
    const encrypted = { Bucket, Key: 'e', Body: 'x', ServerSideEncryption: 'AES256' as const };
    await expect(s3.send(new PutObjectCommand(encrypted))).rejects.toThrow('Encryption at rest needs a key');
  });
});

describe('presigned URLs', () => {
  let own: S3Client;
  beforeAll(() => {
    const keys = JSON.parse(readFileSync(join(String(serve.ready['dataDirectory']), 'credentials.json'), 'utf8')) as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    own = new S3Client({
      endpoint: serve.url,
      region: 'eu-west-1',
      credentials: keys,
      forcePathStyle: true,
      // Or the presigner puts the checksum of an empty body into its URLs, which S3 then holds the body against.
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  });
  afterAll(() => own.destroy());

  it('open what they are for', async () => {
    const Key = 'links/a b+ü.csv';
    const toPut = await getSignedUrl(own, new PutObjectCommand({ Bucket, Key, ContentType: 'text/csv' }), {
      expiresIn: 60,
      signableHeaders: new Set(['content-type']),
    });
    const headers = { 'content-type': 'text/csv' };
    const made = await fetch(toPut, { method: 'PUT', body: 'a,b\n', headers });
    expect([made.status, await made.text()]).toEqual([200, '']);
    const toGet = await getSignedUrl(own, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    const got = await fetch(toGet);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/csv', 'a,b\n']);
    const codeOf = async (answer: Response): Promise<string | undefined> =>
      /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1];
    const other = { 'content-type': 'text/html' };
    expect(await codeOf(await fetch(toPut, { method: 'PUT', body: 'x', headers: other }))).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await codeOf(await fetch(toGet, { method: 'PUT', body: 'x' }))).toBe('SignatureDoesNotMatch');
    const copying = { ...headers, 'x-amz-copy-source': `${Bucket}/said` };
    expect(await codeOf(await fetch(toPut, { method: 'PUT', headers: copying }))).toBe('AccessDenied');
    expect(await codeOf(await fetch(`${toGet}&response-content-type=text/html`))).toBe('SignatureDoesNotMatch');
    expect(await codeOf(await fetch(toGet.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')))).toBe(
      'SignatureDoesNotMatch',
    );
  });

  it('with headers hoisted into the query say the same', async () => {
    const Key = 'links/meta';
    const url = await getSignedUrl(own, new PutObjectCommand({ Bucket, Key, Metadata: { who: 'me' } }));
    expect(url).toContain('x-amz-meta-who=me');
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key }))).Metadata).toEqual({ who: 'me' });
  });

  it('are no good when they have expired or another key has signed them', async () => {
    const signingDate = new Date(Date.now() - 61_000);
    const command = new GetObjectCommand({ Bucket, Key: 'said' });
    const old = await fetch(await getSignedUrl(own, command, { expiresIn: 60, signingDate }));
    expect([old.status, await old.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
    const foreign = await fetch(await getSignedUrl(s3, command));
    expect([foreign.status, await foreign.text()]).toEqual([403, expect.stringContaining('InvalidAccessKeyId')]);
  });
});
