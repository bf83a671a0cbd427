-- Queues of messages. A queue's name is data, never SQL; times are milliseconds since the epoch.

CREATE TABLE queues (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- JSON: attribute -> text, only what was set.
  attributes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
);

CREATE TABLE messages (
  -- In the order of arrival, never given twice: the sequence number too.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  -- JSON of typed attributes, or null.
  attributes TEXT,
  sent_at INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  receive_count INTEGER NOT NULL DEFAULT 0,
  first_received_at INTEGER,
  -- What the handle of the last receive ends with.
  receipt TEXT,
  group_id TEXT,
  deduplication_id TEXT,
  -- The queue that it was moved from for being received too often.
  dead_letter_source TEXT
);
CREATE INDEX messages_by_visibility ON messages (queue_id, visible_at);
CREATE INDEX messages_by_arrival ON messages (queue_id);
CREATE INDEX messages_by_time ON messages (queue_id, sent_at);

-- What a message sent again under the same key was given.
CREATE TABLE deduplication (
  id INTEGER PRIMARY KEY,
  queue_id INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  until INTEGER NOT NULL
);
CREATE UNIQUE INDEX deduplication_by_key ON deduplication (queue_id, key);
CREATE INDEX deduplication_by_time ON deduplication (until);
