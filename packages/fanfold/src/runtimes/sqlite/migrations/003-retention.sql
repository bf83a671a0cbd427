-- Finished executions are found by when they ended. Of those in `pruned` the header is gone and the rest goes little by
-- little: nobody can see it any more.

ALTER TABLE executions ADD COLUMN stopped_at INTEGER;
UPDATE executions SET stopped_at = json_extract(header, '$.stoppedAt') WHERE status <> 'RUNNING';
CREATE INDEX executions_by_end ON executions (stopped_at, id) WHERE stopped_at IS NOT NULL;

CREATE TABLE pruned (
  execution INTEGER PRIMARY KEY
);
