/** The example as a whole: real jobs on a real volume, a real table, real objects. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp, type Execution, loadProject, silentLogger, stateMachineArn } from 'fanfold';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { generateOrders } from '../generate.ts';
import { HEADER } from '../orders/columns.ts';
import { withSize } from '../with-size.ts';

const PROJECT = join(import.meta.dirname, '..');
const BUCKET = 'input-bucket';
const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const opened: { readonly app: App; readonly directory: string }[] = [];
afterEach(async () => {
  for (const { app, directory } of opened.splice(0)) {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

/** With pieces of so many records: the project says 30,000. */
async function open(largest: number): Promise<App> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-orders-'));
  const app = await createApp({
    project: withSize(await loadProject(PROJECT), { lines: largest, concurrency: 0 }),
    logger: silentLogger,
    dataDirectory: directory,
  });
  opened.push({ app, directory });
  return app;
}

async function drop(app: App, text: string, key = 'test.csv'): Promise<Execution> {
  await app.objects.put({ bucket: BUCKET, key, body: text });
  await app.settled();
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn('OrderConfirmation'), limit: 1 });
  return app.executions.closed(executions[0]?.arn ?? '');
}

async function byHand(app: App, stateMachine: string, text: string, key = 'by-hand.csv'): Promise<Execution> {
  await app.objects.put({ bucket: BUCKET, key, body: text });
  const input = JSON.stringify({ id: 'run-1', detail: { requestParameters: { bucketName: BUCKET, key } } });
  const { executionArn } = await app.executions.start({ stateMachineArn: stateMachineArn(stateMachine), input });
  return app.executions.closed(executionArn);
}

async function lines(app: App, key: string): Promise<string[]> {
  const { body } = await app.objects.get({ bucket: BUCKET, key });
  let text = '';
  for await (const part of body) text += Buffer.from(part).toString();
  return text.split('\n').slice(0, -1);
}

async function items(app: App): Promise<Record<string, string>[]> {
  const { items: all } = await app.tables.scan({ table: 'Order' });
  return all.map((item) =>
    Object.fromEntries(Object.entries(item).map(([name, value]) => [name, 'S' in value ? value.S : ''])),
  );
}

const text = (records: number): string => [...generateOrders(records, 1)].join('');
const orders = (csv: string): Record<string, string>[] => parse(csv, { columns: true }) as Record<string, string>[];
const sum = (rows: readonly Record<string, string>[], column: string): number =>
  Math.round(rows.reduce((all, row) => all + Number(row[column]) * 100, 0));

describe('order-confirmation', () => {
  it('confirms 199 orders in four pieces: each once, in the order of the file, every column in its place', async () => {
    const app = await open(60);
    const input = orders(text(199));
    const execution = await drop(app, text(199));
    expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
    expect(execution.output?.json).toEqual([1, 1, 1, 1]);

    const table = await items(app);
    expect(table.length).toBe(199);
    expect(new Set(table.map(({ ConfirmationId }) => ConfirmationId)).size).toBe(199);
    for (const { ConfirmationId } of table) expect(ConfirmationId).toMatch(UUID_4);
    expect(sum(table, 'UnitSold')).toBe(sum(input, 'Units Sold'));
    expect(sum(table, 'TotalRevenue')).toBe(sum(input, 'Total Revenue'));
    expect(sum(table, 'TotalProfit')).toBe(sum(input, 'Total Profit'));
    const [first] = input;
    expect(table.find(({ OrderId }) => OrderId === first?.['Order ID'])).toMatchObject({
      UnitCost: first?.['Unit Cost'],
      TotalProfit: first?.['Total Profit'],
    });

    const output = (await lines(app, 'test.csv_Output')).map((line) => line.split(','));
    expect(output.map(([id]) => id)).toEqual(input.map((order) => order['Order ID']));
    const confirmed = new Map(table.map(({ OrderId, ConfirmationId }) => [OrderId, ConfirmationId]));
    for (const [id, confirmation] of output) expect(confirmed.get(id)).toBe(confirmation);

    const progress = await app.tables.scan({ table: 'Progress' });
    expect(progress.items.map((item) => item['pieces'])).toEqual([undefined]);
    await app.settled();
    const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn('OrderConfirmation') });
    expect(executions.length).toBe(1);
  });

  it('comes to the same with a state that merges, and with one job', async () => {
    const app = await open(60);
    const merged = await byHand(app, 'OrderConfirmationWithMerge', text(199));
    expect(merged.status, merged.cause ?? '').toBe('SUCCEEDED');
    expect(merged.output?.json).toEqual({
      read: 199,
      written: 199,
      filtered: 0,
      rejected: 0,
      output: 'by-hand.csv_Output',
    });
    const single = await byHand(app, 'OrderConfirmationSingle', text(199));
    expect(single.status, single.cause ?? '').toBe('SUCCEEDED');
    expect(await lines(app, 'by-hand.csv_Single_Output')).toEqual(await lines(app, 'by-hand.csv_Output'));
    expect((await items(app)).length).toBe(199);
  });

  it('takes records with line breaks, and the last of those with the same id', async () => {
    const app = await open(60);
    const [header = '', ...rows] = text(120).split('\n');
    const cells = (row: string): string[] => row.split(',');
    const broken = cells(rows[3] ?? '')
      .with(1, '"Over\nthere"')
      .join(',');
    // The same Order ID in one batch of 25, and in another piece.
    const again = (row: string, units: string): string =>
      cells(row)
        .with(6, cells(rows[0] ?? '')[6] ?? '')
        .with(8, units)
        .join(',');
    const changed = rows
      .with(3, broken)
      .with(5, again(rows[5] ?? '', '7'))
      .with(100, again(rows[100] ?? '', '8'));
    const execution = await drop(app, [header, ...changed].join('\n'));
    expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
    expect((await lines(app, 'test.csv_Output')).length).toBe(120);
    const table = await items(app);
    expect(table.length).toBe(118);
    expect(table.some(({ Country }) => Country === 'Over\nthere')).toBe(true);
  });

  it('fails by line and value for a number that is none, and writes nothing of that piece', async () => {
    const app = await open(60);
    const rows = text(70).split('\n');
    const execution = await drop(app, rows.with(66, (rows[66] ?? '').split(',').with(8, 'many').join(',')).join('\n'));
    expect(execution.status).toBe('FAILED');
    expect((await items(app)).length).toBeLessThanOrEqual(60);
    expect(await app.objects.head({ bucket: BUCKET, key: 'test.csv_Output' })).toBeUndefined();
  });

  it('rejects what is no CSV file, and a header that lacks columns', async () => {
    const app = await open(60);
    expect((await byHand(app, 'OrderConfirmation', text(3), 'by-hand.txt')).status).toBe('FAILED');
    const lacking = text(3).replace(HEADER[6] ?? '', 'Number');
    expect((await byHand(app, 'OrderConfirmation', lacking)).status).toBe('FAILED');
    expect(await items(app)).toEqual([]);
  });
});
