-- Public facts that flag a released factor, and that take a flag back.
ALTER TABLE fact DROP CONSTRAINT fact_kind_check;
ALTER TABLE fact ADD CONSTRAINT fact_kind_check CHECK (kind IN ('release', 'withdraw', 'restore', 'supersede', 'key', 'flag', 'unflag'));
