import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Families, WILD_MAP_RUNS } from '../../testing/machines.fixture.ts';
import { FAULTS } from './faults.fixture.ts';
import { playHistory } from './history.fixture.ts';
import { type Media, openMedia, playHistories, seedsOf } from './histories.fixture.ts';

let media: Media;

beforeAll(async () => {
  media = await openMedia();
});

afterAll(() => media.remove());

it('keeps its promises in thousands of histories', async () => {
  const { problems } = await playHistories({ seeds: seedsOf(1_700), media });
  expect(problems).toEqual([]);
}, 600_000);

/** Histories in which a redrive crosses a stop, or a crash the end of a map run: they showed what others did not. */
const TELLING: readonly { readonly seed: number; readonly families?: Families }[] = [
  { seed: 285_922_547 },
  { seed: 1061 },
  { seed: 500_757 },
  { seed: 700_227, families: WILD_MAP_RUNS },
  { seed: 708_122, families: WILD_MAP_RUNS },
  { seed: 767_203, families: WILD_MAP_RUNS },
];

it.each(TELLING)('keeps its promises in the history of seed $seed', async (history) => {
  await playHistory({ ...history, medium: media.of(history.seed) });
});

/** The same each time: what they must show is there to be seen. */
const SEEDS_FOR_FAULTS = Array.from({ length: 1_000 }, (_, i) => i + 1);

describe('the simulation', () => {
  it('plays the same history for the same seed', async () => {
    for (const seed of [1, 2, 3, 4, 7, 12, 13, 25]) {
      const play = () => playHistory({ seed, medium: media.of(seed) });
      expect(await play()).toEqual(await play());
    }
  });

  it.each(Object.entries(FAULTS))('sees a bug that %s', async (_, fault) => {
    for (const seed of SEEDS_FOR_FAULTS) {
      const { families } = fault;
      const medium = media.of(seed);
      const seen = await playHistory({ seed, medium, fault, ...(families && { families }) }).then(
        () => undefined,
        (error: Error) => error,
      );
      if (seen) return expect(seen.message).toMatch(fault.seenAs);
    }
    expect.fail('nothing was seen');
  });
});
