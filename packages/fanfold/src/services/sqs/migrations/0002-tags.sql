-- JSON: key -> text.
ALTER TABLE queues ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
