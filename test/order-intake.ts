/** Runs the order-intake example as its user does: as a process of its own, on a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '..', 'examples', 'order-intake', 'run.ts');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param started is given the process, so that a test can end it */
export async function runExample(
  directory: string,
  args: readonly string[],
  started?: (child: ChildProcess) => void,
): Promise<Finished> {
  const child = spawn(process.execPath, [SCRIPT, '--directory', directory, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  started?.(child);
  const { promise, resolve } = Promise.withResolvers<Finished>();
  child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  return promise;
}

export interface ExampleReport {
  readonly status: string;
  readonly read: number;
  readonly written: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly transitions: number;
  readonly output: string;
  readonly rejects: string;
  readonly mails: string;
}

export function reportOf({ stdout, stderr, code }: Finished): ExampleReport {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`The example ended with code ${code} and no report.\n${stderr}`);
  return JSON.parse(last) as ExampleReport;
}

export function mailsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.eml'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}
