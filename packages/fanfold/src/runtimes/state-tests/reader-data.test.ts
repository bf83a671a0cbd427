import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { itemsFrom } from './reader-data.ts';

const items = async (config: JsonObject, data: string, reader: JsonObject = {}): Promise<Json> =>
  (await itemsFrom({ ...reader, ReaderConfig: config }, data)).items;
const CSV: JsonObject = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

it.each<[string, JsonObject, string, Json]>([
  ['an array', { InputType: 'JSON' }, '[1, {"a": 2}]', [1, { a: 2 }]],
  ['the members of an object', { InputType: 'JSON' }, '{"a": 1, "b": [2]}', { a: 1, b: [2] }],
  ['no more than MaxItems of them', { InputType: 'JSON', MaxItems: 1 }, '{"a": 1, "b": [2]}', { a: 1 }],
  ['lines of JSON', { InputType: 'JSONL' }, '{"a":1}\n\n2\r\n', [{ a: 1 }, 2]],
  ['no more than MaxItems', { InputType: 'JSON', MaxItems: 2 }, '[1,2,3]', [1, 2]],
  ['all for a MaxItems of 0', { InputType: 'JSON', MaxItems: 0 }, '[1,2,3]', [1, 2, 3]],
  ['what an ItemsPointer points to', { InputType: 'JSON', ItemsPointer: '/a~1b/1/c~0' }, '{"a/b":[0,{"c~":[5]}]}', [5]],
  [
    'records by the header',
    CSV,
    'a,b\n1,"x, ""y"""\n2\n',
    [
      { a: '1', b: 'x, "y"' },
      { a: '2', b: '' },
    ],
  ],
  [
    'records by given names',
    { ...CSV, CSVHeaderLocation: 'GIVEN', CSVHeaders: ['__proto__'] },
    '1\n',
    [JSON.parse('{"__proto__":"1"}') as Json],
  ],
  ['records with another delimiter', { ...CSV, CSVDelimiter: 'PIPE' }, 'a|b\n1|2', [{ a: '1', b: '2' }]],
  ['a manifest in CSV', { InputType: 'MANIFEST' }, 'bucket,key\nb,k', [{ bucket: 'b', key: 'k' }]],
  ['a manifest in JSON', { InputType: 'MANIFEST' }, ' [{"key":"k"}]', [{ key: 'k' }]],
])('reads %s', async (_, config, data, expected) => {
  expect(await items(config, data)).toEqual(expected);
});

it('reads what ListObjectsV2 answers, and with LOAD_AND_FLATTEN what is in the objects', async () => {
  const reader = { Resource: 'arn:aws:states:::s3:listObjectsV2' };
  expect(await items({}, '{"Contents": [{"Key": "k"}], "KeyCount": 1}', reader)).toEqual([{ Key: 'k' }]);
  expect(await items({}, '[{"Key": "k"}]', reader)).toEqual([{ Key: 'k' }]);
  expect(await items({ InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' }, '{"a":1}', reader)).toEqual([
    { a: 1 },
  ]);
});

it.each<[string, JsonObject, string, RegExp]>([
  ['text that is no JSON', { InputType: 'JSON' }, '[', /not what the ItemReader reads: .*JSON/],
  ['a line that is no JSON', { InputType: 'JSONL' }, '1\nx', /JSON Lines file is broken in line 2/],
  ['JSON without items', { InputType: 'JSON' }, '1', /not what the ItemReader reads: .*1/],
  ['a pointer that leads nowhere', { InputType: 'JSON', ItemsPointer: '/a/b' }, '{"a":1}', /"\/a\/b"/],
  ['a quote that does not end', CSV, 'a\n"1', /quote/],
  ['CSV whose columns nobody names', { InputType: 'CSV' }, 'a\n1', /CSVHeaderLocation is missing/],
  ['bytes', { InputType: 'PARQUET' }, 'PAR1', /cannot be given for the InputType PARQUET: it is not text/],
])('refuses %s', async (_, config, data, message) => {
  await expect(items(config, data)).rejects.toThrow(message);
});
