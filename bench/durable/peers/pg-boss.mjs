// pg-boss: a loop fetches and completes up to 100 jobs at once, each with its result. It has no executions: W1 only.
import { PgBoss } from 'pg-boss';

const RESULT = { ok: true, echo: 'a result of about fifty-five bytes' };

export async function open({ port }) {
  const boss = new PgBoss({
    connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue('tasks');
  return {
    async w1(tasks) {
      await boss.insert(
        'tasks',
        Array.from({ length: tasks }, (_, i) => ({ data: { i } })),
      );
      let done = 0;
      while (done < tasks) {
        const jobs = await boss.fetch('tasks', { batchSize: 100 });
        await Promise.all(jobs.map((job) => boss.complete('tasks', job.id, RESULT)));
        done += jobs.length;
      }
      return Array.from({ length: done }, () => RESULT);
    },
    close: () => boss.stop({ graceful: false }),
  };
}
