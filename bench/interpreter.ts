/**
 * The interpreter beside aws-local-stepfunctions, on the same definitions, in memory: transitions per second of CPU time.
 * Ours is the engine as it is, over its store in memory: each step a commit, the whole history kept and read back. The
 * peer keeps none. Each run is a process of its own, in turn (ours, the peer's, ours, …), so that both see the same
 * weather; outputs are checked and compared. Measured is from handing in the input until the output is there: ours takes
 * JSON text and gives text, the peer takes and gives objects. Goals: 3 times the peer's transitions per second of CPU
 * time; less than 1 ms a state for 10 MB passed on; 1,000,000 items in less than 1 GB.
 *
 * Not measured: starting the process, compiling the definition, Task states, files, the store on disk (bench durable),
 * a warm process that runs many executions.
 *
 *     npm run bench -- interpreter [--runs 3] [--case loop --case map …] [--json]
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES, type CaseName } from './interpreter/cases.ts';
import type { Measured } from './interpreter/contender.ts';
import {
  type ContenderName,
  type Failed,
  HEADING,
  lineOf,
  OURS,
  payloadMsAState,
  PEER,
  ratioOf,
  type Row,
  rowOf,
} from './interpreter/rows.ts';

/** What one process may take: twice the goal. */
const HEAP_MB = 2048;
const TIMEOUT_MS = 300_000;

function runOne(contender: ContenderName, name: CaseName): Measured | Failed {
  const script = join(import.meta.dirname, 'interpreter', 'run-one.ts');
  const began = performance.now();
  const child = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, script, contender, name], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  if (child.status === 0) return JSON.parse(child.stdout) as Measured;
  const after = `after ${Math.round((performance.now() - began) / 1000)} s`;
  if (child.signal === 'SIGKILL') return { failed: `not done ${after}` };
  if (child.stderr.includes('heap out of memory')) return { failed: `out of heap (${HEAP_MB} MB) ${after}` };
  throw new Error(`${contender} failed on ${name}: ${child.stderr.trim().slice(-2000)}`);
}

/** @throws Error when the outputs are not the same */
function compare(name: CaseName, runs: number): { readonly ours: Row; readonly peer: Row } {
  const results: Record<ContenderName, (Measured | Failed)[]> = { [OURS]: [], [PEER]: [] };
  for (let i = 0; i < runs; i++) {
    for (const contender of [OURS, PEER] as const) {
      const mine = results[contender];
      // It takes long to fail, and would again.
      if (!mine.some((result) => 'failed' in result)) mine.push(runOne(contender, name));
    }
  }
  const outputs = Object.values(results).flatMap((mine) => mine.flatMap((run) => ('output' in run ? run.output : [])));
  if (new Set(outputs).size > 1) throw new Error(`The outputs of ${name} differ`);
  return { ours: rowOf(name, OURS, results[OURS]), peer: rowOf(name, PEER, results[PEER]) };
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    case: { type: 'string', multiple: true, default: Object.keys(CASES) },
    json: { type: 'boolean', default: false },
  },
});
const names = options.case.map((name) => {
  if (!(name in CASES)) throw new Error(`There is no case ${name}. There are: ${Object.keys(CASES).join(', ')}`);
  return name as CaseName;
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs is ${options.runs}; give a whole number from 1`);
const print = options.json ? (): void => {} : (line: string): void => console.log(line);

const machine = { node: process.version, processors: cpus().length, load: loadavg()[0] };
print(`Node ${machine.node}, ${machine.processors} processors, load ${machine.load?.toFixed(1)}`);
print(`Medians (least–most) of ${runs} runs, each with a heap of at most ${HEAP_MB} MB\n`);
print(HEADING);
const rows: (Row & { readonly ratio?: number })[] = [];
for (const name of names) {
  const { ours, peer } = compare(name, runs);
  const ratio = ratioOf(ours, peer);
  rows.push(ratio === undefined ? ours : { ...ours, ratio }, peer);
  print(lineOf(ours, ratio));
  print(lineOf(peer, undefined));
}
const payload = { [OURS]: payloadMsAState(rows, OURS), [PEER]: payloadMsAState(rows, PEER) };
for (const [contender, ms] of Object.entries(payload))
  if (ms !== undefined) print(`\nOne state more for 10 MB, ${contender}: ${ms.toFixed(2)} ms`);
if (options.json)
  console.log(JSON.stringify({ machine, runs, heapMb: HEAP_MB, rows, payloadMsAState: payload }, null, 2));
