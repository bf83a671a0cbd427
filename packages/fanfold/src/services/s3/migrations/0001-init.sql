-- The index of the buckets. The bytes lie in files of their own, named by content id, never by key.

CREATE TABLE buckets (
  name TEXT PRIMARY KEY
) WITHOUT ROWID;

-- One row: the last sequencer given out, 16 hexadecimal digits.
CREATE TABLE sequencers (last TEXT NOT NULL);
INSERT INTO sequencers (last) VALUES ('0000000000000000');

-- Several objects may share one content (a copy does). TEXT compares by its UTF-8 bytes, which is S3's order of keys.
CREATE TABLE objects (
  id INTEGER PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES buckets (name),
  key TEXT NOT NULL,
  content TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL
);
CREATE UNIQUE INDEX objects_by_key ON objects (bucket, key);
CREATE INDEX objects_by_content ON objects (content);

-- Writes begun and not yet published (I4).
CREATE TABLE intents (
  content TEXT PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL
) WITHOUT ROWID;

-- Contents that no object has any more, their files still to be removed.
CREATE TABLE deletions (
  content TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Object-created events not yet acknowledged, each with its object as it was then.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL
);

-- Dropped files that have become objects, so that none does twice.
CREATE TABLE ingested (
  source TEXT PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
