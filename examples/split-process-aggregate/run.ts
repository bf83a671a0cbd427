/** Runs the example end to end: makes an input, drops it, waits for the end, and tells what came of it. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { executeByObject } from '../command/dropped.ts';
import { runExample } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import { INPUT, volume } from './customers/volume.ts';
import { generateCustomers } from './generate.ts';
import { jobsOf } from './jobs-of.ts';

const STATE_MACHINE = 'SplitProcessAggregate';

await runExample({
  project: import.meta.dirname,
  options: { records: 1000, seed: 1 },
  perform: async ({ app, run: { records, seed, begunAt }, say }) => {
    const root = join(app.dataDirectory, 'volumes', 'customers');
    const dropped = { stateMachine: STATE_MACHINE, key: INPUT.Key, since: begunAt };
    const execution = await executeByObject(app, dropped, async () => {
      await rm(root, { recursive: true, force: true });
      say(`Dropping ${INPUT.Key} with ${records} records into ${INPUT.Bucket}.`);
      await app.objects.put({ bucket: INPUT.Bucket, key: INPUT.Key, body: generateCustomers(records, seed) });
    });
    const { processed } = volume(root);
    const succeeded = execution.status === 'SUCCEEDED';
    const { mostAtOnce } = await jobsOf(app, execution.arn);
    return {
      ...endOf(execution),
      ...(succeeded && { account: { read: records, written: await countIn(processed), filtered: 0, rejected: 0 } }),
      rest: {
        ...(await usedBy(app, execution)),
        mostJobsAtOnce: mostAtOnce,
        output: succeeded ? processed : null,
      },
    };
  },
});

async function countIn(file: string): Promise<number> {
  return (JSON.parse(await readFile(file, 'utf8')) as unknown[]).length;
}
