-- Tables of items. A table's name is data, never SQL.

CREATE TABLE tables (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- JSON: the names and types of the keys.
  description TEXT NOT NULL
);

-- The keys are encoded so that TEXT, compared by its UTF-8 bytes, has the order of the values. Without a sort key: ''.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL REFERENCES tables (id),
  partition_key TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  -- JSON of typed attributes.
  item TEXT NOT NULL
);
CREATE UNIQUE INDEX items_by_key ON items (table_id, partition_key, sort_key);
