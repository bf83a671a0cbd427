-- A row of `outputs` holds what one batch brought of one fork: a JSON array of [position, value], where a value that is a
-- text stands there itself and a number is the id of a stored value. Of two rows the later one counts.

CREATE TABLE output_runs (
  execution INTEGER NOT NULL,
  fork      TEXT NOT NULL,
  run       TEXT NOT NULL
);
INSERT INTO output_runs (execution, fork, run)
  SELECT execution, fork, json_array(json_array(position, value)) FROM outputs ORDER BY execution, fork, position;
DROP TABLE outputs;
ALTER TABLE output_runs RENAME TO outputs;
CREATE INDEX outputs_by_fork ON outputs (execution, fork);
