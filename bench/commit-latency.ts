/**
 * How long a commit takes under load, from when the engine hands it over until it is durable: 100 executions at once, each
 * of 5 tasks in a row that answer with 2 KB, until 40,000 tasks are done. A process and a folder of its own for each run.
 * Beside that the longest time for which the event loop stood still, and the longest write-ahead log.
 *
 * Not measured: real work in the tasks, tables and objects, backups.
 *
 *     npm run bench -- commit-latency [--executions 8000] [--durability full]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Value } from '../packages/fanfold/src/interpreter/value.ts';
import type { Store } from '../packages/fanfold/src/ports/store.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { FUNCTION, openEngine } from './engine.ts';

const AT_ONCE = 100;
const STEPS = 5;
const ANSWER_BYTES = 2000;

const { values: options } = parseArgs({
  options: {
    executions: { type: 'string', default: '8000' },
    durability: { type: 'string', default: 'normal' },
  },
});
const executions = Number(options.executions);

const directory = mkdtempSync(join(tmpdir(), 'fanfold-commits-'));
try {
  const sqlite = createSqliteStore({ directory, durability: options.durability === 'full' ? 'full' : 'normal' });
  const latencies: number[] = [];
  const timed =
    <Args extends readonly unknown[], T>(write: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const began = performance.now();
      const result = await write(...args);
      latencies.push(performance.now() - began);
      return result;
    };
  const store: Store = { ...sqlite, create: timed(sqlite.create), commit: timed(sqlite.commit) };
  let answers = 0;
  const { put, run, close } = openEngine({
    store,
    perform: async () => ({
      kind: 'succeeded',
      output: Value.ofJson({ answer: String(answers++).padStart(ANSWER_BYTES, '.') }),
    }),
  });
  const states = Array.from({ length: STEPS }, (_, i) => {
    const then = i + 1 === STEPS ? { End: true } : { Next: `Step${i + 2}` };
    return [`Step${i + 1}`, { Type: 'Task', Resource: FUNCTION, ...then }] as const;
  });
  const machine = await put('in-a-row', { StartAt: 'Step1', States: Object.fromEntries(states) });
  const runMany = async (count: number): Promise<void> => {
    let next = 0;
    const runner = async (): Promise<void> => {
      while (next++ < count) await run(machine, '{}');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, runner));
  };
  await runMany(executions / 10);
  latencies.length = 0;
  answers = 0;
  let longestLog = 0;
  const watch = setInterval(() => {
    longestLog = Math.max(longestLog, statSync(join(directory, 'engine.db-wal'), { throwIfNoEntry: false })?.size ?? 0);
  }, 100);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const began = performance.now();
  const cpu = process.cpuUsage();
  await runMany(executions);
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  loop.disable();
  clearInterval(watch);
  if (answers !== executions * STEPS) throw new Error(`${answers} tasks answered`);
  await close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (q: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2);
  console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, durability ${options.durability}\n`);
  console.log('| tasks/s | CPU µs a task | commit p50 ms | p99 | p99.9 | max | event loop max ms | log max MB |');
  console.log('|---|---|---|---|---|---|---|---|');
  const cost = (used.user + used.system) / answers;
  console.log(
    `| ${Math.round(answers / seconds)} | ${cost.toFixed(1)} | ${at(0.5)} | ${at(0.99)} | ${at(0.999)} | ${at(1)} ` +
      `| ${(loop.max / 1e6).toFixed(1)} | ${(longestLog / 1e6).toFixed(1)} |`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
