/**
 * Which run is under way, in a small file beside the data: written before anything is started, removed after the report.
 * A run that was cut off in between is found by it.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The folder of an example in which runs leave what they have made. */
export const RESULTS = 'results';

export type PlannedRun<Params extends object> = Params & {
  /** Counts the runs of this directory, so that each has inputs and executions of its own name. */
  readonly number: number;
  readonly way: 'machines' | 'batch';
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
};

export async function unfinishedRun<Params extends object>(directory: string): Promise<PlannedRun<Params> | undefined> {
  return read<PlannedRun<Params>>(join(directory, RESULTS, 'run.json'));
}

export async function beginRun<Params extends object>(
  directory: string,
  way: PlannedRun<object>['way'],
  params: Params,
): Promise<PlannedRun<Params>> {
  const last = await read<PlannedRun<object>>(join(directory, RESULTS, 'last-run.json'));
  const run = { ...params, way, number: (last?.number ?? 0) + 1, begunAt: Date.now() };
  await write(join(directory, RESULTS, 'run.json'), run);
  return run;
}

/** The run was reported: the next one is a fresh one. */
export async function endRun(directory: string): Promise<void> {
  const run = await unfinishedRun<object>(directory);
  if (run) await write(join(directory, RESULTS, 'last-run.json'), run);
  await rm(join(directory, RESULTS, 'run.json'), { force: true });
}

async function read<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.tmp`, JSON.stringify(content), { flush: true });
  await rename(`${file}.tmp`, file);
}
