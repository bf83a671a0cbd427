/** Kills the example at random moments and starts it again, until it ends by itself. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mulberry32 } from '../packages/fanfold/src/interpreter/random.ts';
import { killLater, wasKilled } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { type ExampleReport, mailsIn, reportOf, runExample } from './order-intake.ts';

export interface KillParams {
  readonly records: number;
  readonly kills: number;
  readonly seed: number;
}

/** The output, rejects and mails of a run that was killed must be those of one that was not. */
export async function expectSameWhenKilled({ records, kills, seed }: KillParams): Promise<void> {
  const args = ['--records', String(records), '--seed', '3'];
  const folders = [
    mkdtempSync(join(tmpdir(), 'fanfold-calm-')),
    mkdtempSync(join(tmpdir(), 'fanfold-killed-')),
  ] as const;
  const [calmFolder, killedFolder] = folders;
  try {
    const began = performance.now();
    const calm = reportOf(await runExample(calmFolder, args));
    const undisturbed = performance.now() - began;
    const random = mulberry32(seed);
    let killed = 0;
    for (; killed < kills; killed++) {
      // Moments from the start-up to the end of an undisturbed run; what is left to do shrinks, so most fall into work.
      const moment = random() * undisturbed * (killed < kills / 2 ? 1 : 0.5);
      const finished = await runExample(killedFolder, args, { started: killLater(moment) });
      if (finished.signal === null) {
        // It ended before its moment came: the next start is a new run, which must not be mixed with this one.
        expect(finished.code, finished.stderr).toBe(0);
        compare(calm, reportOf(finished));
        rmSync(killedFolder, { recursive: true, force: true });
      }
    }
    const last = await runExample(killedFolder, args);
    expect(last.code, last.stderr).toBe(0);
    compare(calm, reportOf(last));
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that was killed when all was done is over, and the next start is another run, with a mail of its own. */
function compare(calm: ExampleReport, killed: ExampleReport): void {
  const runs = Number(/-run(\d+)\./.exec(killed.output)?.[1]);
  const { read, written, filtered, rejected } = calm;
  expect(killed).toMatchObject({ status: 'SUCCEEDED', read, written, filtered, rejected });
  expect(readFileSync(killed.output).equals(readFileSync(calm.output))).toBe(true);
  expect(readFileSync(killed.rejects).equals(readFileSync(calm.rejects))).toBe(true);
  expect(mailsIn(killed.mails).length).toBe(runs);
}

/** Kills a run of a few records at one point, and lets it go on. @returns what does not hold; null when it ended before */
export async function killExampleAt(inject: string, calm: ExampleReport): Promise<readonly string[] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-point-'));
  try {
    if (!wasKilled(await runExample(folder, FEW_RECORDS, { inject }))) return null;
    const last = await runExample(folder, FEW_RECORDS);
    if (last.code !== 0) return [`it ended with ${last.code}: ${last.stderr}`];
    compare(calm, reportOf(last));
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FEW_RECORDS = ['--records', '10', '--seed', '3'];

/** What a run of a few records comes to, undisturbed. */
export async function calmExample(folder: string): Promise<ExampleReport> {
  return reportOf(await runExample(folder, FEW_RECORDS));
}
