-- When all messages were deleted at once the last time; milliseconds since the epoch, or null.
ALTER TABLE queues ADD COLUMN purged_at INTEGER;
