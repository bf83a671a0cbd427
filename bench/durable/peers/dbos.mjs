// DBOS on PostgreSQL: W1 starts a workflow for each task, 100 at once, and gathers their results.
import { DBOS } from '@dbos-inc/dbos-sdk';

const RESULT = { ok: true, echo: 'a result of about fifty-five bytes' };

export const w1Tasks = 3000;

export async function open({ port }) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: `postgres://postgres@127.0.0.1:${port}/bench`,
    logLevel: 'error',
    runAdminServer: false,
  });
  const task = DBOS.registerWorkflow(async () => RESULT, { name: 'task' });
  const row = DBOS.registerWorkflow(
    async (steps) => {
      let last = 0;
      for (let step = 1; step <= steps; step++) last = await DBOS.runStep(async () => step, { name: `step${step}` });
      return last;
    },
    { name: 'row' },
  );
  await DBOS.launch();
  const hundredAtOnce = async (count, start) => {
    const answers = Array.from({ length: count });
    let next = 0;
    const runner = async () => {
      for (let i = next++; i < count; i = next++) answers[i] = await (await start(i)).getResult();
    };
    await Promise.all(Array.from({ length: 100 }, runner));
    return answers;
  };
  return {
    w1: (tasks) => hundredAtOnce(tasks, (i) => DBOS.startWorkflow(task)(i)),
    w2: (executions, steps) => hundredAtOnce(executions, () => DBOS.startWorkflow(row)(steps)),
    w3: async () => (await DBOS.startWorkflow(task)(0)).getResult(),
    close: () => DBOS.shutdown(),
  };
}
