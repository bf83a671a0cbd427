/** How often a run asks for what its records need. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

const RECORDS = 10_000;

let project: BatchProject;
afterEach(() => project.close());

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
