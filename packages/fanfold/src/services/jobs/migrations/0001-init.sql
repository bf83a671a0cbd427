-- One row for each job until it is removed. `body` is the record as JSON; the columns are what it is looked for by.
CREATE TABLE jobs (
  rowid INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  unique_name TEXT,
  -- 1 while it has not ended, or its end was not told
  open INTEGER NOT NULL,
  -- when it is to be removed, milliseconds since the epoch
  remove_at INTEGER,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX jobs_id ON jobs (id);
CREATE UNIQUE INDEX jobs_unique_name ON jobs (unique_name) WHERE unique_name IS NOT NULL;
CREATE INDEX jobs_open ON jobs (rowid) WHERE open = 1;
CREATE INDEX jobs_remove_at ON jobs (remove_at) WHERE remove_at IS NOT NULL;
