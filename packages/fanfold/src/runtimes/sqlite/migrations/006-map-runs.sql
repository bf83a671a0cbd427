-- Map runs: `header` is the whole run as JSON. A row of `map_run_results` holds what was written together, the lowest
-- index among it in `first`; of two results of one child that of the later row counts.

CREATE TABLE map_runs (
  id            INTEGER PRIMARY KEY,
  arn           TEXT NOT NULL,
  execution_arn TEXT NOT NULL,
  running       INTEGER NOT NULL,
  header        TEXT NOT NULL
);
CREATE UNIQUE INDEX map_runs_by_arn ON map_runs (arn);
CREATE INDEX map_runs_by_execution ON map_runs (execution_arn);
CREATE INDEX map_runs_running ON map_runs (id) WHERE running = 1;

CREATE TABLE map_run_results (
  id      INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL,
  first   INTEGER NOT NULL,
  results TEXT NOT NULL
);
CREATE INDEX map_run_results_by_first ON map_run_results (run, first, id);

-- The children of a run are listed by it.
ALTER TABLE executions ADD COLUMN map_run_arn TEXT;
CREATE INDEX executions_by_map_run ON executions (map_run_arn, started_at) WHERE map_run_arn IS NOT NULL;
