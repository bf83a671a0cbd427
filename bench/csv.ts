/**
 * A file of 1,000,000 orders (95 bytes each, quoted fields, 1 % not valid): validated, enriched from 10,000 products, written
 * as CSV in the order of the file; with `table`, upserted into a table too. Side by side, each in processes of its own:
 *
 * - fanfold: the `batch()` pipeline of the built package, its file in its bucket already, as after an upload
 * - by hand: the script a good engineer would write for it: worker threads on byte ranges, ajv, the same store in its own file
 *   and thread, hashes, rejects with lines and offsets; neither durable nor restartable, and it trusts its own files
 * - naive: csv-parse, zod and csv-stringify, row by row; node:sqlite with a transaction for 10,000 rows
 * - duckdb: SQL in DuckDB; its rejects have no reasons
 * - miller: mlr (apt-get install miller); no table, no reasons
 *
 * All outputs and tables are compared by their values, the rejects of ours and by hand by their bytes, of the others by their
 * number. CPU is user and system time of the whole process with all its threads, its start included.
 *
 * Not measured: the upload of the file, a cold disk, several machines.
 *
 *     npm run bench -- csv [--records 1000000] [--runs 3] [--contender fanfold …] [--case plain|table] [--json]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCsv } from '../packages/fanfold/src/records/index.ts';
import type { Cost, Place, Summary } from './records/contender.ts';
import { OUTPUT_COLUMNS, writeOrders, writeProducts } from './records/orders.ts';

type Case = 'plain' | 'table';

interface Entrant {
  readonly name: string;
  readonly file: string;
  readonly cases: readonly Case[];
  /** Whether its rejects are to be the same bytes as those of the others that have it. */
  readonly sameRejects: boolean;
}

const BOTH: readonly Case[] = ['plain', 'table'];
const ENTRANTS: readonly Entrant[] = [
  { name: 'fanfold', file: 'fanfold.ts', cases: BOTH, sameRejects: true },
  { name: 'by hand', file: 'by-hand/main.ts', cases: BOTH, sameRejects: true },
  { name: 'naive', file: 'peers/naive.mjs', cases: BOTH, sameRejects: false },
  { name: 'duckdb', file: 'peers/duckdb.mjs', cases: BOTH, sameRejects: false },
  { name: 'miller', file: 'peers/miller.mjs', cases: ['plain'], sameRejects: false },
];

const HERE = join(import.meta.dirname, 'records');

interface Made {
  readonly output: Summary;
  readonly table: string;
  readonly rejected: number;
  readonly rejects: string;
}

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    contender: { type: 'string', multiple: true },
    case: { type: 'string', multiple: true, default: [...BOTH] },
    json: { type: 'boolean', default: false },
  },
});
const records = Number(options.records);
const runs = Number(options.runs);
const print = options.json ? (): void => {} : (line: string): void => console.log(line);
const wanted = ENTRANTS.filter(({ name }) => options.contender?.includes(name) ?? true);
if (wanted.some(({ file }) => file.startsWith('peers/')) && !existsSync(join(HERE, 'node_modules'))) {
  console.error('Installing the peers into bench/records/node_modules; they are no part of the workspace.');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: HERE, stdio: ['ignore', 2, 2] });
}
const entrants = wanted.filter(({ name }) => {
  if (name !== 'miller' || spawnSync('mlr', ['--version']).status === 0) return true;
  console.error('miller is left out: there is no mlr. apt-get install miller');
  return false;
});

const root = mkdtempSync(join(tmpdir(), 'fanfold-csv-'));
try {
  await main();
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const orders = join(root, 'orders.csv');
  const products = join(root, 'products.csv');
  writeOrders(orders, records);
  writeProducts(products);
  print(
    `Node ${process.version}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}; medians (least–most) of ${runs} runs\n`,
  );
  const rows: object[] = [];
  for (const which of options.case as Case[]) {
    const costs = new Map<string, Cost[]>();
    const able = entrants.filter(({ cases }) => cases.includes(which));
    const all = new Map<Entrant, Made>();
    for (let turn = 0; turn < runs; turn++)
      for (const entrant of able) {
        const folder = join(root, 'run');
        const place: Place = { folder, orders, products, withTable: which === 'table' };
        step(entrant, 'prepare', place);
        const cost = JSON.parse(step(entrant, 'run', place)) as Cost;
        costs.set(entrant.name, [...(costs.get(entrant.name) ?? []), cost]);
        step(entrant, 'show', place);
        const made = await madeIn(place);
        compare(entrant, made, all);
        rmSync(folder, { recursive: true, force: true });
      }
    report(which, costs);
    rows.push({ case: which, costs: Object.fromEntries(costs) });
  }
  if (options.json) console.log(JSON.stringify({ node: process.version, records, runs, rows }, null, 2));
}

