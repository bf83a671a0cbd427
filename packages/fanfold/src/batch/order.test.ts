/** Runs that go one after the other, over a restart too. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateMachineArn } from '../app/arn.ts';
import type { Execution } from '../interpreter/execution.ts';
import { type BatchProject, openBatchProject } from '../testing/batch-project.fixture.ts';

let project: BatchProject;
let gate: Server;
/** What records have asked for and still wait for, by path. */
let held: Map<string, ServerResponse>;

beforeEach(async () => {
  held = new Map();
  gate = createServer((incoming, outgoing) => {
    held.set(incoming.url ?? '', outgoing);
    gate.emit('held', incoming.url);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
});
afterEach(async () => {
  await project.close();
  gate.closeAllConnections();
  gate.close();
});

const open = async (order: string): Promise<void> => {
  project = await openBatchProject(`
    source: { bucket: 'files', prefix: 'in/', order: '${order}', archive: 'done/' },
    async process({ id }) {
      await fetch('http://127.0.0.1:${(gate.address() as AddressInfo).port}/' + id);
      return { id };
    },
    sinks: [{ object: 'out/{file}', columns: ['id'] }],
  `);
};
const drop = (key: string, id: string): Promise<unknown> =>
  project.app.objects.put({ bucket: 'files', key, body: `id\n${id}\n` });
/** Resolves when a record waits for that path. */
const asks = async (path: string): Promise<void> => {
  while (!held.has(path)) await once(gate, 'held');
};
const release = async (path: string): Promise<void> => {
  await asks(path);
  held.get(path)?.end();
};
const runs = async (): Promise<readonly Execution[]> =>
  (await project.app.executions.list({ stateMachineArn: stateMachineArn('orders') })).executions;

describe('runs in order', () => {
  it('go one after the other as their files have arrived, also when the process ends meanwhile', async () => {
    await open('sequential');
    for (const [index, name] of ['z', 'y', 'x'].entries()) await drop(`in/${name}.csv`, String(index));
    await project.app.settled();
    await asks('/0');
    expect(await runs()).toHaveLength(1);
    held.clear();
    await project.reopen();
    await project.app.settled();
    await asks('/0');
    expect(await runs()).toHaveLength(1);
    for (const path of ['/0', '/1', '/2']) {
      await asks(path);
      expect([...held.keys()].at(-1)).toBe(path);
      expect((await runs()).filter(({ status }) => status === 'RUNNING')).toHaveLength(1);
      await release(path);
    }
    for (const { arn } of await runs()) await project.app.executions.closed(arn);
    const all = [...(await runs())].sort((a, b) => a.startedAt - b.startedAt);
    expect(all.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    for (const [index, { stoppedAt }] of all.entries())
      expect(all[index + 1]?.startedAt ?? Infinity).toBeGreaterThanOrEqual(stoppedAt ?? 0);
    await project.app.settled();
    expect(await project.keys('done/')).toEqual(['done/x.csv', 'done/y.csv', 'done/z.csv']);
  });

  it('go side by side for different folders', async () => {
    await open('folder');
    for (const [key, id] of [
      ['in/a/1.csv', 'a1'],
      ['in/b/1.csv', 'b1'],
      ['in/a/2.csv', 'a2'],
    ] as const)
      await drop(key, id);
    await Promise.all([asks('/a1'), asks('/b1')]);
    expect(held.has('/a2')).toBe(false);
    await release('/a1');
    await asks('/a2');
    expect((await runs()).filter(({ status }) => status === 'RUNNING')).toHaveLength(2);
    await Promise.all([release('/a2'), release('/b1')]);
    for (const { arn } of await runs()) expect((await project.app.executions.closed(arn)).status).toBe('SUCCEEDED');
  });
});
