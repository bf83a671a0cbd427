/** Runs the example end to end: makes an input, drops it, waits for the end, and tells what came of it. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { batchReport } from '../command/batch-run.ts';
import { executeByObject } from '../command/dropped.ts';
import { runExample, type Stage } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import { INPUT, volume } from './customers/volume.ts';
import { generateCustomers } from './generate.ts';
import { jobsOf } from './jobs-of.ts';

const OPTIONS = { records: 1000, seed: 1 };
const PUBLISHED = 'the original does not say how long it takes';

await runExample({
  project: import.meta.dirname,
  options: OPTIONS,
  ways: {
    machines: async (stage) => {
      const { app, run } = stage;
      const root = join(app.dataDirectory, 'volumes', 'customers');
      const dropped = { stateMachine: 'SplitProcessAggregate', key: INPUT.Key, since: run.begunAt };
      const execution = await executeByObject(app, dropped, async () => {
        await rm(root, { recursive: true, force: true });
        await drop(stage, INPUT.Key);
      });
      const { processed } = volume(root);
      const succeeded = execution.status === 'SUCCEEDED';
      const { mostAtOnce } = await jobsOf(app, execution.arn);
      return {
        ...endOf(execution),
        published: PUBLISHED,
        ...(succeeded && {
          account: { read: run.records, written: await countIn(processed), filtered: 0, rejected: 0 },
        }),
        rest: {
          ...(await usedBy(app, execution)),
          mostJobsAtOnce: mostAtOnce,
          output: succeeded ? processed : null,
        },
      };
    },
    batch: async (stage) => {
      const { app, run, folder } = stage;
      const dropped = { stateMachine: 'CustomersBatch', key: `batch/customers-${run.number}.csv` };
      const execution = await executeByObject(app, dropped, () => drop(stage, dropped.key));
      return { ...(await batchReport(app, execution, folder)), published: PUBLISHED };
    },
  },
});

async function drop({ app, run: { records, seed }, say }: Stage<typeof OPTIONS>, key: string): Promise<void> {
  say(`Dropping ${key} with ${records} records into ${INPUT.Bucket}.`);
  await app.objects.put({ bucket: INPUT.Bucket, key, body: generateCustomers(records, seed) });
}

async function countIn(file: string): Promise<number> {
  return (JSON.parse(await readFile(file, 'utf8')) as unknown[]).length;
}
