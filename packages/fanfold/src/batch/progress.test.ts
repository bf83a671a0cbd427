/** What is told of runs while they run, over a restart, and at their end. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateMachineArn } from '../app/arn.ts';
import type { RunProgress } from '../ports/batch-runs.ts';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
let gate: Server;
/** Paths that were asked for, in order. */
let asked: string[];
/** Answers that are held back: those of the record 4. */
let held: ServerResponse[];

beforeEach(async () => {
  asked = [];
  held = [];
  gate = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? '');
    if (incoming.url === '/4') {
      held.push(outgoing);
      gate.emit('held');
    } else outgoing.end();
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
});
afterEach(async () => {
  await project.close();
  gate.closeAllConnections();
  gate.close();
});

async function shown(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(new URL(`/_fanfold/batches${path}`, project.app.url));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the progress of a run', () => {
  it('is told while it runs, goes on after a restart, and reconciles at the end', async () => {
    project = await openBatchProject(`
      chunk: { records: 2 },
      concurrency: 1,
      skipLimit: { records: 1 },
      async process({ id }) {
        if (id === '1') throw new Error('no');
        await fetch('http://127.0.0.1:${(gate.address() as AddressInfo).port}/' + id);
        return id === '3' ? undefined : { id };
      },
      sinks: [{ object: 'out/{file}', columns: ['id'] }],
    `);
    const isHeld = once(gate, 'held');
    await project.app.objects.put({ bucket: 'files', key: 'in/a.csv', body: 'id\n0\n1\n2\n3\n4\n5\n' });
    await project.app.settled();
    await isHeld;
    const [{ arn = '', name: run = '' } = {}] = (
      await project.app.executions.list({ stateMachineArn: stateMachineArn('orders') })
    ).executions;
    const halfway = {
      batch: 'orders',
      run,
      executionArn: arn,
      status: 'RUNNING',
      stage: 'processing',
      stoppedAt: null,
      source: { bucket: 'files', key: 'in/a.csv' },
      records: { total: 6, read: 4, written: 2, filtered: 1, rejected: 1, emitted: 2 },
      chunks: { total: 3, done: 2 },
      bytes: { total: 12, done: 8 },
    } satisfies Partial<RunProgress>;
    expect((await shown(`/orders/runs/${run}`)).body).toMatchObject(halfway);
    expect((await shown('/orders/runs?status=RUNNING')).body).toMatchObject({ runs: [halfway] });
    expect((await shown('/orders/runs?status=FAILED')).body).toEqual({ runs: [] });

    const isHeldAgain = once(gate, 'held');
    const app = await project.reopen();
    await isHeldAgain;
    expect(await app.batchRuns.progress({ batch: 'orders', run })).toMatchObject(halfway);
    expect(asked.filter((path) => path === '/0')).toHaveLength(1);

    for (const answer of held) answer.end();
    await app.executions.closed(arn);
    expect((await shown(`/orders/runs/${run}`)).body).toMatchObject({
      status: 'SUCCEEDED',
      stage: 'ended',
      records: { total: 6, read: 6, written: 4, filtered: 1, rejected: 1, emitted: 4 },
      chunks: { total: 3, done: 3 },
      secondsLeft: null,
    });
  });

  it('says what there is when it is asked for something else', async () => {
    project = await openBatchProject(`sinks: [{ object: 'out/{file}', columns: ['id'] }]`);
    expect(await shown('')).toMatchObject({ status: 200, body: { batches: ['orders'] } });
    expect(await shown('/other/runs')).toMatchObject({
      status: 404,
      body: { message: "There is no batch 'other'. The project has orders." },
    });
    expect((await shown('/orders/runs?status=DONE')).status).toBe(400);
    expect((await shown('/orders/runs/none')).status).toBe(400);
  });
});
