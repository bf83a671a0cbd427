import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canTrace, sweepKills } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { calmExample, expectSameOrdersWhenKilled, killExampleAt } from './order-intake-kill.ts';

it('gives the same output when it is killed on the way (4 kills of 2,000 records)', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameOrdersWhenKilled(2000, 4, seed);
}, 300_000);

it.runIf(canTrace())(
  'gives the same output when it is killed at its N-th write, fsync or rename, for some N',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-calm-'));
    const calm = await calmExample(folder);
    const offset = Date.now() % 90;
    console.log(`offset ${offset}`);
    const points = (n: number): boolean => n % 90 === offset;
    const { problems } = await sweepKills({ killAt: (at) => killExampleAt(at, calm), points });
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  },
  300_000,
);
