/** The batch beside the state machines. */
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { loadProject } from 'fanfold';
import PostalMime from 'postal-mime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { ORDER_HEADER } from '../orders/columns.ts';
import { BUCKET, loadOrders } from './orders-of-test.ts';

const BATCH = 'OrderIntakeBatch';
const ERRORS = 'BatchErrorTable';

let example: OpenExample;
beforeEach(async () => {
  example = await openExample(await loadProject(join(import.meta.dirname, '..')));
});
afterEach(() => example.close());

async function dropped(body: string, key = 'batch_input/orders.csv') {
  const run = await example.drop(BATCH, { bucket: BUCKET, key, body });
  await example.app.settled();
  return run;
}

function rows(text: string): Record<string, string>[] {
  return parse(text, { columns: true }) as Record<string, string>[];
}

describe('the batch', () => {
  it('gives the same bytes as the two state machines, and rejects the same records', async () => {
    const { orders, body } = await loadOrders(example, 40, { planted: true });
    const machine = await example.drop('BlogBatchMainOrchestrator', { bucket: BUCKET, key: 'input/orders.csv', body });
    expect(machine.status, machine.cause ?? '').toBe('SUCCEEDED');
    const [completed = '', rejected = ''] = (await example.keys(BUCKET)).filter((key) =>
      /\/output\/(completed|rejected)\//.test(key),
    );
    const run = await dropped(body);
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');

    expect(await example.text(BUCKET, 'batch_output/orders.csv')).toBe(await example.text(BUCKET, completed));
    const lines = orders.expectedRejects.map(({ line }) => String(line));
    const rejects = rows(await example.text(BUCKET, 'batch_rejects/orders.csv'));
    expect(rejects.map((row) => row['reject_line'])).toEqual(lines);
    expect(rows(await example.text(BUCKET, rejected)).map(({ line }) => line)).toEqual(lines);
    const repeated = rejects.filter((row) => row['reject_code'] === 'Repeated');
    expect(repeated.map((row) => row['reject_line'])).toEqual(
      orders.expectedRejects.flatMap(({ kind, line }) => (kind === 'repeatedUuid' ? [String(line)] : [])),
    );

    expect(await example.keys(BUCKET, 'batch_archive/')).toEqual(['batch_archive/orders.csv']);
    expect(await example.keys(BUCKET, 'batch_input/')).toEqual([]);
  });

  it('sends one mail, with a link to the output', async () => {
    const { body } = await loadOrders(example, 20, { planted: true });
    await dropped(body);
    const mails = example.mails();
    expect(mails).toHaveLength(1);
    const { text = '' } = await PostalMime.parse(mails[0] ?? '');
    expect(text).toMatch(/^records: 20 read = 15 written \+ 0 filtered \+ 5 rejected$/m);
    const link = new URL(/^link to the output: (.*)$/m.exec(text)?.[1] ?? '');
    expect(link.pathname).toBe('/source-bucket/batch_output/orders.csv');
    expect(link.searchParams.get('X-Amz-Expires')).toBe('3600');
  });

  it('keeps a record of each bad row, also of two with one id and of one without any, and goes on at once', async () => {
    const good = rows((await loadOrders(example, 10)).body);
    const valid = { ...good[0], uuid: '1234567890' };
    const line = (row: Record<string, string>): string => ORDER_HEADER.map((name) => row[name]).join(',');
    const bad = [valid, { ...valid, Country: 'Chad' }, { ...valid, uuid: '' }].map(line);
    const text = [ORDER_HEADER.join(','), ...bad, ...good.map(line)].join('\n');
    const first = await dropped(text);
    expect(first.status, first.cause ?? '').toBe('SUCCEEDED');
    const kept = (): Promise<Record<string, unknown>[]> => example.items(ERRORS);
    expect((await kept()).map(({ line: at, field }) => [Number(at), field])).toEqual([
      [2, 'uuid'],
      [3, 'uuid'],
      [4, 'uuid'],
    ]);
    for (const { reason } of await kept()) expect(String(reason)).toContain('uuid');
    expect(rows(await example.text(BUCKET, 'batch_output/orders.csv'))).toHaveLength(good.length);

    // The same file again is another run: its records stand beside those of the first, none is replaced.
    await dropped(text, 'batch_input/again.csv');
    expect(await kept()).toHaveLength(6);
    // Too many bad rows: the run fails and publishes nothing, and its records are kept all the same.
    const failed = await dropped([ORDER_HEADER.join(','), ...bad].join('\n'), 'batch_input/bad.csv');
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Fanfold.SkipLimitExceeded' });
    expect(await kept()).toHaveLength(9);
    expect(await example.keys(BUCKET, 'batch_output/bad')).toEqual([]);
  });
});
