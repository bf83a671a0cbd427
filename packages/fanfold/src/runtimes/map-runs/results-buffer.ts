/** Results on their way to the store: while some are written the next ones gather, so that many go at once. */
import type { MapRunResult } from '../../ports/map-runs.ts';

export interface ResultsBuffer {
  /** @returns resolves once the result is durable */
  add(result: MapRunResult): Promise<void>;
  /** Writes the run itself too, even when no result is due. Resolves once all so far is durable. */
  flush(): Promise<void>;
  /** How many are not durable yet. */
  size(): number;
}

/** @param write the run as it stands, with these results; rejects when the store has failed */
export function createResultsBuffer(write: (results: readonly MapRunResult[]) => Promise<void>): ResultsBuffer {
  let gathering: MapRunResult[] = [];
  let writing = 0;
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const go = async (): Promise<void> => {
    const results = gathering;
    gathering = [];
    writing = results.length;
    await write(results);
    writing = 0;
  };
  /** What is gathered now goes as soon as what is under way is there. */
  const schedule = (): Promise<void> => {
    if (next) return next;
    if (!current) {
      current = go();
      // It is gathered synchronously: whoever comes now is in the next one.
      void current.then(settled, settled);
      return current;
    }
    next = current.then(() => {
      next = undefined;
      current = go();
      void current.then(settled, settled);
      return current;
    });
    next.catch(() => {});
    return next;
  };
  const settled = (): void => {
    current = undefined;
  };

  return {
    add: (result) => {
      gathering.push(result);
      return schedule();
    },
    flush: schedule,
    size: () => gathering.length + writing,
  };
}
