import { describe, expect, it } from 'vitest';
import { validateSource } from '../asl/index.ts';
import { readSource } from '../asl/index.ts';
import { batch } from './batch.ts';
import { compile } from './compile.ts';

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
        return { id, kind, n, price };
      },
      // @ts-expect-error -- no output has such a member
      sinks: [{ object: 'out/a.csv', columns: ['id', 'nonsense'] }],
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
        sinks: [{ object: 'out/{file}', columns: ['a'] }, { table: 'orders' }],
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
