import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { itemsFrom } from './reader-data.ts';

const items = (config: JsonObject, data: string): readonly Json[] => itemsFrom({ ReaderConfig: config }, data).items;
const CSV: JsonObject = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

it.each<[string, JsonObject, string, Json]>([
  ['an array', { InputType: 'JSON' }, '[1, {"a": 2}]', [1, { a: 2 }]],
  [
    'the members of an object',
    { InputType: 'JSON' },
    '{"a": 1, "b": [2]}',
    [
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: [2] },
    ],
  ],
  ['a listing of objects', {}, '{"Contents": [{"Key": "k"}]}', [{ Key: 'k' }]],
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
])('reads %s', (_, config, data, expected) => {
  expect(items(config, data)).toEqual(expected);
});

it.each<[string, JsonObject, string, string]>([
  ['text that is no JSON', { InputType: 'JSON' }, '[', 'mapItemReaderData must be valid JSON'],
  ['a line that is no JSON', { InputType: 'JSONL' }, '1\nx', 'mapItemReaderData must be valid JSON'],
  ['JSON without items', { InputType: 'JSON' }, '1', 'mapItemReaderData must hold an array of items'],
  [
    'a pointer that leads nowhere',
    { InputType: 'JSON', ItemsPointer: '/a/b' },
    '{"a":1}',
    'mapItemReaderData must hold an array of items',
  ],
  ['a quote that does not end', CSV, 'a\n"1', 'mapItemReaderData is not CSV: '],
  [
    'bytes',
    { InputType: 'PARQUET' },
    'PAR1',
    'mapItemReaderData cannot be given for the InputType PARQUET: it is not text',
  ],
])('refuses %s', (_, config, data, message) => {
  expect(() => items(config, data)).toThrow(message);
});
