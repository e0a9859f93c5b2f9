-- Without facts about flags; refused where there are any.
ALTER TABLE fact DROP CONSTRAINT fact_kind_check;
ALTER TABLE fact ADD CONSTRAINT fact_kind_check CHECK (kind IN ('release', 'withdraw', 'restore', 'supersede', 'key'));
