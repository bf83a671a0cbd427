-- A frame's row is known by its slot: 4194304 times the execution, plus a number below that is free. There is no index.
-- A run of outputs is bytes from now on; the JSON of earlier rows is read as before.

CREATE TABLE frame_slots (
  slot  INTEGER PRIMARY KEY,
  id    TEXT NOT NULL,
  frame TEXT NOT NULL
);
INSERT INTO frame_slots (slot, id, frame)
  SELECT execution * 4194304 + row_number() OVER (PARTITION BY execution ORDER BY id) - 1, id, frame FROM frames;
DROP TABLE frames;
ALTER TABLE frame_slots RENAME TO frames;
