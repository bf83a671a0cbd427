/** Map runs in memory; their results as a file would hold them, which take a fraction of the objects. */
import type { MapRun, MapRunResultRow, MapRunStore } from '../../ports/map-runs.ts';
import { decodeResults, encodeResults, firstOf } from '../codecs/map-run-codec.ts';

interface Entry {
  run: MapRun;
  scope?: string | undefined;
  readonly rows: { readonly number: number; readonly first: number; readonly stored: string | Uint8Array }[];
}

export interface MemoryMapRuns extends MapRunStore {
  /** Forgets the runs of an execution. */
  forgetMapRuns(executionArn: string): void;
}

export function createMemoryMapRuns(): MemoryMapRuns {
  const entries = new Map<string, Entry>();
  let rows = 0;
  const runsBy = (wanted: (run: MapRun) => boolean): MapRun[] =>
    [...entries.values()].map(({ run }) => run).filter(wanted);
  return {
    async saveMapRun(run, results, scope) {
      const entry: Entry = entries.get(run.arn) ?? { run, rows: [] };
      entry.run = run;
      entry.scope = run.status === 'RUNNING' ? (scope ?? entry.scope) : undefined;
      entries.set(run.arn, entry);
      if (results.length > 0)
        entry.rows.push({ number: ++rows, first: firstOf(results), stored: encodeResults(results) });
    },
    mapRun: async (arn) => entries.get(arn)?.run,
    mapRunScope: async (arn) => entries.get(arn)?.scope,
    mapRuns: async (executionArn) => runsBy((run) => run.executionArn === executionArn),
    runningMapRuns: async () => runsBy((run) => run.status === 'RUNNING'),
    async mapRunResults({ mapRunArn, after, limit }) {
      const sorted = [...(entries.get(mapRunArn)?.rows ?? [])].sort(byFirst);
      return sorted
        .filter((row) => !after || byFirst(row, after) > 0)
        .slice(0, limit)
        .map(({ number, first, stored }) => ({ number, first, results: decodeResults(stored) }));
    },
    forgetMapRuns: (executionArn) => {
      for (const { arn } of runsBy((run) => run.executionArn === executionArn)) entries.delete(arn);
    },
  };
}

type Place = Pick<MapRunResultRow, 'first' | 'number'>;

function byFirst(a: Place, b: Place): number {
  return a.first - b.first || a.number - b.number;
}
