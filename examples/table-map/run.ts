/** Runs the example end to end: puts a list into the table, starts the workflow, and tells when its function was called. */
import { readFile } from 'node:fs/promises';
import { stateMachineArn } from 'fanfold';
import type { Json } from 'fanfold';
import { batchReport } from '../command/batch-run.ts';
import { executeByObject } from '../command/dropped.ts';
import { execute, runExample, type Stage } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import config from './config.json' with { type: 'json' };
import { invocationsOf } from './invocations.ts';
import { BATCH } from './list-batch.ts';
import { dropList } from './drop-list.ts';
import { listItem } from './list-item.ts';
import { STATE_MACHINE } from './project.ts';

const LISTS = ['simplelist', 'listofdicts'];

const OPTIONS = { list: 'simplelist' };
const PUBLISHED = 'the original sees its calls about 2 s apart, as its author says';

await runExample({
  project: import.meta.dirname,
  options: OPTIONS,
  ways: {
    machines: async (stage) => {
      const { app, run } = stage;
      await loadList(stage);
      const execution = await execute(app, { stateMachine: STATE_MACHINE, name: `run-${run.number}` });
      const invocations = await invocationsOf(app, execution.arn);
      return {
        ...endOf(execution),
        published: PUBLISHED,
        rest: {
          calls: invocations.map(
            ({ milliseconds, payload }) => `${(milliseconds / 1000).toFixed(3)} s  ${JSON.stringify(payload)}`,
          ),
          ...(await usedBy(app, execution)),
          StateMachineName: STATE_MACHINE,
          StateMachineArn: stateMachineArn(STATE_MACHINE),
          execution: execution.arn,
        },
      };
    },
    batch: async (stage) => {
      const { app, run, folder } = stage;
      const dropped = { stateMachine: BATCH, key: `in/list-${run.number}.json` };
      const execution = await executeByObject(app, dropped, async () => {
        await loadList(stage);
        await dropList(app, config.ddb, dropped.key);
      });
      return { ...(await batchReport(app, execution, folder)), published: PUBLISHED };
    },
  },
});

async function loadList({ app, run, say }: Stage<typeof OPTIONS>): Promise<void> {
  if (!LISTS.includes(run.list)) throw new Error(`There is no list '${run.list}'. There are: ${LISTS.join(', ')}`);
  const list = JSON.parse(await readFile(new URL(`lists/${run.list}.json`, import.meta.url), 'utf8')) as Json;
  await app.tables.put({ table: config.ddb.tableName, item: listItem(config.ddb, list) });
  say(`Loaded ${run.list} into ${config.ddb.tableName}.`);
}
