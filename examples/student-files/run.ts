/** Runs the example end to end: drops a file of students, waits for the end, and tells the statistics. */
import { executeByObject } from '../command/dropped.ts';
import { runExample } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import type { Loaded } from './functions/student-load.ts';
import { generateStudents } from './generate.ts';
import { INBOUND, STATE_MACHINE } from './project.ts';

await runExample({
  project: import.meta.dirname,
  options: { records: 500, seed: 1, wrong: 3 },
  perform: async ({ app, run: { number, records, seed, wrong }, say }) => {
    const key = `students ${number}.csv`;
    const execution = await executeByObject(app, { stateMachine: STATE_MACHINE, key }, () => {
      say(`Dropping '${key}' into ${INBOUND}.`);
      return app.objects.put({ bucket: INBOUND, key, body: generateStudents(records, seed, wrong).text });
    });
    const loaded = await loadedBy(app, execution.arn);
    return {
      ...endOf(execution),
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
        mails: app.outputs().outbox,
        query: `${app.outputs().apis['students']}/students/A10001`,
      },
    };
  },
});

async function loadedBy(app: Parameters<typeof usedBy>[0], executionArn: string): Promise<Loaded | undefined> {
  const { events } = await app.executions.history({ executionArn, limit: 1000 });
  const exited = events.find(({ stateExitedEventDetails: details }) => details?.name === 'Load');
  const output = JSON.parse(String(exited?.stateExitedEventDetails?.output ?? '{}')) as { load?: { Payload: Loaded } };
  return output.load?.Payload;
}
