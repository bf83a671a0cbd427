/**
 * Durable execution beside other engines, on one machine in one run, every answer checked:
 *
 * - W1: 10,000 tasks forked by one execution, 100 at once, gathered in order (DBOS and Restate: 3,000, for their time)
 * - W2: 1,000 executions of 5 tasks in a row, 100 at once
 * - W3: the latency of one execution of one task, alone
 *
 * Tasks answer at once, so what is measured is the engine. Ours runs its tasks in its own process and keeps the whole
 * event history; peers run theirs in one worker process beside their server, with the server's defaults; the floor is what
 * `node:sqlite` can commit of two bare journal rows a task. `normal` and Redis with an fsync a second survive the death of a
 * process; `full`, PostgreSQL, Restate and Redis with `appendfsync always` a power cut too. Each run is a process and a
 * folder of its own, the engines in turn. In W1 and W2 each engine does a tenth of the work, then all of it (`first`, while
 * its process is young), then all of it again, which is what is measured: engines are processes that live long. CPU is that of
 * the worker process and the server together, servers over all that was done; bytes are those of both in their folder, when
 * the work is done and, settled, when the engine is closed, for each operation that was ever done.
 *
 * Not measured: real work in the tasks, worker threads, several machines, recovery.
 *
 *     npm run bench -- durable [--runs 3] [--workload w1 --workload w3 …] [--engine bullmq …] [--json]
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missing, type ServerName, startServer } from './durable/servers.ts';
import { sizeOf } from './durable/size-of.ts';
import type { Measured, WorkloadName } from './durable/workloads.ts';

interface Engine {
  readonly name: string;
  readonly file: string;
  readonly variant: string;
  readonly server?: ServerName;
  readonly workloads: readonly WorkloadName[];
}

const ALL: readonly WorkloadName[] = ['w1', 'w2', 'w3'];
const ENGINES: readonly Engine[] = [
  { name: 'fanfold normal', file: 'fanfold.ts', variant: 'normal', workloads: ALL },
  { name: 'fanfold full', file: 'fanfold.ts', variant: 'full', workloads: ALL },
  { name: 'floor normal', file: 'floor.ts', variant: 'normal', workloads: ALL },
  { name: 'floor full', file: 'floor.ts', variant: 'full', workloads: ALL },
  { name: 'bullmq everysec', file: 'peers/bullmq.mjs', variant: '', server: 'redis', workloads: ALL },
  { name: 'bullmq always', file: 'peers/bullmq.mjs', variant: '', server: 'redis always', workloads: ALL },
  { name: 'dbos', file: 'peers/dbos.mjs', variant: '', server: 'postgres', workloads: ALL },
  { name: 'pg-boss', file: 'peers/pg-boss.mjs', variant: '', server: 'postgres', workloads: ['w1'] },
  { name: 'restate', file: 'peers/restate.mjs', variant: '', server: 'restate', workloads: ALL },
];

/** What W1 is held to, each a number of times the peer's rate. */
const GOALS: readonly { readonly ours: string; readonly peer: string; readonly times: number }[] = [
  { ours: 'fanfold normal', peer: 'bullmq everysec', times: 8 },
  { ours: 'fanfold normal', peer: 'dbos', times: 40 },
  { ours: 'fanfold normal', peer: 'restate', times: 40 },
  { ours: 'fanfold full', peer: 'bullmq always', times: 10 },
];

const HERE = join(import.meta.dirname, 'durable');
const TIMEOUT_MS = 180_000;
const FIRST_PORT = 27_100;

interface Run {
  readonly rate: number;
  /** The first time. */
  readonly firstRate: number;
  readonly cpuMicros: number;
  /** When the work was done. */
  readonly bytes: number;
  /** After the engine was closed. */
  readonly settled: number;
  readonly p50: number;
  readonly p99: number;
}

let ports = FIRST_PORT;

