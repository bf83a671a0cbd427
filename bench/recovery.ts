/**
 * How long it takes until everything that was running goes on: a directory with 10,000 running executions, half of them
 * in a task and half in a Wait, is opened, and recovered until each task was called again. Beside that the same with a
 * history ten times as long, and with as many executions that have ended. Checked: all are recovered, each task is called once.
 *
 * Not measured: work that the tasks do, worker threads, outcomes that wait to be told.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskOutcome } from '../packages/fanfold/src/ports/services.ts';
import { createSqliteStore } from '../packages/fanfold/src/runtimes/sqlite/store.ts';
import { type BenchEngine, FUNCTION, openEngine } from './engine.ts';

const RUNNING = 10_000;
const BATCH = 500;
const WORK = { Type: 'Task', Resource: FUNCTION, End: true };
const WAIT = { Type: 'Wait', Seconds: 1_000_000, End: true };
const DONE = { Type: 'Succeed' };

interface Opened extends BenchEngine {
  calls(): number;
}

function open(directory: string): Opened {
  let calls = 0;
  const engine = openEngine({
    store: createSqliteStore({ directory }),
    perform: () => {
      calls += 1;
      return new Promise<TaskOutcome>(() => {});
    },
  });
  return { ...engine, calls: () => calls };
}

/** So many Pass states, and then the last one. */
function machine(passes: number, last: object): object {
  const name = (i: number): string => (i < passes ? `P${i}` : 'Last');
  const states = Array.from({ length: passes }, (_, i) => [name(i), { Type: 'Pass', Next: name(i + 1) }] as const);
  return { StartAt: name(0), States: { ...Object.fromEntries(states), Last: last } };
}

async function startMany({ driver, put }: Opened, name: string, definition: object, count: number): Promise<void> {
  const arn = await put(name, definition);
  for (let begun = 0; begun < count; begun += BATCH)
    await Promise.all(
      Array.from({ length: Math.min(BATCH, count - begun) }, (_, i) =>
        driver.executions.start({ stateMachineArn: arn, name: `${name}-${begun + i}`, input: '{"order":1}' }),
      ),
    );
}

async function measure(passes: number, ended: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-recovery-'));
  try {
    const before = open(directory);
    await startMany(before, 'ended', machine(passes, DONE), ended);
    await startMany(before, 'tasks', machine(passes, WORK), RUNNING / 2);
    await startMany(before, 'waits', machine(passes, WAIT), RUNNING / 2);
    await before.close();
    const began = performance.now();
    const after = open(directory);
    const recovered = await after.driver.recover();
    while (after.calls() < RUNNING / 2) await new Promise(setImmediate);
    const seconds = (performance.now() - began) / 1000;
    if (recovered !== RUNNING || after.calls() !== RUNNING / 2)
      throw new Error(`${recovered} executions were recovered and ${after.calls()} tasks called`);
    const megabytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0) / 1e6;
    await after.close();
    return `| ${RUNNING} | ${passes} | ${ended} | ${megabytes.toFixed(0)} | ${seconds.toFixed(2)} |`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

console.log('| running | Pass states behind each | ended | MB on disk | seconds to recover |');
console.log('|---|---|---|---|---|');
for (const [passes, ended] of [
  [5, 0],
  [50, 0],
  [5, RUNNING],
] as const)
  console.log(await measure(passes, ended));
