/**
 * What StartExecution and one transition cost with few and with many finished executions in the store: CPU per operation,
 * the two stores in turn in one process, each with its executions finished before. A round is executions of one Pass state
 * and one Task, started and run to their end, 50 at once; a list and a page of history are timed by themselves.
 * Beside that the memory of the process, after garbage collection, over the executions that fill the larger store (I8).
 *
 * Not measured: work in the tasks, HTTP, pruning.
 *
 *     npm run bench -- growth [--few 1000] [--many 1000000] [--rounds 20]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Value } from '../packages/fanfold/src/interpreter/value.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { type BenchEngine, FUNCTION, openEngine } from './engine.ts';

const AT_ONCE = 50;
const PER_ROUND = 500;

const { values: options } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '20' },
  },
});
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Filled extends BenchEngine {
  readonly machine: string;
  readonly finished: number;
  /** Runs so many executions to their end. */
  many(count: number): Promise<void>;
}

const rows: string[] = [];

async function fill(directory: string, finished: number, watch: boolean): Promise<Filled> {
  const result = Value.ofText('{"ok":true}');
  const engine = openEngine({
    store: createSqliteStore({ directory }),
    perform: async () => ({ kind: 'succeeded', output: result }),
  });
  const machine = await engine.put('growth', {
    StartAt: 'Pass',
    States: { Pass: { Type: 'Pass', Next: 'Work' }, Work: { Type: 'Task', Resource: FUNCTION, End: true } },
  });
  const many = async (count: number): Promise<void> => {
    let next = 0;
    const runner = async (): Promise<void> => {
      while (next++ < count) await engine.run(machine, '{"order":1}');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
  };
  for (let i = 0; i < 10; i++) {
    await many(finished / 10);
    if (!watch) continue;
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    rows.push(`| ${(finished / 10) * (i + 1)} | ${(rss / 1e6).toFixed(0)} | ${(heapUsed / 1e6).toFixed(1)} |`);
  }
  return { ...engine, machine, finished, many };
}

/** CPU microseconds of this process for each of so many operations. */
async function cost(operations: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / operations;
}

const OPERATIONS: Readonly<Record<string, (store: Filled) => Promise<number>>> = {
  'start, run and end an execution': ({ many }) => cost(PER_ROUND, () => many(PER_ROUND)),
  'list the newest 100': ({ store }) =>
    cost(20, async () => {
      for (let i = 0; i < 20; i++) await store.list({ limit: 100 });
    }),
  'list 100 that succeeded': ({ store, machine }) =>
    cost(20, async () => {
      for (let i = 0; i < 20; i++) await store.list({ limit: 100, stateMachineArn: machine, status: 'SUCCEEDED' });
    }),
  'list 100 that failed, of which there are none': ({ store, machine }) =>
    cost(20, async () => {
      for (let i = 0; i < 20; i++) await store.list({ limit: 100, stateMachineArn: machine, status: 'FAILED' });
    }),
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const directory = mkdtempSync(join(tmpdir(), 'fanfold-growth-'));
try {
  const few = await fill(join(directory, 'few'), Number(options.few), false);
  const many = await fill(join(directory, 'many'), Number(options.many), true);
  console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, medians of ${options.rounds} rounds\n`);
  console.log(`| CPU µs | with ${few.finished} finished | with ${many.finished} finished | ratio |\n|---|---|---|---|`);
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const costs: [number[], number[]] = [[], []];
    for (let i = 0; i < Number(options.rounds); i++) {
      costs[0].push(await operation(few));
      costs[1].push(await operation(many));
    }
    const [a, b] = costs.map(median) as [number, number];
    console.log(`| ${name} | ${a.toFixed(1)} | ${b.toFixed(1)} | ${(b / a).toFixed(2)} |`);
  }
  console.log(`\n| executions finished so far | RSS MB | heap MB |\n|---|---|---|\n${rows.join('\n')}`);
  await few.close();
  await many.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
