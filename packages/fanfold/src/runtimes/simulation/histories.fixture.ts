/** Many simulated histories, one for each seed. `FANFOLD_SEED=…` plays the history of that seed alone. */
import { type HistorySummary, playHistory } from './history.fixture.ts';
import { type MortalMedium, singleKeys, sqliteFiles, sqliteTemplate } from './media.fixture.ts';

export interface Media {
  /** What the history of a seed takes place on: one in twelve on SQLite files. */
  of(seed: number): () => MortalMedium;
  remove(): void;
}

export async function openMedia(): Promise<Media> {
  const template = await sqliteTemplate();
  return {
    of: (seed) => (Math.floor(seed / 2) % 12 === 0 ? () => sqliteFiles(template.directory) : singleKeys),
    remove: () => template.remove(),
  };
}

/** So many seeds that were not tried before, or the one that is asked for. */
export function seedsOf(count: number): number[] {
  const asked = process.env['FANFOLD_SEED'];
  if (asked) return [Number(asked)];
  const first = Date.now() % 1_000_000_000;
  return Array.from({ length: count }, (_, i) => first + i);
}

/** How many broken promises are enough to look at. */
const ENOUGH = 3;

/** Plays all, and says on the console which. */
export async function playHistories({
  seeds,
  media,
}: {
  readonly seeds: readonly number[];
  readonly media: Media;
}): Promise<{ readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const all: HistorySummary[] = [];
  for (const seed of seeds) {
    try {
      all.push(await playHistory({ seed, medium: media.of(seed) }));
    } catch (error) {
      problems.push((error as Error).message);
      if (problems.length >= ENOUGH) break;
    }
  }
  const sum = (of: (one: HistorySummary) => number): number => all.reduce((total, one) => total + of(one), 0);
  console.log(
    `${all.length} histories from seed ${seeds[0]}: ${sum(({ steps }) => steps.length)} steps, ` +
      `${sum(({ crashes }) => crashes)} crashes, ${sum(({ executions }) => executions)} executions, ` +
      `${sum(({ events }) => events)} events. FANFOLD_SEED=<seed> plays one of them.`,
  );
  return { problems };
}
