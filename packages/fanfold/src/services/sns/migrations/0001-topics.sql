-- Topics and who has subscribed. Times are milliseconds since the epoch.

CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- JSON: attribute -> text.
  attributes TEXT NOT NULL
);

CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
  -- The last part of its ARN.
  name TEXT NOT NULL UNIQUE,
  protocol TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  -- JSON: attribute -> text.
  attributes TEXT NOT NULL,
  -- What confirms it; null once it is.
  token TEXT
);
CREATE UNIQUE INDEX subscriptions_by_endpoint ON subscriptions (topic_id, protocol, endpoint);
