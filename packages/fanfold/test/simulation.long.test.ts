import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Media, openMedia, playHistories, seedsOf } from '../src/runtimes/simulation/histories.fixture.ts';

let media: Media;

beforeAll(async () => {
  media = await openMedia();
});

afterAll(() => media.remove());

it('keeps its promises in a hundred thousand histories', async () => {
  const { problems } = await playHistories({ seeds: seedsOf(100_000), media });
  expect(problems).toEqual([]);
});
