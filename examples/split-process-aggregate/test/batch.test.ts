/** The batch beside the state machine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProject } from 'fanfold';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { INPUT, volume } from '../customers/volume.ts';
import { generateCustomers } from '../generate.ts';

let example: OpenExample;
beforeEach(async () => {
  example = await openExample(await loadProject(join(import.meta.dirname, '..')));
});
afterEach(() => example.close());

it('does not look at what an earlier run has left', async () => {
  const { jsons, piece } = volume(join(example.directory, 'volumes', 'customers'));
  mkdirSync(jsons, { recursive: true });
  writeFileSync(piece(10), '5000,Old One,40\n');
  const body = generateCustomers(200, 1);
  const batch = await example.drop('CustomersBatch', { bucket: INPUT.Bucket, key: 'batch/customers.csv', body });
  expect(batch.output?.json, batch.cause ?? '').toMatchObject({ read: 200, written: 200 });
  const output = JSON.parse(await example.text(INPUT.Bucket, 'processed/customers.json')) as { readonly id: number }[];
  expect(output.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
});

it('gives the same bytes as the state machine', async () => {
  const [bucket, body] = [INPUT.Bucket, `${generateCustomers(230, 1)}231,"Ada ""A""\nLovelace",36\n`];
  const machine = await example.drop('SplitProcessAggregate', { bucket, key: INPUT.Key, body });
  expect(machine.status, machine.cause ?? '').toBe('SUCCEEDED');
  const batch = await example.drop('CustomersBatch', { bucket, key: 'batch/customers.csv', body });
  expect(batch.status, batch.cause ?? '').toBe('SUCCEEDED');
  expect(batch.output?.json).toMatchObject({ read: 231, written: 231, filtered: 0, rejected: 0, chunks: 3 });
  const { processed } = volume(join(example.directory, 'volumes', 'customers'));
  const expected = readFileSync(processed, 'utf8');
  expect(JSON.parse(expected)).toHaveLength(231);
  expect(await example.text(bucket, 'processed/customers.json')).toBe(expected);
});
