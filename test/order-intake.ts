/** The order-intake example: what its reports tell, and its mails. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, type RunParams } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { type ExampleReport, runExample } from './example.ts';

export interface OrderIntakeReport extends ExampleReport {
  readonly output: string;
  readonly rejects: string;
  readonly mails: string;
}

/** Runs it until it ends, one way or the other. */
export function runOrderIntake(
  directory: string,
  args: readonly string[],
  rest: Omit<RunParams, 'args'> = {},
): Promise<Finished> {
  return runExample('order-intake', directory, args, rest);
}

export function mailsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.eml'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}
