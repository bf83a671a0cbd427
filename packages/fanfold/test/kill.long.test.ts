import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../src/interpreter/random.ts';
import { FanOut } from '../src/testing/fan-out.fixture.ts';
import { canTrace, killAtRandom } from '../src/testing/kill.fixture.ts';
import { killAtPoint, killPointsOf, sweepKills } from '../src/testing/kill-points.fixture.ts';
import { MapOfRows } from '../src/testing/map-run.fixture.ts';

it('brings a Map of 100,000 tasks to the same output through 200 kills at random moments', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const random = mulberry32(seed);
  const { problems, runs } = await killAtRandom({
    begin: () => new FanOut({ tasks: 100_000 }),
    kills: 200,
    random,
    lookEvery: 20,
  });
  console.log(`200 kills in ${runs} runs`);
  expect(problems).toEqual([]);
});

describe.runIf(canTrace())('killed at its N-th write, fsync or rename, for every N', () => {
  it.for(['normal', 'full'] as const)('goes on as if nothing had been (durability %s)', async (durability) => {
    const begin = (): FanOut => new FanOut({ tasks: 6, durability });
    const points = await killPointsOf(begin);
    const { tried, problems } = await sweepKills({ points, killAt: (at) => killAtPoint(begin(), at) });
    console.log(`${tried} of ${points.length} points`);
    expect(problems).toEqual([]);
  });

  it.for(['STANDARD', 'EXPRESS'] as const)(
    'writes each result of a distributed Map once (%s children)',
    async (type) => {
      const begin = (): MapOfRows => new MapOfRows({ rows: 6, type });
      const points = await killPointsOf(begin);
      const { tried, problems } = await sweepKills({ points, killAt: (at) => killAtPoint(begin(), at) });
      console.log(`${tried} of ${points.length} points`);
      expect(problems).toEqual([]);
    },
  );
});

it.for(['STANDARD', 'EXPRESS'] as const)(
  'brings a distributed Map of 20,000 rows to the same files through 50 kills (%s children)',
  async (type) => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const begin = (): MapOfRows => new MapOfRows({ rows: 20_000, type });
    const { problems } = await killAtRandom({ begin, kills: 50, random: mulberry32(seed), lookEvery: 10 });
    expect(problems).toEqual([]);
  },
);
