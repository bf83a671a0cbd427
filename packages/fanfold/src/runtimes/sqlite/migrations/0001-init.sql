-- The engine's own state: engine.db. Rowid tables throughout; every unique key is an index beside them.

CREATE TABLE definitions (
  hash TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE UNIQUE INDEX definitions_by_hash ON definitions (hash);

CREATE TABLE state_machines (
  arn        TEXT NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  role_arn   TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX state_machines_by_arn ON state_machines (arn);

-- `header` is the whole execution as JSON; the other columns are what it is looked up by.
CREATE TABLE executions (
  id                INTEGER PRIMARY KEY,
  arn               TEXT NOT NULL,
  state_machine_arn TEXT NOT NULL,
  status            TEXT NOT NULL,
  started_at        INTEGER NOT NULL,
  header            TEXT NOT NULL
);
CREATE UNIQUE INDEX executions_by_arn ON executions (arn);
CREATE INDEX executions_by_start ON executions (started_at);
CREATE INDEX executions_by_state_machine ON executions (state_machine_arn, started_at);
-- What somebody may have to look after, found without walking through all that went well.
CREATE INDEX executions_not_succeeded ON executions (status, started_at) WHERE status <> 'SUCCEEDED';

-- Rows below belong to an execution by its id. They are written with it in one transaction, so nothing checks that
-- again: a foreign key would cost a look-up per row.

CREATE TABLE frames (
  execution INTEGER NOT NULL,
  id        TEXT NOT NULL,
  frame     TEXT NOT NULL
);
CREATE UNIQUE INDEX frames_by_id ON frames (execution, id);

-- A `value` that is a text stands here itself; an integer is the id of a stored value.
CREATE TABLE outputs (
  execution INTEGER NOT NULL,
  fork      TEXT NOT NULL,
  position  INTEGER NOT NULL,
  value     NOT NULL
);
CREATE UNIQUE INDEX outputs_by_position ON outputs (execution, fork, position);

-- A row holds the records of one batch, ids first_id to last_id.
CREATE TABLE history (
  execution INTEGER NOT NULL,
  first_id  INTEGER NOT NULL,
  last_id   INTEGER NOT NULL,
  records   TEXT NOT NULL
);
CREATE UNIQUE INDEX history_by_id ON history (execution, first_id);

-- Larger values, once per execution. Where `text` is null it lies in the file values/<id>.json.
CREATE TABLE stored_values (
  id        INTEGER PRIMARY KEY,
  execution INTEGER NOT NULL,
  text      TEXT
);
CREATE INDEX stored_values_by_execution ON stored_values (execution);

-- One row: files of values up to this id survive a power cut.
CREATE TABLE value_files (
  synced_through INTEGER NOT NULL
);
INSERT INTO value_files (synced_through) VALUES (0);

CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY,
  execution_arn TEXT NOT NULL,
  key           TEXT NOT NULL,
  body          TEXT NOT NULL
);
CREATE UNIQUE INDEX outbox_by_key ON outbox (execution_arn, key);
