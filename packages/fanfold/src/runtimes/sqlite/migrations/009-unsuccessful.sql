-- What a state machine has that did not go well, found without walking through that of others. It costs a commit nothing
-- where all goes well: executions that run, and those that have succeeded, are not in it.
CREATE INDEX executions_unsuccessful ON executions (state_machine_arn, status, started_at)
  WHERE status NOT IN ('SUCCEEDED', 'RUNNING');
