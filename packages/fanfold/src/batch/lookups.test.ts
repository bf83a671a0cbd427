/** How often a run asks for what its records need. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';
import type { LookupContext } from './definition.ts';
import { fromTable } from './from-table.ts';
import { openLookups } from './lookups.ts';

const RECORDS = 10_000;

let project: BatchProject | undefined;
afterEach(async () => {
  await project?.close();
  project = undefined;
});

it('10,000 records ask less than once for 25 of them, and for each key once', async () => {
  project = await openBatchProject(
    `chunk: { records: 600 },
     lookups: {
       price: {
         key: ({ sku }) => sku,
         load: async (keys) => {
           appendFileSync(new URL('./asked', import.meta.url), JSON.stringify(keys) + '\\n');
           return new Map(keys.map((sku) => [sku, Number(sku) / 100]));
         },
       },
     },
     process: ({ sku }, { lookups: { price } }) => ({ sku, price }),
     sinks: [{ object: 'out/{file}', columns: ['sku', 'price'] }],`,
    { before: "import { appendFileSync } from 'node:fs';" },
  );
  const skus = Array.from({ length: RECORDS }, (_, i) => String(i));
  const { account } = await project.run('in/a.csv', `sku\n${skus.join('\n')}\n`);
  expect(account).toMatchObject({ read: RECORDS, written: RECORDS });
  expect(await project.text('out/a.csv')).toBe(
    `sku,price\r\n${skus.map((sku) => `${sku},${Number(sku) / 100}\r\n`).join('')}`,
  );
  const asked = readFileSync(join(project.folder, 'asked'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
  expect(asked.length).toBeLessThanOrEqual(RECORDS / 25);
  expect(asked.flat().toSorted()).toEqual(skus.toSorted());
});

it('keeps keys, and not the text that they were cut out of (I8)', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const inUse = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const lookups = openLookups(
    { price: { key: ({ sku }: { sku: string }) => sku, load: async (keys) => new Map(keys.map((key) => [key, 1])) } },
    'a run of its own',
    {} as LookupContext,
  );
  const before = inUse();
  for (let i = 0; i < 1000; i++) {
    const window = Buffer.alloc(65_536, `a key of some length, ${i};`).toString('latin1');
    await lookups.find([{ sku: window.slice(0, window.indexOf(';')) }]);
  }
  expect((inUse() - before) / 1000).toBeLessThan(10_000);
  expect(lookups.known({ sku: 'a key of some length, 7' })).toEqual({ kind: 'found', values: { price: 1 } });
});

it('takes nothing for a key, and says what it cannot ask for or has not been given', async () => {
  const context = {} as LookupContext;
  const asked: string[] = [];
  const lookup = (load: (keys: readonly string[]) => unknown): Parameters<typeof openLookups>[0] => ({
    p: { key: ({ k }: { readonly k: string }) => k, load: async (keys) => load(keys) as Map<string, string> },
  });
  const own = openLookups(
    lookup((keys) => {
      asked.push(...keys);
      return new Map(keys.map((key) => [key, `${key}!`]));
    }),
    'keys',
    context,
  );
  const found = await own.find([{ k: null }, { k: '__proto__' }, { k: 5 }, {}]);
  expect(found).toEqual([
    { kind: 'found', values: { p: undefined } },
    { kind: 'found', values: { p: '__proto__!' } },
    { kind: 'rejected', code: 'TypeError', message: 'The key of the lookup p is a number. Give a text, or nothing.' },
    { kind: 'found', values: { p: undefined } },
  ]);
  expect(asked).toEqual(['__proto__']);
  for (const [load, shown] of [
    [() => undefined, 'undefined'],
    [() => ({ a: 1 }), 'object'],
    [() => null, 'null'],
  ] as const)
    await expect(openLookups(lookup(load), shown, context).find([{ k: 'a' }])).rejects.toThrow(
      new RegExp(`^The lookup p has loaded .*${shown}`),
    );
});

it('asks for all that there is once many keys were asked for, and then for nothing more', async () => {
  const asked: (readonly string[])[] = [];
  let wholes = 0;
  const context = {} as LookupContext;
  const lookups = openLookups(
    {
      price: {
        key: ({ sku }: { sku?: string }) => sku,
        load: async (keys) => {
          asked.push(keys);
          return new Map(keys.map((key) => [key, Number(key)]));
        },
        all: async () => {
          wholes++;
          return new Map([['', -1], ...Array.from({ length: 5000 }, (_, n) => [String(n), n] as const)]);
        },
      },
    },
    'a run that asks for all',
    context,
  );
  const records = (from: number, to: number): { sku: string }[] =>
    Array.from({ length: to - from }, (_, n) => ({ sku: String(from + n) }));
  await lookups.find(records(0, 1000));
  expect(wholes).toBe(0);
  expect(lookups.known({ sku: '4000' })).toBeUndefined();
  const [[found], [none]] = await Promise.all([
    lookups.find(records(3000, 4000)),
    lookups.find([{ sku: 'no product' }]),
  ]);
  expect(found).toEqual({ kind: 'found', values: { price: 3000 } });
  expect(none).toEqual({ kind: 'found', values: { price: undefined } });
  expect(await lookups.find([{}])).toEqual([{ kind: 'found', values: { price: undefined } }]);
  expect(lookups.known({ sku: '4999' })).toEqual({ kind: 'found', values: { price: 4999 } });
  expect(lookups.known({ sku: 'no product' })).toEqual({ kind: 'found', values: { price: undefined } });
  expect([asked.flat().length, wholes]).toEqual([1000, 1]);
});

it('asks for keys as they come where all is too much, and tries again where it failed', async () => {
  const answers: (ReadonlyMap<string, number> | undefined | Error)[] = [new Error('no answer'), undefined];
  let asked = 0;
  const lookups = openLookups(
    {
      price: {
        key: ({ sku }: { sku: string }) => sku,
        load: async (keys) => {
          asked += keys.length;
          return new Map();
        },
        all: async () => {
          const answer = answers.shift();
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    },
    'a run for which all is too much',
    {} as LookupContext,
  );
  await lookups.find(Array.from({ length: 1000 }, (_, n) => ({ sku: String(n) })));
  await expect(lookups.find([{ sku: 'x' }])).rejects.toThrow('no answer');
  await lookups.find([{ sku: 'y' }]);
  await lookups.find([{ sku: 'z' }]);
  expect([asked, answers.length]).toEqual([1002, 0]);
  expect(lookups.known({ sku: 'none' })).toBeUndefined();
});

it('finds nothing in a table for what no key of it can be', async () => {
  const description = (type: 'S' | 'N'): object => ({ table: 'products', partitionKey: { name: 'sku', type } });
  for (const [type, keys, asked] of [
    ['S', ['', 'a', 'x'.repeat(2049), 'é'.repeat(1025)], [{ sku: { S: 'a' } }]],
    ['N', ['', 'x', '7', '1e200', '0x1', '1'.repeat(39), '-0.5'], [{ sku: { N: '7' } }, { sku: { N: '-0.5' } }]],
  ] as const) {
    const calls: unknown[] = [];
    const tables = {
      describe: async () => description(type),
      getMany: async ({ keys: own }: { readonly keys: readonly object[] }) => {
        calls.push(own);
        return own.map((key) => ({ ...key, price: { N: '5' } }));
      },
    };
    const found = await fromTable('products', () => '').load(keys, { tables } as unknown as LookupContext);
    expect(calls).toEqual([asked]);
    expect([...found.keys()]).toEqual(asked.map(({ sku }) => Object.values(sku)[0]));
  }
});
