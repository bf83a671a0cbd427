/**
 * Which run is under way, in a small file beside the data: written before the input is dropped, removed after the report.
 * A run that was cut off in between is found by it.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface PlannedRun {
  /** Counts the runs of this directory, so that each has an input of its own name. */
  readonly number: number;
  readonly records: number;
  readonly seed: number;
  /** Of the input. */
  readonly fileName: string;
}

export async function unfinishedRun(directory: string): Promise<PlannedRun | undefined> {
  return read<PlannedRun>(join(directory, 'work', 'run.json'));
}

export async function beginRun(directory: string, params: Pick<PlannedRun, 'records' | 'seed'>): Promise<PlannedRun> {
  const last = await read<PlannedRun>(join(directory, 'work', 'last-run.json'));
  const number = (last?.number ?? 0) + 1;
  const run = { number, ...params, fileName: `orders-${params.records}-seed${params.seed}-run${number}.csv` };
  await write(join(directory, 'work', 'run.json'), run);
  return run;
}

/** The run was reported: the next one is a fresh one. */
export async function endRun(directory: string): Promise<void> {
  const run = await unfinishedRun(directory);
  if (run) await write(join(directory, 'work', 'last-run.json'), run);
  await rm(join(directory, 'work', 'run.json'), { force: true });
}

async function read<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(file: string, content: PlannedRun): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.tmp`, JSON.stringify(content), { flush: true });
  await rename(`${file}.tmp`, file);
}
