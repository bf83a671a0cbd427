/**
 * Runs the example end to end: makes an input and its lookup table, drops the input into the bucket, waits until its
 * trigger's workflow has ended, and prints what happened.
 */
import type { App } from 'fanfold';
import { batchReport } from '../command/batch-run.ts';
import { executeByObject } from '../command/dropped.ts';
import { runExample, type Stage } from '../command/example.ts';
import { financialItem, type GeneratedOrders, generateOrders } from './generate.ts';
import { reportOn } from './run/report.ts';

const BUCKET = 'source-bucket';
/** Items of the lookup table that are put at once. */
const LOAD_BATCH = 1000;

const OPTIONS = { records: 10_000, seed: 1, machine: 'nested' };
/** By the option `--machine`: the older one looks after its chunks once a minute. */
const MACHINES: Readonly<Record<string, { readonly stateMachine: string; readonly prefix: string }>> = {
  nested: { stateMachine: 'BlogBatchMainOrchestrator', prefix: 'input/' },
  polling: { stateMachine: 'BlogBatchPollingOrchestrator', prefix: 'input_polled/' },
};
const PUBLISHED = 'the original takes 300 s for 10,000 records and 420 s for 100,000, by its authors';

await runExample({
  project: import.meta.dirname,
  options: OPTIONS,
  ways: {
    machines: async (stage) => {
      const { app, run, folder } = stage;
      const chosen = MACHINES[run.machine];
      if (!chosen)
        throw new Error(`There is no machine '${run.machine}'. There are: ${Object.keys(MACHINES).join(', ')}`);
      const { fileName, orders } = inputOf(stage);
      const dropped = { stateMachine: chosen.stateMachine, key: `${chosen.prefix}${fileName}` };
      const execution = await executeByObject(app, dropped, () => drop(stage, dropped.key, orders));
      return { ...(await reportOn(app, execution, fileName, folder)), published: PUBLISHED };
    },
    batch: async (stage) => {
      const { app, folder } = stage;
      const { fileName, orders } = inputOf(stage);
      const dropped = { stateMachine: 'OrderIntakeBatch', key: `batch_input/${fileName}` };
      const execution = await executeByObject(app, dropped, () => drop(stage, dropped.key, orders));
      const report = await batchReport(app, execution, folder);
      return { ...report, published: PUBLISHED, rest: { ...report.rest, mails: app.outputs().outbox } };
    },
  },
});

async function drop({ app, say }: Stage<typeof OPTIONS>, key: string, orders: GeneratedOrders): Promise<void> {
  say('Loading the lookup table.');
  await load(app, orders);
  say(`Dropping ${key} into ${BUCKET}.`);
  await app.objects.put({ bucket: BUCKET, key, body: encoded(orders.csv()), contentType: 'text/csv' });
}

function inputOf({ run: { number, records, seed } }: Stage<typeof OPTIONS>): {
  readonly fileName: string;
  readonly orders: GeneratedOrders;
} {
  const fileName = `orders-${records}-seed${seed}-run${number}.csv`;
  return { fileName, orders: generateOrders({ records, seed, planted: true }) };
}
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
