-- What each item weighs by DynamoDB's measure; of a table, what was said when it was made.

ALTER TABLE items ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
UPDATE items SET size = length(item);

-- JSON: its id, when it was made, its billing.
ALTER TABLE tables ADD COLUMN details TEXT;
-- 1 once it was deleted: it has no name any more, and its items go little by little.
ALTER TABLE tables ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
