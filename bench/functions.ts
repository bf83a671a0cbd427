/**
 * What an invocation of a function and the start of a job cost, in CPU time of this process and of those that it started: a
 * module in worker threads, a program in Python and one in Node behind Lambda's runtime API, each cold (a new worker or process) and
 * warm; and a job of a program that does nothing. Wall-clock time stands beside it. Every result is checked.
 *
 * Not measured: work in the functions, the engine around them, HTTP from outside, containers.
 *
 *     npm run bench -- functions [--warm 5000] [--cold 20] [--jobs 40]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Job } from '../packages/fanfold/src/ports/jobs.ts';
import { openLocalJobs } from '../packages/fanfold/src/services/jobs/jobs.ts';
import {
  createFunctions,
  type FunctionHost,
  type FunctionParams,
} from '../packages/fanfold/src/services/lambda/pool.ts';
import { PYTHON_BOOTSTRAP } from '../packages/fanfold/src/services/lambda/process/python.ts';
import { machineClock } from '../packages/fanfold/src/testing/clocks.ts';

const { values } = parseArgs({
  options: {
    warm: { type: 'string', default: '5000' },
    cold: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '40' },
  },
});
const counts = { warm: Number(values.warm), cold: Number(values.cold), jobs: Number(values.jobs) };
const AT_ONCE = 2;

const folder = mkdtempSync(join(tmpdir(), 'fanfold-functions-bench-'));
writeFileSync(join(folder, 'fn.mjs'), 'export const handler = ({ n }) => ({ n: n + 1 });');
writeFileSync(join(folder, 'app.py'), 'def handler(event, context):\n    return {"n": event["n"] + 1}\n');
const CLIENT = fileURLToPath(new URL('../packages/fanfold/src/testing/runtime-client.fixture.ts', import.meta.url));

const kinds: Readonly<Record<string, FunctionParams>> = {
  'module in a worker thread': { module: join(folder, 'fn.mjs'), timeoutSeconds: 60 },
  'handler in Python': {
    command: ['python3', fileURLToPath(PYTHON_BOOTSTRAP)],
    folder,
    handler: 'app.handler',
    tether: true,
    timeoutSeconds: 60,
  },
  'program in Node': { command: [process.execPath, CLIENT, 'echo'], folder, timeoutSeconds: 60 },
};

function open(fn: FunctionParams) {
  return createFunctions({
    functions: { fn },
    host: { log: () => {} } as Partial<FunctionHost> as FunctionHost,
    objectsModule: new URL('../packages/fanfold/src/services/s3/objects.ts', import.meta.url),
    region: 'us-east-1',
    account: '000000000000',
    workers: 1,
    processes: 1,
  });
}

async function call(functions: ReturnType<typeof open>, n: number): Promise<void> {
  const result = await functions.invoke({ functionName: 'fn', payload: JSON.stringify({ n }), idempotencyKey: 'k' });
  const value = result.kind === 'returned' ? (JSON.parse(result.payload) as { n: number }).n : Number.NaN;
  if (value !== n + 1 && value !== n) throw new Error(JSON.stringify(result));
}

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** CPU time of this process; of one that has ended, its own too. */
async function measure(times: number, run: () => Promise<void>): Promise<Cost> {
  const before = cpu();
  const began = performance.now();
  await run();
  return { cpuMs: (cpu() - before) / times, wallMs: (performance.now() - began) / times };
}

/** Milliseconds, of this process, its threads and its children that were waited for. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** From /proc, in steps of 10 ms; 0 elsewhere, where only this process is counted. */
function childrenMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

function show(name: string, { cpuMs, wallMs }: Cost): void {
  const per = (ms: number): string => (1000 / ms).toFixed(ms > 100 ? 1 : 0);
  console.log(`| ${name} | ${cpuMs.toFixed(3)} | ${per(cpuMs)} | ${wallMs.toFixed(3)} | ${per(wallMs)} |`);
}

async function functions(): Promise<void> {
  for (const [name, fn] of Object.entries(kinds)) {
    const cold = await measure(counts.cold, async () => {
      for (let i = 0; i < counts.cold; i++) {
        const opened = open(fn);
        await call(opened, i);
        await opened.close();
      }
    });
    show(`${name}, cold`, cold);
    const opened = open(fn);
    await call(opened, 0);
    // Of a process that lives on only this side is counted: its own time comes in when it has ended.
    const warm = await measure(counts.warm, async () => {
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < counts.warm) await call(opened, next++);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, caller));
      await opened.close();
    });
    show(`${name}, warm`, warm);
  }
}

async function jobs(): Promise<void> {
  const ended = new Map<string, PromiseWithResolvers<Job>>();
  const local = openLocalJobs({
    directory: folder,
    environments: { default: { milliCpus: 64_000, memory: 1_000_000 } },
    programs: {},
    volumes: [],
    endpoint: () => 'http://127.0.0.1:1',
    region: 'us-east-1',
    clock: machineClock,
    logger: { info: () => {}, warn: console.error, error: console.error },
    tell: async (job) => ended.get(job.id)?.resolve(job),
    awaited: async () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  const run = async (id: string): Promise<void> => {
    const end = Promise.withResolvers<Job>();
    ended.set(id, end);
    await local.submit({
      id,
      face: 'bench',
      task: { executionArn: 'arn', frame: '0', attempt: 0 },
      details: {},
      checkpoint: id,
      spec: {
        name: 'nothing',
        environmentName: 'default',
        priority: 1,
        image: null,
        argv: ['true'],
        start: 'argv',
        environment: {},
        secrets: {},
        attemptVariable: null,
        mounts: [],
        milliCpus: 1000,
        memory: 64,
        attempts: 1,
        exitRules: [],
        attemptSeconds: null,
        deadlineSeconds: null,
        backoffSeconds: null,
        keepSeconds: null,
      },
    });
    const { status } = await end.promise;
    if (status !== 'SUCCEEDED') throw new Error(`The job ${id} ended as ${status}`);
  };
  const cost = await measure(counts.jobs, async () => {
    for (let i = 0; i < counts.jobs; i++) await run(`job-${i}`);
  });
  show('job of a program that does nothing', cost);
  await local.close();
}

try {
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  console.log('| start | CPU ms | a CPU second | wall ms | a second |');
  console.log('|---|---|---|---|---|');
  await functions();
  await jobs();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
