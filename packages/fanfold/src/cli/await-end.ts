/** Waits for the end of an execution, and tells it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Execution, isClosed } from '../interpreter/execution.ts';
import { executionJson, executionSummary } from './execution-text.ts';
import { ExitCode } from './exit.ts';
import type { ExecutionAccess } from './project-access.ts';

export interface AwaitOptions {
  /** Seconds. @defaultValue for ever */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** @returns the exit code: 0 for a success, 1 for a failure, 5 when the time is up */
export async function awaitEnd(
  access: ExecutionAccess,
  executionArn: string,
  { timeout, json }: AwaitOptions,
): Promise<number> {
  const milliseconds = timeout === undefined ? Number.POSITIVE_INFINITY : timeout * 1000;
  const ended = await (access.remote ? poll : race)(access, executionArn, milliseconds);
  if (!ended) {
    process.stderr.write(`fanfold: The execution still runs after ${timeout} s: ${executionArn}\n`);
    return ExitCode.timedOut;
  }
  process.stdout.write(json ? `${JSON.stringify(executionJson(ended))}\n` : executionSummary(ended));
  return ended.status === 'SUCCEEDED' ? ExitCode.ok : ExitCode.failed;
}

const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1000;

async function poll(
  { executions }: ExecutionAccess,
  executionArn: string,
  timeout: number,
): Promise<Execution | undefined> {
  const latest = performance.now() + timeout;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.5, SLOWEST_POLL_MS)) {
    const execution = await executions.describe(executionArn);
    if (isClosed(execution)) return execution;
    const left = latest - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(pause, left));
  }
}

/** The execution runs in this process. */
async function race(access: ExecutionAccess, executionArn: string, timeout: number): Promise<Execution | undefined> {
  const timer = new AbortController();
  const waits: Promise<Execution | undefined>[] = [
    access.executions.closed(executionArn),
    access.failed.then((reason) => Promise.reject(reason)),
  ];
  if (timeout !== Number.POSITIVE_INFINITY)
    waits.push(sleep(timeout, undefined, { signal: timer.signal }).catch(() => undefined));
  try {
    return await Promise.race(waits);
  } finally {
    timer.abort();
  }
}