async function runOne({ name, file, variant, server: wanted }: Engine, workload: WorkloadName): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-durable-'));
  chmodSync(directory, 0o755);
  const port = (ports += 10);
  const server = wanted && (await startServer(wanted, directory, port));
  try {
    const before = sizeOf(directory);
    const cpuBefore = server?.cpuSeconds() ?? 0;
    const child = spawnSync(
      process.execPath,
      [join(HERE, 'run-one.ts'), file, variant, workload, directory, String(port)],
      {
        encoding: 'utf8',
        timeout: TIMEOUT_MS,
        maxBuffer: 64 * 1024 * 1024,
        // Restate's SDK writes two lines for each invocation otherwise.
        env: { ...process.env, RESTATE_LOGGING: 'ERROR' },
      },
    );
    if (child.status !== 0) {
      const why = child.error?.message ?? child.stderr.trim().slice(-1500);
      throw new Error(`${name} failed in ${workload}: ${why}`);
    }
    const measured = JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Measured;
    const serverCpu = (server?.cpuSeconds() ?? 0) - cpuBefore;
    const { operations, seconds, firstSeconds, performed, cpuSeconds, latencies, bytes } = measured;
    return {
      rate: operations / seconds,
      firstRate: operations / firstSeconds,
      cpuMicros: (cpuSeconds / operations + serverCpu / performed) * 1e6,
      bytes: (bytes - before) / performed,
      settled: (sizeOf(directory) - before) / performed,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
    };
  } finally {
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0;
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    workload: { type: 'string', multiple: true, default: [...ALL] },
    engine: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const print = options.json ? (): void => {} : (line: string): void => console.log(line);
const chosen = ENGINES.filter(({ name }) => options.engine?.some((part) => name.includes(part)) ?? true);

if (chosen.some(({ file }) => file.startsWith('peers/')) && !existsSync(join(HERE, 'node_modules'))) {
  console.error('Installing the peers into bench/durable/node_modules; they are no part of the workspace.');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: HERE, stdio: ['ignore', 2, 2] });
}
const here = chosen.filter(({ name, server }) => {
  const why = server && missing(server);
  if (why) console.error(`${name} is left out: ${why}`);
  return !why;
});

print(
  `Node ${process.version}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}; medians (least–most) of ${runs} runs\n`,
);
const rows: object[] = [];
const rates = new Map<string, Pick<Run, 'rate' | 'firstRate'>>();
for (const workload of options.workload as WorkloadName[]) {
  const results = new Map<string, Run[]>(here.map(({ name }) => [name, []]));
  const able = here.filter(({ workloads }) => workloads.includes(workload));
  for (let i = 0; i < runs; i++)
    for (const engine of able) results.get(engine.name)?.push(await runOne(engine, workload));
  print(
    workload === 'w3'
      ? '| w3 | p50 ms | p99 ms | CPU µs | bytes | settled |'
      : `| ${workload} | tasks/s | first | CPU µs a task | bytes a task | settled |`,
  );
  print('|---|---|---|---|---|---|');
  for (const { name } of able) {
    const mine = results.get(name) ?? [];
    const median = (pick: (run: Run) => number): number => quantile(mine.map(pick), 0.5);
    const spread = (pick: (run: Run) => number, digits = 0): string => {
      const all = mine.map(pick);
      return `${median(pick).toFixed(digits)} (${Math.min(...all).toFixed(digits)}–${Math.max(...all).toFixed(digits)})`;
    };
    const cost = `${spread(({ cpuMicros }) => cpuMicros, 1)} | ${spread(({ bytes }) => bytes)} | ${spread(({ settled }) => settled)}`;
    if (workload === 'w3')
      print(`| ${name} | ${spread(({ p50 }) => p50, 2)} | ${spread(({ p99 }) => p99, 2)} | ${cost} |`);
    else print(`| ${name} | ${spread(({ rate }) => rate)} | ${spread(({ firstRate }) => firstRate)} | ${cost} |`);
    if (workload === 'w1') {
      const all = { rate: median(({ rate }) => rate), firstRate: median(({ firstRate }) => firstRate) };
      rates.set(name, all);
    }
    rows.push({ workload, engine: name, runs: mine });
  }
  print('');
}
for (const { ours, peer, times } of GOALS) {
  const [mine, theirs] = [rates.get(ours), rates.get(peer)];
  if (!mine || !theirs) continue;
  const first = (mine.firstRate / theirs.firstRate).toFixed(1);
  print(
    `W1: ${ours} is ${(mine.rate / theirs.rate).toFixed(1)} times ${peer} (goal ${times}; the first time ${first})`,
  );
}
if (options.json)
  console.log(JSON.stringify({ node: process.version, processors: cpus().length, runs, rows }, null, 2));
