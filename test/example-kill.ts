/** Kills an example at random moments and starts it again, until it ends by itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mulberry32 } from '../packages/fanfold/src/interpreter/random.ts';
import { type Finished, killLater } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { type ExampleReport, reportOf, runExample } from './example.ts';

/** A run that has ended by itself, and where its data is. */
export interface Ended<Report extends ExampleReport> {
  readonly report: Report;
  readonly directory: string;
}

/** Expects of a run that was killed what must be as it is of one that was not. */
export type Compare<Report extends ExampleReport = ExampleReport> = (
  calm: Ended<Report>,
  killed: Ended<Report>,
) => void | Promise<void>;

export interface KillParams<Report extends ExampleReport> {
  /** Of the example. */
  readonly name: string;
  readonly args: readonly string[];
  readonly kills: number;
  readonly seed: number;
  readonly compare: Compare<Report>;
  /** Where the example is, when it is a copy. */
  readonly examples?: string;
}

export async function expectSameWhenKilled<Report extends ExampleReport>(params: KillParams<Report>): Promise<void> {
  const { name, args, kills, seed, compare, examples } = params;
  const at = examples === undefined ? {} : { examples };
  const folders = [
    mkdtempSync(join(tmpdir(), 'fanfold-calm-')),
    mkdtempSync(join(tmpdir(), 'fanfold-killed-')),
  ] as const;
  const [calmFolder, killedFolder] = folders;
  try {
    const began = performance.now();
    const calm = { report: reportOf<Report>(await runExample(name, calmFolder, args, at)), directory: calmFolder };
    const judge = (finished: Finished): void | Promise<void> =>
      compare(calm, { report: reportOf<Report>(finished), directory: killedFolder });
    const undisturbed = performance.now() - began;
    const random = mulberry32(seed);
    let killed = 0;
    let missed = 0;
    for (; killed < kills; killed++) {
      // Moments from the start-up to the end of an undisturbed run; what is left to do shrinks, so most fall into work.
      const moment = random() * undisturbed * (killed < kills / 2 ? 1 : 0.5);
      const finished = await runExample(name, killedFolder, args, { ...at, started: killLater(moment) });
      if (finished.signal === null) {
        missed++;
        // It ended before its moment came: the next start is a new run, which must not be mixed with this one.
        expect(finished.code, finished.stderr).toBe(0);
        await judge(finished);
        rmSync(killedFolder, { recursive: true, force: true });
      }
    }
    const last = await runExample(name, killedFolder, args, at);
    expect(last.code, last.stderr).toBe(0);
    await judge(last);
    console.log(`${name}: ${kills - missed} of ${kills} kills came before the end`);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}
