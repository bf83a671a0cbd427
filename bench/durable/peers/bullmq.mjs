// BullMQ: W1 is a Flow whose parent gathers its children's values; in W2 a step is recorded with job.updateData.
import { FlowProducer, Queue, Worker } from 'bullmq';

const RESULT = { ok: true, echo: 'a result of about fifty-five bytes' };

export async function open({ port }) {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
  const opened = [];
  const keep = (thing) => {
    opened.push(thing);
    return thing;
  };
  const worker = (name, run, concurrency) => keep(new Worker(name, run, { connection, concurrency }));
  const finished = (from) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    from.once('completed', (_, value) => resolve(value));
    from.once('failed', (_, error) => reject(error));
    return promise;
  };
  let gathering;
  let rows;
  let single;
  return {
    async w1(tasks) {
      gathering ??= {
        flow: keep(new FlowProducer({ connection })),
        tasks: worker('tasks', async () => RESULT, 100),
        parents: worker('parents', async (job) => Object.values(await job.getChildrenValues()), 1),
      };
      const { flow, parents } = gathering;
      const gathered = finished(parents);
      const children = Array.from({ length: tasks }, (_, i) => ({ name: 'task', queueName: 'tasks', data: { i } }));
      await flow.add({ name: 'parent', queueName: 'parents', data: {}, children });
      return gathered;
    },
    async w2(executions, steps) {
      const ends = [];
      const run = async (job) => {
        for (let step = 1; step <= steps; step++) await job.updateData({ ...job.data, step });
        return job.data.step;
      };
      rows ??= { queue: keep(new Queue('rows', { connection })), worker: worker('rows', run, 100) };
      const { promise, resolve, reject } = Promise.withResolvers();
      const ended = (_, step) => {
        if (ends.push(step) === executions) resolve();
      };
      rows.worker.once('failed', (_, error) => reject(error));
      rows.worker.on('completed', ended);
      await rows.queue.addBulk(Array.from({ length: executions }, () => ({ name: 'row', data: { begin: true } })));
      await promise;
      rows.worker.off('completed', ended);
      return ends;
    },
    async w3() {
      single ??= { queue: keep(new Queue('single', { connection })), worker: worker('single', async () => RESULT, 1) };
      const { promise, resolve } = Promise.withResolvers();
      single.worker.once('completed', (_, value) => resolve(value));
      await single.queue.add('one', {});
      return promise;
    },
    async close() {
      await Promise.all(opened.map((thing) => thing.close()));
    },
  };
}
