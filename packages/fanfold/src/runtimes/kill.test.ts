import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../interpreter/random.ts';
import { FanOut } from '../testing/fan-out.fixture.ts';
import { canTrace, killAtPoint, killAtRandom, sweepKills } from '../testing/kill.fixture.ts';
import { MapOfRows } from '../testing/map-run.fixture.ts';

const MINUTES = 60_000;

it(
  'comes to the same output when it is killed at any moment, and calls nothing again that was done',
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const { problems } = await killAtRandom({
      begin: () => new FanOut({ tasks: 2_000 }),
      kills: 6,
      random: mulberry32(seed),
    });
    expect(problems).toEqual([]);
  },
  5 * MINUTES,
);

describe.runIf(canTrace())('killed at its N-th write, fsync or rename', () => {
  const params = { tasks: 6, durability: 'full' } as const;

  it(
    'goes on as if nothing had been (some N)',
    async () => {
      const offset = Date.now() % 40;
      console.log(`offset ${offset}`);
      const points = (n: number): boolean => n % 40 === offset;
      const { tried, problems } = await sweepKills({ killAt: (at) => killAtPoint(new FanOut(params), at), points });
      expect(problems).toEqual([]);
      expect(tried).toBeGreaterThan(2);
    },
    5 * MINUTES,
  );

  it(
    'shows a bug that appends twice when the process dies between two writes',
    async () => {
      const killAt = (at: string) => killAtPoint(new FanOut({ ...params, planted: 'append-twice' }), at);
      const calm = new FanOut({ ...params, planted: 'append-twice' });
      // Undisturbed nothing is to be seen of it.
      expect(await calm.judge(await calm.run(), 0)).toEqual([]);
      calm.remove();
      const { problems } = await sweepKills({
        killAt,
        kinds: ['write'],
        points: (n) => n % 13 === 0,
        enough: (found) => found.length > 0,
      });
      expect(problems.join('\n')).toMatch(/event \d+ stands in place|outcome behind event|events, not/);
    },
    5 * MINUTES,
  );
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
    5 * MINUTES,
  );

  it.runIf(canTrace())(
    'at its N-th write, fsync or rename writes the same, and a planted bug that writes behind its files is seen',
    async () => {
      const offset = Date.now() % 90;
      console.log(`offset ${offset}`);
      const params = { rows: 6, type: 'STANDARD' } as const;
      const { tried, problems } = await sweepKills({
        killAt: (at) => killAtPoint(new MapOfRows(params), at),
        points: (n) => n % 90 === offset,
      });
      expect(problems).toEqual([]);
      expect(tried).toBeGreaterThan(1);
      const planted = await sweepKills({
        killAt: (at) => killAtPoint(new MapOfRows({ ...params, planted: 'append-results' }), at),
        kinds: ['rename', 'fsync'],
        enough: (found) => found.length > 0,
      });
      expect(planted.problems.join('\n')).toMatch(/the results are/);
    },
    10 * MINUTES,
  );
});
