-- The state machine whose execution has written the object, by name; NULL when it was anybody else.

ALTER TABLE events ADD COLUMN writer TEXT;
