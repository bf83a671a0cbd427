import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mulberry32 } from '../packages/fanfold/src/interpreter/random.ts';
import { canTrace } from '../packages/fanfold/src/testing/kill.fixture.ts';
import { inRounds, sweepKills } from '../packages/fanfold/src/testing/kill-points.fixture.ts';
import { calmExample, expectSameOrdersWhenKilled, killExampleAt } from './order-intake-kill.ts';

it('gives the same output when it is killed on the way (3 kills of 1,000 records)', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await expectSameOrdersWhenKilled(1000, 3, seed);
});

it.runIf(canTrace())(
  'gives the same output when it is killed at its N-th write, fsync or rename, for some N',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfold-calm-'));
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const { calm, points } = await calmExample(folder);
    const { tried, problems } = await sweepKills({
      points: inRounds(points, 6, mulberry32(seed)),
      killAt: (at) => killExampleAt(at, calm),
      wanted: 6,
    });
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
    expect(tried).toBe(6);
  },
);
