-- A pack holds children that have ended in the same way. What is looked for stands in the indexes: a row's columns behind
-- `children` are reached only through all of that.
ALTER TABLE child_packs ADD COLUMN status TEXT NOT NULL DEFAULT 'SUCCEEDED';
DROP INDEX child_packs_by_start;
DROP INDEX child_packs_by_state_machine;
DROP INDEX child_packs_by_map_run;
DROP INDEX child_packs_by_index;
CREATE INDEX child_packs_by_index ON child_packs (siblings, last_index, first_index, status);
CREATE INDEX child_packs_by_start ON child_packs (last_start, first_start, status);
CREATE INDEX child_packs_by_state_machine ON child_packs (state_machine_arn, last_start, first_start, status);
CREATE INDEX child_packs_by_map_run ON child_packs (map_run_arn, last_start, first_start, status);
