import { describe, expect, it } from 'vitest';
import { validateSource } from '../asl/index.ts';
import { readSource } from '../asl/index.ts';
import { batch } from './batch.ts';
import type { Json } from '../json.ts';
import { compile } from './compile.ts';
import type { StandardSchema } from './schema.ts';

const least = {
  name: 'orders',
  source: { bucket: 'files', prefix: 'in/' },
  sinks: [{ object: 'out/{file}', format: 'jsonl' }],
} as const;

describe('defining a batch', () => {
  it.for<[string, object, string]>([
    ['a name with a space', { name: 'my orders' }, 'name is "my orders"'],
    ['no bucket', { source: {} }, 'source.bucket is missing'],
    ['a quote for a delimiter', { source: { bucket: 'files', prefix: 'in/', delimiter: '"' } }, 'source.delimiter'],
    ['no sinks', { sinks: [] }, 'sinks is empty'],
    ['a sink that is neither', { sinks: [{}] }, 'sinks[0] names neither an object nor a table'],
    ['CSV without columns', { sinks: [{ object: 'out/a' }] }, 'sinks[0].columns is missing'],
    ['columns twice', { sinks: [{ object: 'out/a', columns: ['a', 'a'] }] }, 'names a column twice'],
    ['an unknown place', { sinks: [{ object: 'out/{date}', columns: ['a'] }] }, 'has the place {date}'],
    [
      'an output that starts the next run',
      { sinks: [{ object: 'in/{file}', columns: ['a'] }] },
      'would start the next run',
    ],
    [
      'work that starts the next run',
      { source: { bucket: 'files', suffix: '' } },
      'source has neither a prefix nor a suffix',
    ],
    ['rejects that start the next run', { rejects: { object: 'in/{file}' } }, 'rejects.object is "in/{file}"'],
    ['a chunk of nothing', { chunk: { records: 0 } }, 'chunk.records is 0'],
    ['a chunk that takes for ever', { chunk: { timeoutSeconds: 901 } }, 'from 1 to 900'],
    ['a percentage above 100', { skipLimit: { percent: 101 } }, 'skipLimit.percent is 101'],
    ['a schema that is none', { schema: { type: 'string' } }, 'schema is neither'],
    ['nobody to tell', { notify: { failure: [] } }, 'notify.failure is empty'],
    [
      'somebody who is none',
      { notify: { failure: [{ queue: 'q' }] } },
      'notify.failure has {"queue":"q"}. Use an address',
    ],
    ['no address', { notify: { success: ['ops'] } }, 'notify.success has "ops", which is no address'],
    ['an address with more behind it', { notify: { failure: ['a@b.c\r\nBcc: d@e.f'] } }, 'which is no address'],
    [
      'two sinks in one place',
      {
        sinks: [
          { object: 'out/a', columns: ['a'] },
          { object: 'out/a', bucket: 'files', columns: ['a'] },
        ],
      },
      'sinks[1].object is "out/a", as is sinks[0].object.',
    ],
    [
      'totals and rejects in one place',
      { totals: { n: { count: 'n', sinks: [{ object: 'out/{run}' }] } }, rejects: { object: 'out/{run}' } },
      'rejects.object is "out/{run}", as is totals.n.sinks[0].object.',
    ],
    ['links that nobody gets', { notify: { linkSeconds: 60 } }, 'notify.success names nobody'],
    [
      'links for a topic alone',
      { notify: { linkSeconds: 60, success: [{ topic: 't' }] } },
      'notify.success names nobody who gets one',
    ],
    ['nothing that is unique', { unique: [] }, 'unique is []. List names of columns'],
    ['what is unique twice', { unique: ['id', 'id'] }, 'unique names a column twice: id, id.'],
    [
      'links that never end',
      { notify: { success: ['a@example.com'], linkSeconds: 604_801 } },
      'notify.linkSeconds is 604801. Use a whole number from 1 to 604800.',
    ],
    [
      'a style of CSV that is none',
      { sinks: [{ object: 'out/a', columns: ['a'], csv: { newline: '\r' } }] },
      'sinks[0].csv.newline is "\\r"',
    ],
    [
      'a style of what is no CSV',
      { sinks: [{ object: 'out/a', format: 'json', csv: { header: false } }] },
      'sinks[0].csv is of CSV, and sinks[0].format is json.',
    ],
    ['a URL that is none', { sinks: [{ url: 'ftp://x' }] }, 'sinks[0].url is "ftp://x". Use https:// or http://.'],
    ['a URL with a password', { sinks: [{ url: 'https://me:pw@x' }] }, 'holds a password'],
    [
      'records as CSV to an endpoint',
      { sinks: [{ url: 'https://x', format: 'csv', columns: ['a'] }] },
      'as a whole only',
    ],
    [
      'a header in two lines',
      { sinks: [{ url: 'https://x', headers: { a: 'b\n' } }] },
      'sinks[0].headers.a is neither',
    ],
    [
      'a setting of another sink',
      { sinks: [{ table: 'a', gzip: true }] },
      'sinks[0].gzip is not a setting of such a sink',
    ],
    [
      'totals with a column twice',
      { totals: { t: { by: ['a'], sum: { a: 'b' } } } },
      'totals.t has the column "a" twice',
    ],
    [
      'totals whose sink has another column',
      { totals: { t: { sinks: [{ object: 'out/t', columns: ['b'] }] } } },
      'totals.t.sinks[0].columns has "b"; known are count.',
    ],
    [
      'totals that start the next run',
      { totals: { t: { sinks: [{ object: 'in/t.csv' }] } } },
      'would start the next run',
    ],
    ['a policy that is none', { onChunkFailure: 'drop' }, 'onChunkFailure is "drop"'],
    ['a format that is none', { source: { bucket: 'files', prefix: 'in/', format: 'xml' } }, 'source.format is "xml"'],
    [
      'a pointer into CSV',
      { source: { bucket: 'files', prefix: 'in/', pointer: '/a' } },
      'source.pointer is of JSON, and source.format is csv',
    ],
    ['a setting that is not known', { retries: 3 }, 'retries is not a setting'],
    ['an expression for a text', { sinks: [{ table: '{% $x %}' }] }, 'begins with {%'],
  ])('refuses %s', ([, change, problem]) => {
    expect(() => batch({ ...least, ...change } as never)).toThrow(problem);
  });

  it('types records by their JSON Schema, outputs by process, and lookups by what they load', () => {
    batch({
      name: 'typed',
      source: { bucket: 'files', prefix: 'in/' },
      schema: {
        type: 'object',
        properties: { id: { type: 'string' }, n: { type: 'integer' }, kind: { enum: ['a', 'b'] } },
        required: ['id', 'kind'],
      },
      lookups: { price: { key: (record: { id: string }) => record.id, load: async () => new Map([['x', 1]]) } },
      process(record, { lookups }) {
        const id: string = record.id;
        const kind: 'a' | 'b' = record.kind;
        // @ts-expect-error -- n is not required
        const n: number = record.n;
        const price: number | undefined = lookups.price;
        const code = `${kind}1`;
        return { id, kind, n, price, code };
      },
      // @ts-expect-error -- no output has such a member
      sinks: [{ object: 'out/a.csv', columns: ['id', 'code', 'nonsense'] }],
      totals: {
        // @ts-expect-error -- a text cannot be added up
        texts: { sum: { ids: 'id' } },
        // @ts-expect-error -- no output has such a member
        keys: { by: ['nonsense'] },
        good: { by: ['kind'], sum: { n: 'n' }, min: { first: 'id' }, when: ({ kind }) => kind === 'a' },
      },
    });
  });

  it('types records by a Standard Schema, and by the format where there is none', () => {
    const standard: StandardSchema<{ id: bigint; day: Date }> = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [] }) },
    };
    batch({
      ...least,
      schema: standard,
      process({ id, day }) {
        const exact: bigint = id;
        return { exact, year: day.getUTCFullYear() };
      },
      sinks: [{ object: 'out/{file}', columns: ['exact', 'year'] }],
    });
    batch({
      ...least,
      source: { ...least.source, format: 'jsonl' },
      process(record) {
        const value: Json | undefined = record['any'];
        // @ts-expect-error -- a JSON value need not be a text
        const text: string | undefined = record['any'];
        return { value, text };
      },
      sinks: [{ object: 'out/{file}', columns: ['value'] }],
    });
    batch({
      ...least,
      process(record) {
        const text: string | undefined = record['any'];
        return { text };
      },
      sinks: [{ url: 'https://example.com/', columns: ['text'] }],
    });
  });
});

describe('the state machine of a batch', () => {
  it.for([
    ['the least', batch(least)],
    [
      'everything',
      batch({
        ...least,
        sinks: [
          { object: 'out/{file}', columns: ['a'] },
          { table: 'orders' },
          { url: 'https://example.com/' },
          { url: 'https://example.com/', deliver: 'output' },
        ],
        totals: { t: { by: ['a'], sinks: [{ table: 'totals' }] } },
        onChunkFailure: 'remove',
        concurrency: 7,
        notify: { success: ['a@example.com'], failure: ['b@example.com'] },
        source: { ...least.source, sameFile: 'skip' },
      }),
    ],
  ] as const)('is a valid definition: %s', async ([, made]) => {
    const source = await readSource(JSON.stringify(compile(made)), 'json');
    expect(source.ok && validateSource(source.value)).toEqual([]);
  });
});
