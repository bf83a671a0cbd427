import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canTrace } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { sweepKills } from '../packages/fanfold/src/testing/kill-points.fixture.ts';
import { calmExample, expectSameOrdersWhenKilled, killExampleAt } from './order-intake-kill.ts';

it.for([
  { records: 10_000, kills: 200 },
  { records: 100_000, kills: 20 },
])('gives the same output when it is killed $kills times ($records records)', async ({ records, kills }) => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameOrdersWhenKilled(records, kills, seed);
});

it.runIf(canTrace())(
  'gives the same output when it is killed at its N-th write, fsync or rename, for every N',
  { timeout: 14_400_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-calm-'));
    const { calm, points } = await calmExample(folder);
    const { tried, problems } = await sweepKills({ points, killAt: (at) => killExampleAt(at, calm) });
    console.log(`${tried} of ${points.length} points`);
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  },
);
