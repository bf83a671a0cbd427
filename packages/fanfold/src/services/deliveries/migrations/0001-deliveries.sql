-- What is to be handed to others, until it is. Times are milliseconds since the epoch.

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- JSON: to whom.
  target TEXT NOT NULL,
  payload TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL
);
CREATE INDEX deliveries_by_time ON deliveries (next_at);

-- What was accepted under a key, and what was answered.
CREATE TABLE accepted (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  answer TEXT NOT NULL,
  until INTEGER NOT NULL
);
CREATE UNIQUE INDEX accepted_by_key ON accepted (key);
CREATE INDEX accepted_by_time ON accepted (until);
