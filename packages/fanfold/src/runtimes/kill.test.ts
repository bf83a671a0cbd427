import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../interpreter/random.ts';
import { FanOut } from '../testing/fan-out.fixture.ts';
import { canTrace, killAtRandom } from '../testing/kill.fixture.ts';
import { inRounds, killAtPoint, type KillPoint, killPointsOf, sweepKills } from '../testing/kill-points.fixture.ts';
import { MapOfRows } from '../testing/map-run.fixture.ts';

it('comes to the same output when it is killed at any moment, and calls nothing again that was done', async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { problems } = await killAtRandom({
    begin: () => new FanOut({ tasks: 2_000 }),
    kills: 6,
    random: mulberry32(seed),
  });
  expect(problems).toEqual([]);
});

describe.runIf(canTrace())('killed at its N-th write, fsync or rename', () => {
  const params = { tasks: 6, durability: 'full' } as const;

  it('goes on as if nothing had been (some N)', async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const points = inRounds(await killPointsOf(() => new FanOut(params)), 8, mulberry32(seed));
    const killAt = (at: KillPoint) => killAtPoint(new FanOut(params), at);
    const { tried, problems } = await sweepKills({ points, killAt, wanted: 8 });
    expect(problems).toEqual([]);
    expect(tried).toBe(8);
  });

  it('shows a bug that appends twice when the process dies between two writes', async () => {
    const begin = (): FanOut => new FanOut({ ...params, planted: 'append-twice' });
    const calm = begin();
    // Undisturbed nothing is to be seen of it.
    expect(await calm.judge(await calm.run(), 0)).toEqual([]);
    calm.remove();
    const { problems } = await sweepKills({
      // The first writes are those of opening.
      points: (await killPointsOf(begin)).filter(({ kind, n }) => kind === 'write' && n % 3 === 0).toReversed(),
      killAt: (at) => killAtPoint(begin(), at),
      enough: (found) => found.length > 0,
    });
    expect(problems.join('\n')).toMatch(/event \d+ stands in place|outcome behind event|events, not/);
  });
});

describe('a distributed Map that is killed', () => {
  it.each(['STANDARD', 'EXPRESS'] as const)(
    'at any moment writes the result of each row once, of %s children',
    async (type) => {
      const seed = Date.now() % 1_000_000;
      console.log(`seed ${seed}`);
      const begin = (): MapOfRows => new MapOfRows({ rows: 400, type });
      const { problems } = await killAtRandom({ begin, kills: 3, random: mulberry32(seed) });
      expect(problems).toEqual([]);
    },
  );

  it.runIf(canTrace())(
    'at its N-th write, fsync or rename writes the same, and a planted bug that writes behind its files is seen',
    async () => {
      const seed = Date.now() % 1_000_000;
      console.log(`seed ${seed}`);
      const params = { rows: 6, type: 'STANDARD' } as const;
      const points = await killPointsOf(() => new MapOfRows(params));
      const { tried, problems } = await sweepKills({
        points: inRounds(points, 8, mulberry32(seed)),
        killAt: (at) => killAtPoint(new MapOfRows(params), at),
        wanted: 8,
      });
      expect(problems).toEqual([]);
      expect(tried).toBe(8);
      // The last that a run renames are its results and their manifest.
      const planted = await sweepKills({
        points: points.filter(({ kind }) => kind === 'rename').toReversed(),
        killAt: (at) => killAtPoint(new MapOfRows({ ...params, planted: 'append-results' }), at),
        enough: (found) => found.length > 0,
      });
      expect(planted.problems.join('\n')).toMatch(/the results are/);
    },
  );
});
