/** Runs the example end to end: drops a file of students, waits for the end, and tells the statistics. */
import type { App } from 'fanfold';
import { batchReport } from '../command/batch-run.ts';
import { executeByObject } from '../command/dropped.ts';
import { runExample, type Stage } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import { generateStudents } from './generate.ts';
import { loadedBy } from './loaded-by.ts';
import { BATCH_INBOUND, INBOUND, STATE_MACHINE } from './names.ts';

const OPTIONS = { records: 500, seed: 1, wrong: 3 };
const PUBLISHED = 'the original does not say how long it takes';

await runExample({
  project: import.meta.dirname,
  options: OPTIONS,
  ways: {
    machines: async (stage) => {
      const { app, run } = stage;
      const dropped = { stateMachine: STATE_MACHINE, key: `students ${run.number}.csv` };
      const execution = await executeByObject(app, dropped, () => drop(stage, INBOUND, dropped.key));
      const loaded = await loadedBy(app, execution.arn);
      return {
        ...endOf(execution),
        published: PUBLISHED,
        ...(loaded && {
          account: {
            read: loaded.totalRecordsProcessed,
            written: loaded.totalInsertedRecords,
            filtered: 0,
            rejected: loaded.totalFailedRecords,
          },
        }),
        rest: {
          ...(loaded && {
            newRecords: loaded.newRecords,
            replacedRecords: loaded.replacedRecords,
            errors: loaded.errorDetails.map(({ row, line, message }) => `row ${row}, line ${line}: ${message}`),
          }),
          ...(await usedBy(app, execution)),
          ...places(app),
        },
      };
    },
    batch: async (stage) => {
      const { app, run, folder } = stage;
      const dropped = { stateMachine: 'StudentFilesBatch', key: `in/students ${run.number}.csv` };
      const execution = await executeByObject(app, dropped, () => drop(stage, BATCH_INBOUND, dropped.key));
      const report = await batchReport(app, execution, folder);
      return { ...report, published: PUBLISHED, rest: { ...report.rest, ...places(app) } };
    },
  },
});

async function drop({ app, run, say }: Stage<typeof OPTIONS>, bucket: string, key: string): Promise<void> {
  say(`Dropping '${key}' into ${bucket}.`);
  await app.objects.put({ bucket, key, body: generateStudents(run.records, run.seed, run.wrong).text });
}

function places(app: App): Readonly<Record<string, string>> {
  return {
    mails: app.outputs().outbox,
    query: `http://127.0.0.1:7070/_api/students/Prod/students/A10001, while 'npx fanfold dev -C examples/student-files' runs.`,
  };
}
