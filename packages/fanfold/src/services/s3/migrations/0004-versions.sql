-- Versions of the objects of buckets that keep them. What is current stays in `objects`; here is what was replaced or
-- deleted, and the markers of deletions. NULL is the version `null`: of a time when its bucket kept none.

ALTER TABLE objects ADD COLUMN version TEXT;

-- A marker has no content. `since` is when it was replaced, milliseconds; NULL for a marker that is the latest of its key,
-- which then has no row in `objects`.
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES buckets (name),
  key TEXT NOT NULL,
  version TEXT NOT NULL,
  content TEXT,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  details TEXT NOT NULL,
  encryption TEXT,
  since INTEGER
);
CREATE UNIQUE INDEX versions_by_age ON versions (bucket, key, sequencer DESC);
CREATE UNIQUE INDEX versions_by_id ON versions (bucket, key, version);
CREATE INDEX versions_by_content ON versions (content);

-- NULL where the bucket of the object keeps no versions.
ALTER TABLE events ADD COLUMN version TEXT;
