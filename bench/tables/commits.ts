/** The engine's commits while something else goes on: executions of three tasks, in a folder of their own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { openSync, readSync } from 'node:fs';
import { Value } from '../../packages/fanfold/src/interpreter/value.ts';
import { silentLogger } from '../../packages/fanfold/src/ports/logger.ts';
import type { TableApi } from '../../packages/fanfold/src/ports/tables.ts';
import type { Store } from '../../packages/fanfold/src/ports/store.ts';
import { createSqliteStore } from '../../packages/fanfold/src/runtimes/sqlite/store.ts';
import { createDynamodbApi, DYNAMODB } from '../../packages/fanfold/src/server/dynamodb/dynamodb-api.ts';
import { OPEN_GUARD } from '../../packages/fanfold/src/server/guard.ts';
import { createPages } from '../../packages/fanfold/src/server/pages.ts';
import { openLocalTables } from '../../packages/fanfold/src/services/dynamodb/tables.ts';
import { FUNCTION, openEngine } from '../engine.ts';
import { CREATE, countOf } from './upserts.ts';

const AT_ONCE = 20;
const ANSWER = 'x'.repeat(2000);

export interface CommitsParams {
  readonly directory: string;
  readonly executions: number;
  /** Of them, started a second. 0: 20 at once, as fast as it goes. */
  readonly pace: number;
  /** Begins what goes on beside it. @returns ends it, and tells how many items it has written, in how many seconds */
  readonly beside: (tables: { readonly endpoint: string }) => Promise<() => Promise<Written>>;
}

interface Written {
  readonly items: number;
  readonly seconds: number;
}

export interface Commits {
  /** Milliseconds, sorted. */
  readonly latencies: readonly number[];
  /** The same without the time for which this thread waited for a processor. */
  readonly unhindered: readonly number[];
  readonly seconds: number;
  /** Written a second. */
  readonly items: number;
  /** Seconds of CPU of this process. */
  readonly cpu: number;
}

export async function measureCommits({ directory, executions, pace, beside }: CommitsParams): Promise<Commits> {
  const latencies: number[] = [];
  const unhindered: number[] = [];
  const sqlite = createSqliteStore({ directory });
  const timed =
    <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const began = performance.now();
      const waited = waitedForProcessor();
      const result = await write(...args);
      latencies.push(performance.now() - began);
      unhindered.push(performance.now() - began - (waitedForProcessor() - waited));
      return result;
    };
  const store: Store = { ...sqlite, create: timed(sqlite.create), commit: timed(sqlite.commit) };
  const { put, run, close } = openEngine({
    store,
    perform: async () => ({ kind: 'succeeded', output: Value.ofJson({ answer: ANSWER }) }),
  });
  const machine = await put('three', {
    StartAt: 'A',
    States: {
      A: { Type: 'Task', Resource: FUNCTION, Next: 'B' },
      B: { Type: 'Task', Resource: FUNCTION, Next: 'C' },
      C: { Type: 'Task', Resource: FUNCTION, End: true },
    },
  });
  const tables = await openLocalTables({ directory, tables: [] });
  await tables.api.call('CreateTable', CREATE);
  const server = await serve(tables.api);
  const runMany = pace > 0 ? paced(pace, () => run(machine, '{}')) : atOnce(AT_ONCE, () => run(machine, '{}'));
  const end = await beside({ endpoint: server.endpoint });
  await runMany(executions / 5);
  latencies.length = 0;
  unhindered.length = 0;
  const before = process.cpuUsage();
  const began = performance.now();
  await runMany(executions);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const written = await end();
  if ((await countOf(tables.api.call)) !== written.items) throw new Error('items are missing');
  await server.close();
  await close();
  await tables.close();
  return {
    latencies: latencies.toSorted((a, b) => a - b),
    unhindered: unhindered.toSorted((a, b) => a - b),
    seconds,
    items: written.items / written.seconds,
    cpu: (user + system) / 1e6,
  };
}

type RunMany = (count: number) => Promise<void>;

function atOnce(runners: number, one: () => Promise<unknown>): RunMany {
  return async (count) => {
    let next = 0;
    const runner = async (): Promise<void> => {
      while (next++ < count) await one();
    };
    await Promise.all(Array.from({ length: runners }, runner));
  };
}

function paced(perSecond: number, one: () => Promise<unknown>): RunMany {
  return async (count) => {
    const began = performance.now();
    const running: Promise<unknown>[] = [];
    while (running.length < count) {
      const due = Math.min(count, ((performance.now() - began) / 1000) * perSecond);
      while (running.length < due) running.push(one());
      await setTimeout(1);
    }
    await Promise.all(running);
  };
}

const SCHEDULED: number = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
const TEXT: Buffer = Buffer.alloc(128);

/** Milliseconds for which this thread could have run, and had no processor. Linux alone tells. */
function waitedForProcessor(): number {
  const [, waited] = TEXT.toString('latin1', 0, readSync(SCHEDULED, TEXT, 0, TEXT.length, 0)).split(' ');
  return Number(waited) / 1e6;
}

/** DynamoDB's API as the server speaks it, without the other services. */
async function serve(tables: TableApi): Promise<{ readonly endpoint: string; readonly close: () => Promise<unknown> }> {
  const pages = createPages({
    apis: { [DYNAMODB]: createDynamodbApi(tables) },
    queryApis: {},
    longestRequest: 16 * 1024 * 1024,
    health: {},
    outputs: () => ({}),
    backup: () => Promise.reject(new Error('There is no backup here')),
    logger: silentLogger,
    guard: OPEN_GUARD,
  });
  const server = createServer((incoming, outgoing) => void pages(incoming, outgoing)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}
