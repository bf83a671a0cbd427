/**
 * Upserts into a table through BatchWriteItem, 25 items of some 200 bytes a request: in process, by the words of the API, and on the
 * wire, by a client with 8 connections that signs nothing. Each item is written twice.
 *
 * Then the engine's commits while such a load is written on the wire, by a process of its own, as fast as it can and at a given
 * rate. Beside a load of which nothing comes to this process, but that takes as much of the processors (as much as the client took
 * in one process, as much as the tables took here in another), they tell what waiting for a processor costs. Less the time for
 * which the engine's thread waited for one, they tell what it did itself. All contenders in turn, several rounds, medians. The
 * engine does as much as it can, or with `--pace` starts so many executions a second. With `--behind` the processes beside it step back
 * where it wants their processor, as if they had some of their own.
 *
 * Not measured: AWS's own clients (signing and their layers cost more than the server), other sizes of items, a full disk.
 *
 *     npm run bench -- tables [--items 50000] [--executions 3000] [--rounds 5] [--rate 10000] [--pace 1000] [--behind]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openLocalTables } from '../packages/fanfold/src/services/dynamodb/tables.ts';
import { type Commits, type CommitsParams, measureCommits } from './tables/commits.ts';
import type { NeighbourReport } from './tables/neighbour.ts';
import { type Call, CREATE, countOf, openClient, upsert } from './tables/upserts.ts';

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '50000' },
    executions: { type: 'string', default: '3000' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '10000' },
    pace: { type: 'string', default: '0' },
    behind: { type: 'boolean', default: false },
  },
});
const items = Number(options.items);
const executions = Number(options.executions);
const rounds = Number(options.rounds);
const rate = Number(options.rate);
const pace = Number(options.pace);
const root = mkdtempSync(join(tmpdir(), 'fanfold-tables-'));

async function upsertTwice(name: string, call: Call): Promise<string> {
  await call('CreateTable', CREATE);
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let round = 0; round < 2; round++) await upsert({ call, items });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if ((await countOf(call)) !== items) throw new Error('items are missing');
  const count = items * 2;
  return `| ${name} | ${Math.round(count / seconds)} | ${((user + system) / count).toFixed(1)} |`;
}

async function inProcess(): Promise<string> {
  const tables = await openLocalTables({ directory: join(root, 'in-process'), tables: [] });
  const row = await upsertTwice('in process', tables.api.call);
  await tables.close();
  return row;
}

async function onTheWire(): Promise<string> {
  const launcher = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');
  const args = [launcher, 'serve', '--json', '--port', '0', '--data', join(root, 'wire')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: root });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const client = openClient((JSON.parse(line) as { endpoint: string }).endpoint);
  const row = await upsertTwice('on the wire (CPU of the client)', client.call);
  client.close();
  child.kill();
  await once(child, 'close');
  return row;
}

/** @returns ends it, and tells what it has done */
async function startNeighbour(...args: readonly string[]): Promise<() => Promise<NeighbourReport>> {
  const script = join(import.meta.dirname, 'tables', 'neighbour.ts');
  const place = options.behind ? ['--behind'] : [];
  const child = spawn(process.execPath, [script, ...args, ...place], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  return async () => {
    child.stdin.end();
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line) as NeighbourReport;
  };
}

const NOTHING = { items: 0, seconds: 1 };

interface Contender {
  readonly name: string;
  readonly runs: Commits[];
}

async function run({ name, runs }: Contender, beside: CommitsParams['beside']): Promise<Commits> {
  const directory = join(root, `${name}-${runs.length}`);
  const commits = await measureCommits({ directory, executions, pace, beside });
  rmSync(directory, { recursive: true });
  runs.push(commits);
  return commits;
}

/** Beside a load of so many items a second, and then beside as much work of others. */
async function runPair(alone: Commits, load: Contender, foreign: Contender, itemsPerSecond: number): Promise<void> {
  let client: NeighbourReport | undefined;
  const beside = await run(load, async ({ endpoint }) => {
    const end = await startNeighbour('write', endpoint, String(itemsPerSecond));
    return async () => {
      client = await end();
      return { items: client.items, seconds: client.seconds };
    };
  });
  if (!client) throw new Error('The client has told nothing.');
  const tables = Math.max(0.01, (beside.cpu - alone.cpu) / beside.seconds);
  const shares = [client.cpu / client.seconds, Math.min(1, tables), tables - 1].filter((share) => share > 0);
  await run(foreign, async () => {
    const ends = await Promise.all(shares.map((share) => startNeighbour('burn', String(share))));
    return async () => {
      await Promise.all(ends.map((end) => end()));
      return NOTHING;
    };
  });
}

function row({ name, runs }: Contender): string {
  const of = (figure: (run: Commits) => number): string => {
    const sorted = runs.map(figure).toSorted((a, b) => a - b);
    return `${sorted[Math.floor(sorted.length / 2)]?.toFixed(2)} (${sorted[0]?.toFixed(2)}–${sorted.at(-1)?.toFixed(2)})`;
  };
  const at = (sorted: readonly number[], q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
  const mean = (figure: (run: Commits) => number): number =>
    Math.round(runs.reduce((sum, each) => sum + figure(each), 0) / runs.length);
  const rates = `${mean((each) => (executions * 3) / each.seconds)} | ${mean((each) => each.items)}`;
  const figures = [
    of(({ latencies }) => at(latencies, 0.5)),
    of(({ latencies }) => at(latencies, 0.99)),
    of(({ latencies }) => at(latencies, 1)),
    of(({ unhindered }) => at(unhindered, 0.5)),
    of(({ unhindered }) => at(unhindered, 0.99)),
  ];
  return `| ${name} | ${rates} | ${figures.join(' | ')} |`;
}

try {
  console.log(`Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${items} items, each written twice\n`);
  console.log('| BatchWriteItem | items/s | CPU µs an item |\n|---|---|---|');
  console.log(await inProcess());
  console.log(await onTheWire());
  const contender = (name: string): Contender => ({ name, runs: [] });
  const alone = contender('alone');
  const load = contender('beside a load');
  const foreign = contender('beside as much other work');
  const slow = contender(`beside ${rate} items/s`);
  const slowForeign = contender(`beside as much other work as ${rate} items/s`);
  await run(contender('warm'), async () => async () => NOTHING);
  for (let round = 0; round < rounds; round++) {
    const quiet = await run(alone, async () => async () => NOTHING);
    await runPair(quiet, load, foreign, 0);
    await runPair(quiet, slow, slowForeign, rate);
  }
  console.log(
    '\n| commits of the engine | tasks/s | items/s | p50 ms | p99 ms | max ms | p50 less waiting | p99 less waiting |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const each of [alone, load, foreign, slow, slowForeign]) console.log(row(each));
} finally {
  rmSync(root, { recursive: true, force: true });
}
