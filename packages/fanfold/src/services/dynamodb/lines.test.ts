import { expect, it } from 'vitest';
import type { TableDescription } from '../../ports/tables.ts';
import { readLines } from './lines.ts';

const TABLE: TableDescription = { table: 'orders', partitionKey: { name: 'id', type: 'S' } };

/** An item and the line of its key, larger than what is read at once every few items. */
function line(id: string, at: number): { readonly item: string; readonly key: string } {
  const item = JSON.stringify({ id: { S: id }, note: { S: at % 7 === 0 ? 'é{\n'.repeat(20_000) : `note ${at}` } });
  return { item, key: JSON.stringify([id, '', 7 + at]) };
}

it('reads items from lines of any length, whatever their keys are', () => {
  const ids = Array.from(
    { length: 60 },
    (_, at) => ['a"b', 'c\\d', '\u0001', 'é', '","",1]', `k${at}`][at % 6] as string,
  );
  const written = ids.map(line);
  const text = written.map(({ item, key }) => `${item}\n${key}\n`).join('');
  expect([...readLines(TABLE, Buffer.from(text))]).toEqual(
    ids.map((id, at) => ({ partition: id, sort: '', item: written[at]?.item, size: 7 + at })),
  );
});

it('takes a sort key as it stands, and makes a key that nobody knows yet', () => {
  const item = '{"id":{"S":"x"}}';
  const text = `${item}\n["x","s",9]\n${item}\n[]\n`;
  expect([...readLines(TABLE, Buffer.from(text))]).toMatchObject([
    { partition: 'x', sort: 's', item, size: 9 },
    { partition: 'x', sort: '', size: 3 },
  ]);
});

it.each(['{"id":{"S":"x"}}\n', '{"id":{"S":"x"}}\n["x","",9]'])('refuses lines that are cut off: %j', (text) => {
  expect(() => [...readLines(TABLE, Buffer.from(text))]).toThrow('The lines of items are cut off.');
});
