/** Runs the example end to end: makes an input, drops it, waits for the end, and tells what came of it. */
import { createReadStream } from 'node:fs';
import { batchReport } from '../command/batch-run.ts';
import { copyOut } from '../command/copy-out.ts';
import { executeByObject } from '../command/dropped.ts';
import { execute, runExample, type Stage } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import { generateOrders } from './generate.ts';
import { withSize } from './with-size.ts';

const BUCKET = 'input-bucket';

/** By the option `--machine`. The first is started by a rule, the others by hand. */
const MACHINES: Readonly<Record<string, { readonly stateMachine: string; readonly ending: string }>> = {
  map: { stateMachine: 'OrderConfirmation', ending: '_Output' },
  merge: { stateMachine: 'OrderConfirmationWithMerge', ending: '_Output' },
  single: { stateMachine: 'OrderConfirmationSingle', ending: '_Single_Output' },
};

const OPTIONS = { records: 199, seed: 1, machine: 'map', lines: 30_000, concurrency: 0 };
const PUBLISHED =
  'the original takes 117 s for 200 records, 189 s for 1,000,000 and 243 s for 2,000,000 (68, 545 and 1,194 s in one job), by its authors';

await runExample({
  project: import.meta.dirname,
  options: OPTIONS,
  configure: withSize,
  ways: {
    machines: async (stage) => {
      const {
        app,
        run: { number, records, machine },
        folder,
      } = stage;
      const chosen = MACHINES[machine];
      if (!chosen) throw new Error(`There is no machine '${machine}'. There are: ${Object.keys(MACHINES).join(', ')}`);
      const { stateMachine, ending } = chosen;
      // The rule looks at keys that begin with test.
      const key = `${machine === 'map' ? 'test' : 'by-hand'}-${number}.csv`;
      const byHand = async () => {
        if (!(await app.objects.head({ bucket: BUCKET, key }))) await drop(stage, key);
        const input = { id: `run-${number}`, detail: { requestParameters: { bucketName: BUCKET, key } } };
        return execute(app, { stateMachine, name: `run-${number}`, input: JSON.stringify(input) });
      };
      const execution =
        machine === 'map' ? await executeByObject(app, { stateMachine, key }, () => drop(stage, key)) : await byHand();
      const output =
        execution.status === 'SUCCEEDED'
          ? await copyOut(app, { bucket: BUCKET, key: `${key}${ending}` }, folder)
          : null;
      return {
        ...endOf(execution),
        published: PUBLISHED,
        ...(output !== null && {
          account: { read: records, written: await linesIn(output), filtered: 0, rejected: 0 },
        }),
        rest: { items: await app.tables.count('Order'), ...(await usedBy(app, execution)), output },
      };
    },
    batch: async (stage) => {
      const { app, run, folder } = stage;
      const dropped = { stateMachine: 'OrderConfirmationBatch', key: `batch/orders-${run.number}.csv` };
      const execution = await executeByObject(app, dropped, () => drop(stage, dropped.key));
      const report = await batchReport(app, execution, folder);
      return { ...report, published: PUBLISHED, rest: { items: await app.tables.count('Order'), ...report.rest } };
    },
  },
});

function drop({ app, run: { records, seed }, say }: Stage<typeof OPTIONS>, key: string): Promise<unknown> {
  say(`Dropping ${key} with ${records} orders into ${BUCKET}.`);
  return app.objects.put({ bucket: BUCKET, key, body: encoded(generateOrders(records, seed)) });
}

async function linesIn(file: string): Promise<number> {
  let lines = 0;
  for await (const part of createReadStream(file)) for (const byte of part as Uint8Array) if (byte === 10) lines++;
  return lines;
}

async function* encoded(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const text of texts) yield encoder.encode(text);
}
