-- Versions, aliases, tags and settings of state machines: `record` is the whole state machine as JSON.

CREATE TABLE state_machine_records (
  arn    TEXT NOT NULL,
  name   TEXT NOT NULL,
  record TEXT NOT NULL
);
INSERT INTO state_machine_records (arn, name, record)
  SELECT arn, name, json_object(
    'arn', arn, 'name', name, 'type', type, 'status', 'ACTIVE', 'definition', definition, 'roleArn', role_arn,
    'revisionId', NULL,
    'settings', json('{"logging":{"level":"OFF","includeExecutionData":false},"tracing":{"enabled":false},"encryption":{"type":"AWS_OWNED_KEY"}}'),
    'createdAt', created_at, 'updatedAt', created_at, 'tags', json('[]'), 'versions', json('[]'), 'lastVersion', 0,
    'aliases', json('[]'))
  FROM state_machines;
DROP TABLE state_machines;
ALTER TABLE state_machine_records RENAME TO state_machines;
CREATE UNIQUE INDEX state_machines_by_arn ON state_machines (arn);

-- Executions that were started with a version or through an alias are listed by it.
ALTER TABLE executions ADD COLUMN version_arn TEXT;
ALTER TABLE executions ADD COLUMN alias_arn TEXT;
CREATE INDEX executions_by_version ON executions (version_arn, started_at) WHERE version_arn IS NOT NULL;
CREATE INDEX executions_by_alias ON executions (alias_arn, started_at) WHERE alias_arn IS NOT NULL;
