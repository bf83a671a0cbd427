/** One workload of one engine, in a process of its own: prints what was measured, after the answers were checked. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { sizeOf } from './size-of.ts';
import {
  type Contender,
  type ContenderModule,
  type Measured,
  RESULT,
  resultOf,
  W1_TASKS,
  W2_EXECUTIONS,
  W2_STEPS,
  W3_ROUNDS,
  W3_WARM_UP,
  type WorkloadName,
} from './workloads.ts';

const [file = '', variant = '', workload = '', directory = '', port = '0'] = process.argv.slice(2);
const module = (await import(pathToFileURL(join(import.meta.dirname, file)).href)) as ContenderModule;
const contender = await module.open({ directory, variant, port: Number(port) });
const measured = await WORKLOADS()[workload as WorkloadName](contender);
const bytes = sizeOf(directory);
await contender.close();
process.stdout.write(`\n${JSON.stringify({ ...measured, bytes } satisfies Measured)}\n`);
process.exit(0);

function WORKLOADS(): Record<WorkloadName, (contender: Contender) => Promise<Omit<Measured, 'bytes'>>> {
  return {
    w1: async (engine) => {
      const tasks = module.w1Tasks ?? W1_TASKS;
      await engine.w1?.(tasks / 10);
      return measureTwice(tasks, async () => {
        const answers = await engine.w1?.(tasks);
        check(answers?.length === tasks && answers.every(isResultOf), 'W1 did not give every task its answer');
      });
    },
    w2: async (engine) => {
      await engine.w2?.(W2_EXECUTIONS / 10, W2_STEPS);
      return measureTwice(W2_EXECUTIONS * W2_STEPS, async () => {
        const steps = await engine.w2?.(W2_EXECUTIONS, W2_STEPS);
        check(steps?.length === W2_EXECUTIONS && steps.every((step) => step === W2_STEPS), 'W2 lost steps');
      });
    },
    w3: async (engine) => {
      const round = async (): Promise<number> => {
        const began = performance.now();
        check(isResult(await engine.w3?.()), 'W3 gave no answer');
        return performance.now() - began;
      };
      for (let i = 0; i < W3_WARM_UP; i++) await round();
      const latencies: number[] = [];
      const measured = await measure(W3_ROUNDS, async () => {
        for (let i = 0; i < W3_ROUNDS; i++) latencies.push(await round());
      });
      return { ...measured, performed: W3_ROUNDS + W3_WARM_UP, latencies };
    },
  };
}

/** Before that a tenth was done. */
async function measureTwice(operations: number, work: () => Promise<void>): Promise<Omit<Measured, 'bytes'>> {
  const { seconds: firstSeconds } = await measure(operations, work);
  return { ...(await measure(operations, work)), firstSeconds, performed: operations * 2.1 };
}

async function measure(operations: number, work: () => Promise<void>): Promise<Omit<Measured, 'bytes'>> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    operations,
    seconds,
    firstSeconds: 0,
    performed: operations,
    cpuSeconds: (user + system) / 1e6,
    latencies: [],
  };
}

function isResultOf(answer: unknown, task: number): boolean {
  return isResult(answer) || JSON.stringify(answer) === JSON.stringify(resultOf(task));
}

function isResult(answer: unknown): boolean {
  return JSON.stringify(answer) === JSON.stringify(RESULT);
}

function check(holds: boolean | undefined, message: string): void {
  if (!holds) throw new Error(message);
}
