-- Children of map runs that have succeeded, many to a row: `children` holds their headers and histories, compressed. Their
-- ARNs are `siblings` and their index as 12 hexadecimal digits. They have no rows of their own in any other table.

CREATE TABLE child_packs (
  id                INTEGER PRIMARY KEY,
  siblings          TEXT NOT NULL,
  map_run_arn       TEXT NOT NULL,
  state_machine_arn TEXT NOT NULL,
  first_index       INTEGER NOT NULL,
  last_index        INTEGER NOT NULL,
  count             INTEGER NOT NULL,
  last_execution    INTEGER NOT NULL,
  first_start       INTEGER NOT NULL,
  last_start        INTEGER NOT NULL,
  first_stop        INTEGER NOT NULL,
  last_stop         INTEGER NOT NULL,
  children          BLOB NOT NULL
);
CREATE INDEX child_packs_by_index ON child_packs (siblings, last_index, first_index);
CREATE INDEX child_packs_by_start ON child_packs (last_start, first_start);
CREATE INDEX child_packs_by_state_machine ON child_packs (state_machine_arn, last_start, first_start);
CREATE INDEX child_packs_by_map_run ON child_packs (map_run_arn, last_start, first_start);
CREATE INDEX child_packs_by_end ON child_packs (last_stop, id);
CREATE INDEX child_packs_by_first_end ON child_packs (first_stop, count);
