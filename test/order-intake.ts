/** Runs the order-intake example as its user does: as a process of its own, on a folder of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, type RunParams, runNode } from '../packages/fanfold/src/testing/kill.fixture.ts';

const SCRIPT = join(import.meta.dirname, '..', 'examples', 'order-intake', 'run.ts');

/** Runs it until it ends, one way or the other. */
export function runExample(
  directory: string,
  args: readonly string[],
  rest: Omit<RunParams, 'args'> = {},
): Promise<Finished> {
  return runNode({ args: [SCRIPT, '--directory', directory, '--json', ...args], ...rest });
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
