/**
 * 10,000 tasks forked by one Map, at most 100 at once, each a call that answers at once, gathered in order: the durable
 * engine with its full history, beside the floor: what `node:sqlite` alone can commit of two journal rows a task, all rows
 * of one turn of the event loop in one transaction. Medians of three runs each, in one process, outputs checked.
 *
 * Not measured: real work in the tasks, worker threads, HTTP, recovery, several executions at once.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../packages/fanfold/src/app/system-clock.ts';
import { Value } from '../packages/fanfold/src/interpreter/value.ts';
import { silentLogger } from '../packages/fanfold/src/ports/logger.ts';
import { createDriver } from '../packages/fanfold/src/runtimes/driver.ts';
import { createMachines } from '../packages/fanfold/src/runtimes/machines.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';

const TASKS = 10_000;
const AT_ONCE = 100;
const RUNS = 3;
/** About 55 bytes, another one for each task. */
const resultOf = (task: number): string =>
  `{"ok":true,"echo":"a result of task ${String(task).padStart(6)}, not short"}`;
const PLACE = { region: 'us-east-1', account: '000000000000' };

const DEFINITION = JSON.stringify({
  StartAt: 'Fan out',
  States: {
    'Fan out': {
      Type: 'Map',
      MaxConcurrency: AT_ONCE,
      ItemProcessor: {
        StartAt: 'Work',
        States: { Work: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', End: true } },
      },
      End: true,
    },
  },
});

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** When the last task was done: the write-ahead log with what it has not yet given to the database. */
  readonly bytes: number;
}

interface Result extends Measured {
  /** After closing: the database alone, and the files of large values. */
  readonly settledBytes: number;
}

type Durability = 'normal' | 'full';

async function engine(durability: Durability): Promise<Result> {
  return withFolder(async (directory, measure) => {
    const store = createSqliteStore({ directory, durability });
    const machines = createMachines({ store, clock: systemClock, ...PLACE });
    const driver = createDriver({
      store,
      machines,
      clock: systemClock,
      logger: silentLogger,
      seed: () => 1,
      tokenSecret: 'bench',
      window: AT_ONCE,
      services: () => {
        let task = 0;
        return { perform: async () => ({ kind: 'succeeded', output: Value.ofText(resultOf(task++)) }) };
      },
      onClosed: async () => {},
      onFatal: (error) => {
        throw error;
      },
    });
    const { arn } = await machines.put({
      name: 'fan-out',
      definition: DEFINITION,
      roleArn: 'arn:aws:iam::0:role/x',
      type: 'STANDARD',
    });
    const input = JSON.stringify(Array.from({ length: TASKS }, (_, i) => ({ i })));
    const measured = await measure(async () => {
      const { executionArn } = await driver.executions.start({ stateMachineArn: arn, input });
      const { status, output } = await driver.executions.closed(executionArn);
      const results = output?.json as readonly unknown[] | undefined;
      if (status !== 'SUCCEEDED' || results?.length !== TASKS) throw new Error(`The engine ended ${status}`);
    });
    await driver.close();
    await store.close();
    return { ...measured, settledBytes: sizeOf(directory) };
  });
}

async function floor(durability: Durability): Promise<Result> {
  return withFolder(async (directory, measure) => {
    const db = new DatabaseSync(join(directory, 'floor.db'));
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
    db.exec('CREATE TABLE journal (id INTEGER PRIMARY KEY, task INTEGER NOT NULL, body TEXT NOT NULL)');
    const insert = db.prepare('INSERT INTO journal (task, body) VALUES (?, ?)');
    const measured = await measure(async () => {
      for (let done = 0; done < TASKS; done += AT_ONCE) {
        db.exec('BEGIN');
        for (let task = done; task < done + AT_ONCE; task++) {
          insert.run(task, '{"started":true}');
          insert.run(task, resultOf(task));
        }
        db.exec('COMMIT');
        await new Promise(setImmediate);
      }
    });
    const { rows } = db.prepare('SELECT count(*) AS rows FROM journal').get() as { rows: number };
    if (rows !== 2 * TASKS) throw new Error(`The floor kept ${rows} rows`);
    db.close();
    return { ...measured, settledBytes: sizeOf(directory) };
  });
}

async function withFolder(
  run: (directory: string, measure: (work: () => Promise<void>) => Promise<Measured>) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-bench-'));
  try {
    return await run(directory, async (work) => {
      const cpu = process.cpuUsage();
      const began = performance.now();
      await work();
      const seconds = (performance.now() - began) / 1000;
      const used = process.cpuUsage(cpu);
      return { seconds, cpuSeconds: (used.user + used.system) / 1e6, bytes: sizeOf(directory) };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sizeOf(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

console.log('| system | durability | tasks/s | CPU µs a task | bytes a task, at the end | settled |');
console.log('|---|---|---|---|---|---|');
for (const durability of ['normal', 'full'] as const) {
  const rates: number[] = [];
  for (const [name, run] of [
    ['Fanfold', engine],
    ['floor', floor],
  ] as const) {
    const runs: Result[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await run(durability));
    const rate = TASKS / median(runs.map(({ seconds }) => seconds));
    const cpu = (median(runs.map(({ cpuSeconds }) => cpuSeconds)) / TASKS) * 1e6;
    const bytes = median(runs.map(({ bytes }) => bytes)) / TASKS;
    const settled = median(runs.map(({ settledBytes }) => settledBytes)) / TASKS;
    rates.push(rate);
    console.log(
      `| ${name} | ${durability} | ${Math.round(rate)} | ${cpu.toFixed(1)} | ${Math.round(bytes)} | ${Math.round(settled)} |`,
    );
  }
  console.log(`| ratio to the floor | ${durability} | ${((rates[0] ?? 0) / (rates[1] ?? 1)).toFixed(2)} | | | |`);
}
