/**
 * What ItemReaders read and ResultWriters write in a simulated history: little by little, so that a process may end in
 * between. What was written stays.
 */
import type { Clock } from '../../ports/clock.ts';
import type { ItemSources, SourceItem } from '../../ports/item-sources.ts';
import type { ResultFileStatus, ResultSinks } from '../../ports/result-sinks.ts';

/** By the ARN of the map run. */
export type WrittenFiles = Map<string, Partial<Record<ResultFileStatus, string[]>>>;

const AT_ONCE = 2;

/** The Key says how many items there are. */
export function simulatedSources(clock: Clock): ItemSources {
  return {
    open: async ({ parameters }) => {
      await pause(clock);
      const { Key } = parameters as { readonly Key: string };
      return { version: '1', items: items(Number(Key), clock) };
    },
  };
}

async function* items(count: number, clock: Clock): AsyncGenerator<readonly SourceItem[]> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    yield Array.from({ length: size }, (_, i) => ({ value: { item: from + i }, source: 'S3://items' }));
    await pause(clock);
  }
}

export function simulatedSinks(files: WrittenFiles, clock: Clock): ResultSinks {
  return {
    check: async () => {},
    write: async ({ mapRunArn, results }) => {
      const written: Partial<Record<ResultFileStatus, string[]>> = {};
      files.set(mapRunArn, written);
      for (const [status, texts] of Object.entries(results)) {
        const file: string[] = [];
        written[status as ResultFileStatus] = file;
        for await (const some of texts()) {
          await pause(clock);
          file.push(...some);
        }
      }
    },
    // The name of the run is not the same in every order of events.
    location: () => ({ ResultWriterDetails: 'written' }),
  };
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.soon(resolve);
  });
}
