-- What clients of the S3 API say and ask for beyond a name and bytes.

ALTER TABLE buckets ADD COLUMN created INTEGER NOT NULL DEFAULT 0;

-- What was set for a bucket over the API, as JSON, by the name of the setting.
CREATE TABLE bucket_settings (
  bucket TEXT NOT NULL REFERENCES buckets (name),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (bucket, name)
) WITHOUT ROWID;

-- JSON; and the id of the key that the content is encrypted with.
ALTER TABLE objects ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE objects ADD COLUMN encryption TEXT;
ALTER TABLE intents ADD COLUMN encryption TEXT;

-- Multipart uploads that are neither completed nor aborted, and the parts that they have.
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  bucket TEXT NOT NULL REFERENCES buckets (name),
  key TEXT NOT NULL,
  initiated INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  details TEXT NOT NULL,
  checksum TEXT NOT NULL,
  encryption TEXT
) WITHOUT ROWID;
CREATE INDEX uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE parts (
  upload TEXT NOT NULL,
  number INTEGER NOT NULL,
  content TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  checksum TEXT,
  encryption TEXT,
  PRIMARY KEY (upload, number)
) WITHOUT ROWID;
