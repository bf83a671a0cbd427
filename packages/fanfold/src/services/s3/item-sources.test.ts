/** What a distributed Map reads from buckets. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReaderConfig } from '../../asl/definition.ts';
import { plainInput } from '../../interpreter/map-items.ts';
import type { Json } from '../../json.ts';
import { ItemSourceError, type ItemSourceParams, type SourceItem } from '../../ports/item-sources.ts';
import { createItemSources } from './item-sources.ts';
import { type LocalObjects, openLocalObjects } from './local.ts';

const ACCOUNT = '000000000000';

let directory: string;
let local: LocalObjects;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-item-sources-'));
  local = openLocalObjects({ directory, buckets: ['in-bucket'] });
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
    mapRunArn: 'arn',
    ...params,
  });

async function itemsOf(params: Partial<ItemSourceParams>): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const batch of (await open(params)).items) items.push(...batch);
  return items;
}

/** Their values; of members of an object, with their names. */
async function read(params: Partial<ItemSourceParams>): Promise<Json[]> {
  return (await itemsOf(params)).map(plainInput);
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
    ['JSON where nothing says what it is', {}, '[1]', [1]],
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
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, `a\n${'x'.repeat(17_000_000)}\n`, 'Check the line endings.'],
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, Buffer.from('\xe4\n1\n', 'latin1'), 'Save it as UTF-8.'],
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, Buffer.from('a\n1\n', 'utf16le'), 'Save it as UTF-8.'],
    [{ InputType: 'JSON' }, `["${'x'.repeat(17_000_000)}"]`, 'leads to the array of records.'],
    [{ InputType: 'JSON' }, Buffer.from('["\xe4"]', 'latin1'), 'Save it as UTF-8.'],
  ] as const)('names no setting that a ReaderConfig has not: %j', async (config, body, end) => {
    await put('file', body);
    const { message } = (await read({ config }).catch((error: unknown) => error)) as Error;
    expect(message.endsWith(end)).toBe(true);
  });

  it.each([
    [{ Bucket: 'in-bucket', Key: 'gone' }, /does not exist: gone/],
    [{ Bucket: 'no-such-bucket', Key: 'file' }, /does not exist: no-such-bucket/],
    [{ Bucket: 'in-bucket' }, /'Key' of s3:getObject is missing/],
    [{ Bucket: 'in-bucket', Key: 'file', VersionId: 'v' }, /Invalid version id/],
    [{ Bucket: 'in-bucket', Key: 'file', Range: 'bytes=0-1' }, /'Range' of s3:getObject is not supported/],
    [{ Bucket: 'in-bucket', Key: 7 }, /'Key' of s3:getObject must be a text, not 7/],
    [{ Bucket: 'in-bucket', Key: 'file', ExpectedBucketOwner: '111111111111' }, /Access Denied/],
  ])('refuses parameters: %j', async (parameters, message) => {
    await put('file', '[1]');
    await expect(open({ parameters })).rejects.toThrow(message);
  });

  it('reads Parquet', async () => {
    await put('file', parquet([1, 2]));
    expect(await itemsOf({ config: { InputType: 'PARQUET' } })).toEqual([
      { value: { n: 1 }, source: 'S3://in-bucket/file' },
      { value: { n: 2 }, source: 'S3://in-bucket/file' },
    ]);
    await put('file', 'no Parquet at all');
    await expect(read({ config: { InputType: 'PARQUET' } })).rejects.toThrow(ItemSourceError);
  });

  it('says where an item is from, and what it is named', async () => {
    await put('file', '{"k":[1]}');
    expect(await itemsOf({})).toEqual([{ key: 'k', value: [1], source: 'S3://in-bucket/file' }]);
  });

  it('refuses an object that was replaced after it was opened', async () => {
    await put('file', '[1]');
    const { items } = await open({});
    await put('file', '[2]');
    await expect(items[Symbol.asyncIterator]().next()).rejects.toThrow('was replaced');
  });

  it('reads the version that it names, or else the one that it was opened on, where versions are kept', async () => {
    await local.buckets.setVersioning('in-bucket', 'Enabled');
    const { versionId: VersionId = '' } = await local.objects.put({ bucket: 'in-bucket', key: 'file', body: '[1]' });
    await put('file', '[2]');
    expect(await read({ parameters: { Bucket: 'in-bucket', Key: 'file', VersionId } })).toEqual([1]);
    const { items } = await open({});
    await local.objects.delete({ bucket: 'in-bucket', key: 'file' });
    expect((await items[Symbol.asyncIterator]().next()).value).toMatchObject([{ value: 2 }]);
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
    expect(await itemsOf(list)).toEqual(Array(2).fill(expect.objectContaining({ source: 'S3://in-bucket' })));
  });

  it('goes on behind the first page', async () => {
    for (const key of ['p/a', 'p/b', 'p/c', 'p/d', 'p/e']) await put(key, key);
    const parameters = { ...list.parameters, MaxKeys: 2 };
    expect(await read({ ...list, parameters })).toHaveLength(5);
    await expect(open({ ...list, parameters: { ...parameters, MaxKeys: 0 } })).rejects.toThrow("'MaxKeys'");
    await expect(open({ ...list, parameters: { ...parameters, Delimiter: '/' } })).rejects.toThrow("'Delimiter'");
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

describe('LOAD_AND_FLATTEN', () => {
  const loaded = (config: ReaderConfig): Partial<ItemSourceParams> => ({
    action: 'listObjectsV2',
    parameters: { Bucket: 'in-bucket', Prefix: 'p/' },
    config: { ...config, Transformation: 'LOAD_AND_FLATTEN' },
  });

  it.each<[ReaderConfig, string | Uint8Array, string | Uint8Array, Json[]]>([
    [{ InputType: 'JSON' }, '[1,2]', '[3]', [1, 2, 3]],
    [{ InputType: 'JSON', ItemsPointer: '/x' }, '{"x":[1]}', '{"x":[2,3]}', [1, 2, 3]],
    [{ InputType: 'JSONL' }, '1\n2', '3\n', [1, 2, 3]],
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'a\n1\n', gzipSync('b\n2\n'), [{ a: '1' }, { b: '2' }]],
    [{ InputType: 'PARQUET' }, parquet([1]), parquet([2]), [{ n: 1 }, { n: 2 }]],
  ])('reads what is in the objects: %j', async (config, first, second, items) => {
    await put('p/', '');
    await put('p/1', first);
    await put('p/2', second);
    await put('q/3', 'something else');
    const found = await itemsOf(loaded(config));
    expect(found.map(({ value }) => value)).toEqual(items);
    expect(found[0]).toMatchObject({ source: 'S3://in-bucket/p/1' });
    expect(found.at(-1)).toMatchObject({ source: 'S3://in-bucket/p/2' });
  });

  it('is told what is in them', async () => {
    await expect(open(loaded({}))).rejects.toThrow('LOAD_AND_FLATTEN needs the InputType');
    await expect(open(loaded({ InputType: 'MANIFEST' }))).rejects.toThrow('not MANIFEST');
  });

  it('fails for one that is broken, and says which', async () => {
    await put('p/1', '[1]');
    await put('p/2', '[2');
    const failure = await read(loaded({ InputType: 'JSON' })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ItemSourceError);
    expect((failure as Error).message).toContain('S3://in-bucket/p/2: The document is not JSON');
  });
});

describe('a manifest', () => {
  const rows = gzipSync('"b","k 1","3"\n"b","k%2F2","4"\n');
  const md5 = createHash('md5').update(rows).digest('hex');
  const inventory = (file: object, more: object = {}): string =>
    JSON.stringify({
      sourceBucket: 'b',
      destinationBucket: 'arn:aws:s3:::in-bucket',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size',
      files: [file],
      ...more,
    });

  it.each<ReaderConfig>([{ InputType: 'MANIFEST' }, { ManifestType: 'S3_INVENTORY' }])(
    'of an S3 inventory gives its rows: %j',
    async (config) => {
      await put('data/1.csv.gz', rows);
      await put('file', inventory({ key: 'data/1.csv.gz', size: rows.length, MD5checksum: md5 }));
      expect(await itemsOf({ config })).toEqual([
        { value: { Bucket: 'b', Key: 'k 1', Size: '3' }, source: 'S3://in-bucket/data/1.csv.gz' },
        { value: { Bucket: 'b', Key: 'k%2F2', Size: '4' }, source: 'S3://in-bucket/data/1.csv.gz' },
      ]);
    },
  );

  it('of an S3 inventory in Parquet gives its rows', async () => {
    await put('data/1.parquet', parquet([1, 2]));
    await put('file', inventory({ key: 'data/1.parquet' }, { fileFormat: 'Parquet' }));
    expect(await read({ config: { InputType: 'MANIFEST' } })).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it.each<[ReaderConfig, string | Uint8Array, Json[]]>([
    [{ InputType: 'JSONL' }, gzipSync('{"a":1}\n'), [{ a: 1 }]],
    [{ InputType: 'PARQUET' }, parquet([5]), [{ n: 5 }]],
    [{ InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['x', 'y'] }, '1,2\n', [{ x: '1', y: '2' }]],
  ])('of Athena gives the items of the objects that it names: %j', async (config, body, items) => {
    await put('out/1', body);
    await put('out/2', body);
    await put('file', 's3://in-bucket/out/1\ns3://in-bucket/out/2\n');
    const found = await itemsOf({ config: { ...config, ManifestType: 'ATHENA_DATA' } });
    expect(found.map(({ value }) => value)).toEqual([...items, ...items]);
    expect(found.at(-1)).toMatchObject({ source: 'S3://in-bucket/out/2' });
  });

  it.each<[ReaderConfig, string, RegExp]>([
    [{ InputType: 'MANIFEST' }, inventory({ key: '../../data/1.csv.gz' }), /names S3:\/\/in-bucket\/..\/..\/data/],
    [{ InputType: 'MANIFEST' }, inventory({ key: 'data/1.csv.gz', MD5checksum: 'abc' }), /has not the MD5 checksum/],
    [{ InputType: 'MANIFEST' }, inventory({ key: 'data/1.csv.gz' }, { fileFormat: 'ORC' }), /ORC/],
    [{ InputType: 'MANIFEST' }, 'a,b', /is not JSON/],
    [{ InputType: 'MANIFEST' }, '{}', /cannot be used/],
    [{ ManifestType: 'ATHENA_DATA', InputType: 'JSONL' }, 's3://in-bucket/gone\n'.repeat(20), /does not exist/],
    [{ ManifestType: 'ATHENA_DATA', InputType: 'JSONL' }, '/etc/passwd\n', /line 1/],
    [{ ManifestType: 'ATHENA_DATA', InputType: 'JSON' }, '', /CSV, JSONL or PARQUET, not JSON/],
    [{ ManifestType: 'ATHENA_DATA', InputType: 'JSONL' }, ' '.repeat(17 * 1024 * 1024), /more than 16777216 bytes/],
  ])('is refused: %j %.60s', async (config, body, message) => {
    await put('data/1.csv.gz', rows);
    await put('file', body);
    const failure = await open({ config }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ItemSourceError);
    expect((failure as Error).message).toMatch(message);
  });

  it('needs names for the columns of CSV, which Athena does not write', async () => {
    await put('out/1', '1,2\n');
    await put('file', 's3://in-bucket/out/1\n');
    await expect(read({ config: { ManifestType: 'ATHENA_DATA', InputType: 'CSV' } })).rejects.toThrow(
      'CSVHeaderLocation',
    );
  });

  it('is another version when what it names is', async () => {
    const config: ReaderConfig = { ManifestType: 'ATHENA_DATA', InputType: 'JSONL' };
    await put('out/1', '1\n');
    await put('file', 's3://in-bucket/out/1\n');
    const { version } = await open({ config });
    expect((await open({ config })).version).toBe(version);
    await put('out/1', '2\n');
    expect((await open({ config })).version).not.toBe(version);
  });
});

function parquet(numbers: readonly number[]): Uint8Array {
  return Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'n', data: [...numbers], type: 'INT32' }] }));
}
