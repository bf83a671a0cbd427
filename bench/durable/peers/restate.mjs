// Restate: W1 is a tree of 10 handlers, each awaiting its tasks in windows of 10; a flat one is slower and needs 0.9 GB.
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';

const RESULT = { ok: true, echo: 'a result of about fifty-five bytes' };
export const w1Tasks = 3000;

const PARTS = 10;
const WINDOW = 10;

const work = restate.service({ name: 'work', handlers: { task: async () => RESULT } });
const part = restate.service({
  name: 'part',
  handlers: {
    run: async (ctx, count) => {
      const answers = [];
      for (let done = 0; done < count; done += WINDOW) {
        const window = Array.from({ length: Math.min(WINDOW, count - done) }, () => ctx.serviceClient(work).task({}));
        answers.push(...(await restate.RestatePromise.all(window)));
      }
      return answers;
    },
  },
});
const fan = restate.service({
  name: 'fan',
  handlers: {
    out: async (ctx, tasks) => {
      const parts = Array.from({ length: PARTS }, () => ctx.serviceClient(part).run(tasks / PARTS));
      return (await restate.RestatePromise.all(parts)).flat();
    },
  },
});
const row = restate.service({
  name: 'row',
  handlers: {
    run: async (ctx, steps) => {
      let last = 0;
      for (let step = 1; step <= steps; step++) last = await ctx.run(`step${step}`, async () => step);
      return last;
    },
  },
});

export async function open({ port }) {
  const serving = port + 2;
  await restate.serve({ services: [work, part, fan, row], port: serving });
  const answer = await fetch(`http://127.0.0.1:${port + 1}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${serving}` }),
  });
  if (!answer.ok) throw new Error(`Restate refused the deployment: ${await answer.text()}`);
  const ingress = clients.connect({ url: `http://127.0.0.1:${port}` });
  return {
    w1: (tasks) => ingress.serviceClient(fan).out(tasks),
    async w2(executions, steps) {
      const ends = [];
      let next = 0;
      const runner = async () => {
        while (next++ < executions) ends.push(await ingress.serviceClient(row).run(steps));
      };
      await Promise.all(Array.from({ length: 100 }, runner));
      return ends;
    },
    w3: () => ingress.serviceClient(work).task({}),
    close: async () => {},
  };
}
