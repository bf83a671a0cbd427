/** The state machines with more chunks than a listing shows, and with nobody to take the mail. */
import { join } from 'node:path';
import { type LoadedProject, loadProject } from 'fanfold';
import { afterEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { financialItem, generateOrders } from '../generate.ts';
import { FINANCIAL_TABLE } from '../orders/columns.ts';

const PROJECT = join(import.meta.dirname, '..');
const BUCKET = 'source-bucket';
const MAIN = 'BlogBatchMainOrchestrator';

let example: OpenExample;
afterEach(() => example.close());

async function loaded(records: number): Promise<string> {
  const orders = generateOrders({ records, seed: 1, planted: false });
  await example.app.tables.putMany({ table: FINANCIAL_TABLE, items: [...orders.financials()].map(financialItem) });
  let csv = '';
  for await (const block of orders.csv()) csv += block;
  return csv;
}

async function completed(): Promise<string[]> {
  const keys = (await example.keys(BUCKET)).filter((key) => key.includes('/output/completed/'));
  return Promise.all(keys.map((key) => example.text(BUCKET, key)));
}

it('merges 1,200 chunks, all of them and in order', async () => {
  const { definition, ...rest } = await loadProject(PROJECT);
  const triggers = definition.triggers?.map((trigger) =>
    trigger.input ? { ...trigger, input: { ...(trigger.input as object), fileChunkSize: 1 } } : trigger,
  );
  example = await openExample({ ...rest, definition: { ...definition, triggers } } as LoadedProject);
  const body = await loaded(1200);
  const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/many.csv', body });
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  const ids = (text: string): string[] =>
    text
      .trim()
      .split('\r\n')
      .map((line) => line.replaceAll('"', '').slice(0, 9));
  const [output = ''] = await completed();
  expect(ids(output).slice(1)).toEqual(ids(body).slice(1));
});

it('fails by the mail when nobody takes it, tried four times, its output kept', async () => {
  const { definition, ...rest } = await loadProject(PROJECT);
  // Nobody listens at port 1.
  const mail = { ...definition.mail, smtp: 'smtp://127.0.0.1:1' };
  example = await openExample({ ...rest, definition: { ...definition, mail } });
  const run = await example.drop(MAIN, { bucket: BUCKET, key: 'input/orders.csv', body: await loaded(20) });
  expect(run.status).toBe('FAILED');
  expect(run.cause).toContain('ECONNREFUSED');
  const { events } = await example.app.executions.history({ executionArn: run.arn, limit: 1000, reverse: true });
  expect(events.filter(({ type }) => type === 'LambdaFunctionFailed')).toHaveLength(4);
  expect(await completed()).toHaveLength(1);
});
