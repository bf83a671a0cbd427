/** The batch beside the state machines. */
import { join } from 'node:path';
import { loadProject, stateMachineArn } from 'fanfold';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { generateOrders } from '../generate.ts';

const BUCKET = 'input-bucket';

let example: OpenExample;
beforeEach(async () => {
  example = await openExample(await loadProject(join(import.meta.dirname, '..')));
});
afterEach(() => example.close());

async function ended(stateMachine: string, name: string, input: object) {
  const started = await example.app.executions.start({
    stateMachineArn: stateMachineArn(stateMachine),
    name,
    input: JSON.stringify(input),
  });
  const execution = await example.app.executions.closed(started.executionArn);
  expect(execution.status, execution.cause ?? '').toBe('SUCCEEDED');
  return execution;
}

it('gives the same bytes and the same items as the state machine', async () => {
  const [header = '', ...rows] = [...generateOrders(199, 1)].join('').split('\n');
  // A line break in a record, and one Order ID twice.
  const cells = (rows[3] ?? '').split(',').with(1, '"Over\nthere"');
  const again = (rows[150] ?? '').split(',').with(6, (rows[0] ?? '').split(',')[6] ?? '');
  const body = [header, ...rows.with(3, cells.join(',')).with(150, again.join(','))].join('\n');
  await example.app.objects.put({ bucket: BUCKET, key: 'by-hand.csv', body });
  // Confirmation ids follow from the run: both are named the same.
  const detail = { requestParameters: { bucketName: BUCKET, key: 'by-hand.csv' } };
  await ended('OrderConfirmationWithMerge', 'run-1', { id: 'run-1', detail });
  const expected = await example.items('Order');
  expect(expected).toHaveLength(198);
  for (const { OrderId } of expected)
    await example.app.tables.delete({ table: 'Order', key: { OrderId: { S: String(OrderId) } } });

  await ended('OrderConfirmationBatch', 'run-1', { bucket: BUCKET, key: 'by-hand.csv' });
  expect(await example.text(BUCKET, 'batch/by-hand.csv_Output')).toBe(await example.text(BUCKET, 'by-hand.csv_Output'));
  expect(await example.items('Order')).toEqual(expected);
});

it('is started by a file, and its output starts nothing', async () => {
  const body = [...generateOrders(20, 1)].join('');
  const run = await example.drop('OrderConfirmationBatch', { bucket: BUCKET, key: 'batch/orders.csv', body });
  expect(run.output?.json).toMatchObject({ read: 20, written: 20, filtered: 0, rejected: 0 });
  await example.app.settled();
  const { executions } = await example.app.executions.list({});
  expect(executions.filter(({ origin }) => origin?.kind !== 'mapRun')).toHaveLength(1);
  expect(await example.keys(BUCKET, 'batch/')).toEqual(['batch/orders.csv', 'batch/orders.csv_Output']);
});
