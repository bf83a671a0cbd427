/** Runs an example as its user does: as a process of its own, on a folder of its own. */
import { join } from 'node:path';
import { type Finished, type RunParams, runNode } from '../packages/fanfold/src/testing/kill.fixture.ts';

const EXAMPLES = join(import.meta.dirname, '..', 'examples');

/** Runs it until it ends, one way or the other. @param rest `examples`: the folder that it is in, where that is another */
export function runExample(
  name: string,
  directory: string,
  args: readonly string[],
  { examples = EXAMPLES, ...rest }: Omit<RunParams, 'args'> & { readonly examples?: string } = {},
): Promise<Finished> {
  const script = join(examples, name, 'run.ts');
  return runNode({ args: [script, '--directory', directory, '--json', ...args], ...rest });
}

/** What every example tells of a run. */
export interface ExampleReport {
  readonly status: string;
  readonly error: string | null;
  readonly seconds: number;
  readonly read: number;
  readonly written: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly transitions: number;
}

export function reportOf<Report extends ExampleReport = ExampleReport>({ stdout, stderr, code }: Finished): Report {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`The example ended with code ${code} and no report.\n${stderr}`);
  return JSON.parse(last) as Report;
}
