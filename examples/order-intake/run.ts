/**
 * Runs the example end to end: makes an input and its lookup table, drops the input into the bucket, waits until its
 * trigger's workflow has ended, and prints what happened.
 */
import type { App } from 'fanfold';
import { executeByObject } from '../command/dropped.ts';
import { runExample } from '../command/example.ts';
import { financialItem, type GeneratedOrders, generateOrders } from './generate.ts';
import { reportOn } from './run/report.ts';

const BUCKET = 'source-bucket';
/** Items of the lookup table that are put at once. */
const LOAD_BATCH = 1000;

await runExample({
  project: import.meta.dirname,
  options: { records: 10_000, seed: 1 },
  perform: async ({ app, run: { number, records, seed }, folder, say }) => {
    const orders = generateOrders({ records, seed, planted: true });
    const fileName = `orders-${records}-seed${seed}-run${number}.csv`;
    const key = `input/${fileName}`;
    const dropped = { stateMachine: 'BlogBatchMainOrchestrator', key };
    const execution = await executeByObject(app, dropped, async () => {
      say('Loading the lookup table.');
      await load(app, orders);
      say(`Dropping ${key} into ${BUCKET}.`);
      await app.objects.put({ bucket: BUCKET, key, body: encoded(orders.csv()), contentType: 'text/csv' });
    });
    return reportOn(app, execution, fileName, folder);
  },
});

async function load(app: App, orders: GeneratedOrders): Promise<void> {
  let batch: ReturnType<typeof financialItem>[] = [];
  for (const record of orders.financials()) {
    batch.push(financialItem(record));
    if (batch.length < LOAD_BATCH) continue;
    await app.tables.putMany({ table: 'FinancialTable', items: batch });
    batch = [];
  }
  if (batch.length > 0) await app.tables.putMany({ table: 'FinancialTable', items: batch });
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
