/** What a distributed Map reads from buckets, and what it writes to them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReaderConfig } from '../../asl/definition.ts';
import type { Json } from '../../json.ts';
import { ItemSourceError, type ItemSourceParams } from '../../ports/item-sources.ts';
import { ResultSinkError, type ResultSinkParams } from '../../ports/result-sinks.ts';
import { createItemSources } from './item-sources.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';
import { createResultSinks } from './result-sinks.ts';

const ACCOUNT = '000000000000';

let directory: string;
let local: LocalObjects;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-map-files-'));
  local = openLocalObjects({ directory, buckets: ['in', 'out'].map((name) => `${name}-bucket`) });
});
afterEach(async () => {
  await local.close();
  rmSync(directory, { recursive: true, force: true });
});

const put = (key: string, body: string | Uint8Array): Promise<unknown> =>
  local.objects.put({ bucket: 'in-bucket', key, body });

const open = (params: Partial<ItemSourceParams>): ReturnType<ReturnType<typeof createItemSources>['open']> =>
  createItemSources({ objects: local.objects, account: ACCOUNT }).open({
    action: 'getObject',
    parameters: { Bucket: 'in-bucket', Key: 'file' },
    config: {},
    version: null,
    ...params,
  });

async function read(params: Partial<ItemSourceParams>): Promise<Json[]> {
  const items: Json[] = [];
  for await (const batch of (await open(params)).items) items.push(...batch.map(({ value }) => value));
  return items;
}

describe('an ItemReader of objects', () => {
  const rows = 'a,b\n1,2\n"x,""y",\n3\n4,5,6\n';
  const CASES: readonly (readonly [string, ReaderConfig, string, Json[]])[] = [
    [
      'CSV with its header in the first row; short rows are filled, long ones cut',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      rows,
      [
        { a: '1', b: '2' },
        { a: 'x,"y', b: '' },
        { a: '3', b: '' },
        { a: '4', b: '5' },
      ],
    ],
    [
      'CSV with given headers and another delimiter',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['__proto__', 'y'], CSVDelimiter: 'PIPE' },
      '1|2\r\n3|4',
      [JSON.parse('{"__proto__":"1","y":"2"}') as Json, JSON.parse('{"__proto__":"3","y":"4"}') as Json],
    ],
    ['a JSON array', { InputType: 'JSON' }, '[1, {"a": [2]}, "x"]', [1, { a: [2] }, 'x']],
    ['a JSON array behind a pointer', { InputType: 'JSON', ItemsPointer: '/a/b' }, '{"a":{"b":[1,2]},"c":3}', [1, 2]],
    [
      'the members of a JSON object',
      { InputType: 'JSON' },
      '{"k":1,"l":{"m":2}}',
      [
        { Key: 'k', Value: 1 },
        { Key: 'l', Value: { m: 2 } },
      ],
    ],
    ['JSON Lines', { InputType: 'JSONL' }, '{"a":1}\n\n[2]\n', [{ a: 1 }, [2]]],
  ];
  it.each(CASES)('reads %s', async (_, config, body, items) => {
    await put('file', body);
    expect(await read({ config })).toEqual(items);
    await put('file', gzipSync(body));
    expect(await read({ config })).toEqual(items);
  });

  it.each([
    [{ InputType: 'JSON' }, '[1,', /JSON/],
    [{ InputType: 'JSONL' }, '1\n{\n', /line 2/],
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'a\n"x"y\n', /line 2/],
    [{ InputType: 'JSON', ItemsPointer: '/x' }, '{"a":[1]}', /x/],
  ] as const)('refuses what is broken: %j of %s', async (config, body, message) => {
    await put('file', body);
    const failure = await read({ config }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ItemSourceError);
    expect((failure as Error).message).toMatch(message);
  });

  it.each([
    [{ Bucket: 'in-bucket', Key: 'gone' }, /does not exist: gone/],
    [{ Bucket: 'no-such-bucket', Key: 'file' }, /does not exist: no-such-bucket/],
    [{ Bucket: 'in-bucket' }, /'Key' of s3:getObject is missing/],
    [{ Bucket: 'in-bucket', Key: 'file', VersionId: 'v' }, /'VersionId' of s3:getObject is not supported/],
    [{ Bucket: 'in-bucket', Key: 'file', ExpectedBucketOwner: '111111111111' }, /Access Denied/],
  ])('refuses parameters: %j', async (parameters, message) => {
    await put('file', '[1]');
    await expect(open({ parameters })).rejects.toThrow(message);
  });

  it('takes the owner that there is, and tells another version of the object', async () => {
    await put('file', '[1]');
    const parameters = { Bucket: 'in-bucket', Key: 'file', ExpectedBucketOwner: ACCOUNT };
    const { version } = await open({ parameters });
    expect((await open({ parameters })).version).toBe(version);
    await put('file', '[2]');
    expect((await open({ parameters })).version).not.toBe(version);
  });
});

describe('an ItemReader of a listing', () => {
  const list = { action: 'listObjectsV2', parameters: { Bucket: 'in-bucket', Prefix: 'p/' } } as const;

  it('gives the objects below the prefix as AWS shows them', async () => {
    await put('p/b', 'xy');
    await put('p/a', '');
    await put('q', '');
    expect(await read(list)).toEqual([
      {
        Etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) as string,
        Key: 'p/a',
        LastModified: expect.any(Number) as number,
        Size: 0,
        StorageClass: 'STANDARD',
      },
      expect.objectContaining({ Key: 'p/b', Size: 2 }),
    ]);
    expect(await read({ ...list, parameters: { ...list.parameters, StartAfter: 'p/a' } })).toHaveLength(1);
  });

  it('is the same listing when it is read again, whatever came since', async () => {
    for (const key of ['p/a', 'p/c']) await put(key, key);
    const { version } = await open(list);
    await put('p/b', 'late');
    expect((await open({ ...list, version })).version).toBe(version);
    expect((await read({ ...list, version })).map((item) => (item as { Key: string }).Key)).toEqual(['p/a', 'p/c']);
    await local.objects.delete({ bucket: 'in-bucket', key: 'p/a' });
    expect((await open({ ...list, version })).version).not.toBe(version);
  });
});

describe('a ResultWriter', () => {
  const RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:m/l:0000-uuid';
  const textOf = async (key: string): Promise<string> => {
    const { body } = await local.objects.get({ bucket: 'out-bucket', key });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  async function* batches(...all: readonly string[][]): AsyncGenerator<readonly string[]> {
    yield* all;
  }
  const write = (params: Partial<ResultSinkParams>, largestFile?: number): Promise<void> =>
    createResultSinks({ objects: local.objects, ...(largestFile !== undefined && { largestFile }) }).write({
      parameters: { Bucket: 'out-bucket', Prefix: 'jobs/' },
      mapRunArn: RUN,
      outputType: 'JSON',
      results: {},
      ...params,
    });

  it('writes files of what there is, and a manifest of them', async () => {
    await write({ results: { SUCCEEDED: () => batches(['1', '{"a":2}'], ['3']), PENDING: () => batches([]) } });
    expect(await textOf('jobs/0000-uuid/SUCCEEDED_0.json')).toBe('[1,{"a":2},3]');
    expect(JSON.parse(await textOf('jobs/0000-uuid/manifest.json'))).toEqual({
      DestinationBucket: 'out-bucket',
      MapRunArn: RUN,
      ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'jobs/0000-uuid/SUCCEEDED_0.json', Size: 13 }] },
    });
  });

  it('writes lines, and what failed as an array all the same', async () => {
    await write({
      outputType: 'JSONL',
      results: { SUCCEEDED: () => batches(['1', '2']), FAILED: () => batches(['{"Error":"E"}']) },
    });
    expect(await textOf('jobs/0000-uuid/SUCCEEDED_0.jsonl')).toBe('1\n2\n');
    expect(await textOf('jobs/0000-uuid/FAILED_0.json')).toBe('[{"Error":"E"}]');
  });

  it('begins another file when one is full', async () => {
    const texts = Array.from({ length: 7 }, (_, n) => String(n));
    await write({ results: { SUCCEEDED: () => batches(texts) } }, 6);
    const files = await Promise.all([0, 1, 2].map((n) => textOf(`jobs/0000-uuid/SUCCEEDED_${n}.json`)));
    expect(files.flatMap((text) => JSON.parse(text) as number[])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('refuses a bucket that is not there, and parameters that it does not know', async () => {
    const sinks = createResultSinks({ objects: local.objects });
    await expect(sinks.check({ Bucket: 'no-such-bucket' })).rejects.toBeInstanceOf(ResultSinkError);
    await expect(sinks.check({ Bucket: 'out-bucket', ACL: 'x' })).rejects.toThrow("'ACL' of s3:putObject");
    await expect(sinks.check({})).rejects.toThrow("'Bucket' of s3:putObject is missing");
    await expect(sinks.check({ Bucket: 'out-bucket' })).resolves.toBeUndefined();
  });
});