/** The last line that it has printed. */
function step({ name, file }: Entrant, what: string, place: Place): string {
  const child = spawnSync(process.execPath, [join(HERE, 'run-one.ts'), file, what, JSON.stringify(place)], {
    encoding: 'utf8',
    // What Node compiles is kept for all of them, as Fanfold's command keeps it.
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') },
  });
  if (child.status !== 0) throw new Error(`${name} failed in ${what}: ${child.stderr.trim().slice(-2000)}`);
  return child.stdout.trim().split('\n').at(-1) ?? '';
}

async function madeIn({ folder, withTable }: Place): Promise<Made> {
  const output = await summary(join(folder, 'output.csv'), OUTPUT_COLUMNS);
  const { records: rejected } = await summary(join(folder, 'rejects.csv'));
  return {
    output,
    rejected,
    rejects: hashOf(join(folder, 'rejects.csv')),
    table: withTable ? hashOf(join(folder, 'table.jsonl')) : '',
  };
}

async function summary(path: string, columns?: readonly string[]): Promise<Summary> {
  const { batches } = await openCsv(createReadStream(path), columns && { expectedHeader: columns });
  const hash = createHash('sha256');
  let count = 0;
  for await (const entries of batches)
    for (const entry of entries) {
      if (entry.kind === 'reject') throw new Error(`${path} is broken in line ${entry.line}: ${entry.reason}`);
      hash.update(JSON.stringify(entry.fields));
      count++;
    }
  return { records: count, sha256: hash.digest('hex') };
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function compare(entrant: Entrant, made: Made, all: Map<Entrant, Made>): void {
  if (made.output.records + made.rejected !== records)
    throw new Error(`${entrant.name}: ${made.output.records} written and ${made.rejected} rejected are not ${records}`);
  for (const [other, theirs] of all) {
    const same =
      made.output.sha256 === theirs.output.sha256 &&
      made.table === theirs.table &&
      (!entrant.sameRejects || !other.sameRejects || made.rejects === theirs.rejects);
    if (!same)
      throw new Error(`${entrant.name} and ${other.name} have not made the same: ${JSON.stringify([made, theirs])}`);
  }
  all.set(entrant, made);
}

function report(which: Case, costs: ReadonlyMap<string, readonly Cost[]>): void {
  const hand = costs.get('by hand');
  const base = hand && median(hand, ({ cpuSeconds }) => cpuSeconds);
  print(
    `| ${which === 'plain' ? 'without the table' : 'with the table'} | CPU s | wall s | records/s | peak RSS MB | CPU, of by hand |`,
  );
  print('|---|---|---|---|---|---|');
  for (const [name, mine] of costs) {
    const wall = median(mine, ({ wallSeconds }) => wallSeconds);
    const cpu = median(mine, ({ cpuSeconds }) => cpuSeconds);
    print(
      `| ${name} | ${spread(mine, ({ cpuSeconds }) => cpuSeconds, 2)} | ${spread(mine, ({ wallSeconds }) => wallSeconds, 2)} | ${Math.round(records / wall)} | ${spread(mine, ({ peakMb }) => peakMb, 0)} | ${base ? (cpu / base).toFixed(2) : ''} |`,
    );
  }
  print('');
}

function median(costs: readonly Cost[], pick: (cost: Cost) => number): number {
  return costs.map(pick).toSorted((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN;
}

function spread(costs: readonly Cost[], pick: (cost: Cost) => number, digits: number): string {
  const all = costs.map(pick);
  const middle = median(costs, pick).toFixed(digits);
  return costs.length === 1
    ? middle
    : `${middle} (${Math.min(...all).toFixed(digits)}–${Math.max(...all).toFixed(digits)})`;
}
