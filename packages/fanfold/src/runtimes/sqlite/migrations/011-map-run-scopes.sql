-- What a map run is made from, as JSON, until it has ended: its frames may be gone before.
ALTER TABLE map_runs ADD COLUMN scope TEXT;
