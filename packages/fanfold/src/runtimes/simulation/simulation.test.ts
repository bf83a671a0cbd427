import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS } from './faults.fixture.ts';
import { playHistory } from './history.fixture.ts';
import { type Media, openMedia, playHistories, seedsOf } from './histories.fixture.ts';

let media: Media;

beforeAll(async () => {
  media = await openMedia();
});

afterAll(() => media.remove());

/** Calm ones are new each time. Wild ones are the same each time, until what {@link BROKEN} shows is mended. */
const seeds = process.env['FANFOLD_SEED']
  ? seedsOf(1)
  : [...seedsOf(1_200).filter((seed) => seed % 2 === 0), ...Array.from({ length: 500 }, (_, i) => 2 * i + 1)];

it('keeps its promises in thousands of histories', async () => {
  const { problems } = await playHistories({ seeds, media });
  expect(problems).toEqual([]);
}, 600_000);

/** Wild histories in which a promise is broken, or seems to be, when a redrive crosses a stop and a crash. */
const BROKEN = [
  // The files of the map run that was redriven lack failures.
  285_922_547,
  // A stop is answered while what it has stopped runs again.
  1061,
];

it.fails.each(BROKEN)('keeps its promises when a redrive crosses a stop: seed %i', async (seed) => {
  await playHistory({ seed, medium: media.of(seed) });
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
