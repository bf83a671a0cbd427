/** Map runs and the results of their children: the statements over `map_runs` and `map_run_results`. */
import type { Database } from '../../database/database.ts';
import type { MapRun, MapRunResult, MapRunResultRow, MapRunStore } from '../../ports/map-runs.ts';
import { decodeResults, encodeResults, firstOf } from '../codecs/map-run-codec.ts';

export interface MapRunsTable {
  /**
   * @param results rows to add, each of results that were written together
   * @param scope in place of the one that is there
   */
  save(run: MapRun, results: readonly (readonly MapRunResult[])[], scope?: string): void;
  read(arn: string): MapRun | undefined;
  scope(arn: string): string | undefined;
  ofExecution(executionArn: string): MapRun[];
  running(): MapRun[];
  results(params: Parameters<MapRunStore['mapRunResults']>[0]): MapRunResultRow[];
}

export function createMapRunsTable(db: Database): MapRunsTable {
  const save = db.prepare(
    `INSERT INTO map_runs (arn, execution_arn, running, header) VALUES (?, ?, ?, ?)
      ON CONFLICT (arn) DO UPDATE SET running = excluded.running, header = excluded.header`,
  );
  const putScope = db.prepare('UPDATE map_runs SET scope = ? WHERE arn = ?');
  const dropScope = db.prepare('UPDATE map_runs SET scope = NULL WHERE arn = ? AND scope IS NOT NULL');
  const scope = db.prepare('SELECT scope FROM map_runs WHERE arn = ?');
  const idOf = db.prepare('SELECT id FROM map_runs WHERE arn = ?');
  const add = db.prepare('INSERT INTO map_run_results (run, first, results) VALUES (?, ?, ?)');
  const read = db.prepare('SELECT header FROM map_runs WHERE arn = ?');
  const ofExecution = db.prepare('SELECT header FROM map_runs WHERE execution_arn = ? ORDER BY id');
  const running = db.prepare('SELECT header FROM map_runs WHERE running = 1 ORDER BY id');
  const results = db.prepare(
    `SELECT id AS number, first, results FROM map_run_results
      WHERE run = ? AND (first, id) > (?, ?) ORDER BY first, id LIMIT ?`,
  );

  return {
    save: (run, rows, text) => {
      save.run(run.arn, run.executionArn, run.status === 'RUNNING' ? 1 : 0, JSON.stringify(run));
      if (run.status !== 'RUNNING') dropScope.run(run.arn);
      else if (text !== undefined) putScope.run(text, run.arn);
      if (rows.length === 0) return;
      const { id } = idOf.get(run.arn) as { id: number };
      for (const row of rows) add.run(id, firstOf(row), encodeResults(row));
    },
    read: (arn) => {
      const row = read.get(arn);
      return row && runIn(row);
    },
    scope: (arn) => (scope.get(arn) as { scope: string | null } | undefined)?.scope ?? undefined,
    ofExecution: (executionArn) => ofExecution.all(executionArn).map(runIn),
    running: () => running.all().map(runIn),
    results: ({ mapRunArn, after = { first: -1, number: 0 }, limit }) => {
      const run = idOf.get(mapRunArn) as { id: number } | undefined;
      if (!run) return [];
      const rows = results.all(run.id, after.first, after.number, limit) as unknown as {
        number: number;
        first: number;
        results: string | Uint8Array;
      }[];
      return rows.map((row) => ({ ...row, results: decodeResults(row.results) }));
    },
  };
}

function runIn(row: object): MapRun {
  return JSON.parse((row as { header: string }).header) as MapRun;
}
