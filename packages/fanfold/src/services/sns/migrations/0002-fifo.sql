-- How many messages of a FIFO topic there were.
ALTER TABLE topics ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;

-- What a message of a FIFO topic was given that is sent again under the same key; until when, in milliseconds since the epoch.
CREATE TABLE deduplication (
  id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  -- JSON
  answer TEXT NOT NULL,
  until INTEGER NOT NULL
);
CREATE UNIQUE INDEX deduplication_by_key ON deduplication (topic_id, key);
CREATE INDEX deduplication_by_time ON deduplication (until);
