/** What must hold of an order-intake run that was killed, at random moments or at one point. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { wasKilled } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { killedAt, type KillPoint, killPoints } from '../packages/fanfold/src/testing/kill-points.fixture.ts';
import { reportOf } from './example.ts';
import { type Compare, expectSameWhenKilled } from './example-kill.ts';
import { mailsIn, type OrderIntakeReport, runOrderIntake } from './order-intake.ts';

/** The output, rejects and mails of a run that was killed must be those of one that was not. */
export function expectSameOrdersWhenKilled(records: number, kills: number, seed: number): Promise<void> {
  const args = ['--records', String(records), '--seed', '3'];
  return expectSameWhenKilled({ name: 'order-intake', args, kills, seed, compare });
}

const compare: Compare<OrderIntakeReport> = (calm, killed) => compareOrders(calm.report, killed.report);

/** A run that was killed when all was done is over, and the next start is another run, with a mail of its own. */
function compareOrders(calm: OrderIntakeReport, killed: OrderIntakeReport): void {
  const runs = Number(/-run(\d+)\./.exec(killed.output)?.[1]);
  const { read, written, filtered, rejected } = calm;
  expect(killed).toMatchObject({ status: 'SUCCEEDED', read, written, filtered, rejected });
  expect(readFileSync(killed.output).equals(readFileSync(calm.output))).toBe(true);
  expect(readFileSync(killed.rejects).equals(readFileSync(calm.rejects))).toBe(true);
  expect(mailsIn(killed.mails).length).toBe(runs);
}

/** Kills a run of a few records at one point, and lets it go on. @returns what does not hold; null when it ended before */
export async function killExampleAt(point: KillPoint, calm: OrderIntakeReport): Promise<readonly string[] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-point-'));
  try {
    if (!wasKilled(await runOrderIntake(folder, FEW_RECORDS, killedAt(point, folder)))) return null;
    const last = await runOrderIntake(folder, FEW_RECORDS);
    if (last.code !== 0) return [`it ended with ${last.code}: ${last.stderr}`];
    compareOrders(calm, reportOf(last));
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FEW_RECORDS = ['--records', '10', '--seed', '3'];

/** What a run of a few records comes to, undisturbed, and the points at which it can be killed. */
export async function calmExample(
  folder: string,
): Promise<{ readonly calm: OrderIntakeReport; readonly points: readonly KillPoint[] }> {
  const calm = reportOf<OrderIntakeReport>(await runOrderIntake(join(folder, 'calm'), FEW_RECORDS));
  const traced = join(folder, 'traced');
  return { calm, points: await killPoints(traced, (rest) => runOrderIntake(traced, FEW_RECORDS, rest)) };
}
