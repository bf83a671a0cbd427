-- Rules of the event bus. Times are milliseconds since the epoch.

CREATE TABLE rules (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  -- JSON, or null.
  pattern TEXT,
  -- rate(…) or cron(…), or null; and the zone that cron(…) is read in.
  schedule TEXT,
  timezone TEXT,
  -- What becomes of the times that passed while nobody was there.
  missed TEXT NOT NULL DEFAULT 'once',
  enabled INTEGER NOT NULL,
  -- 1 for those of the project file.
  of_project INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  -- Of a schedule: what was due until then has been handed over, or passed by.
  fired_until INTEGER NOT NULL
);

CREATE TABLE targets (
  id INTEGER PRIMARY KEY,
  rule_id INTEGER NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- JSON, as PutTargets has it.
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX targets_by_name ON targets (rule_id, name);
