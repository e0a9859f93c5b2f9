-- Public facts that flag a released factor, and that take a flag back.
-- A CHECK cannot be changed in SQLite, so the table is made anew. The foreign keys that name it hold again once its rows are
-- back: they are checked at the commit. Triggers and indexes go with the old table, and are made again.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE fact_kept AS SELECT seq, at, kind, dataset, version, leaf FROM fact;
DROP TABLE fact;

CREATE TABLE fact (
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    kind TEXT NOT NULL CHECK (kind IN ('release', 'withdraw', 'restore', 'supersede', 'key', 'flag', 'unflag')),
    dataset TEXT REFERENCES dataset (id),
    version TEXT CHECK (version <> ''),
    leaf TEXT NOT NULL CHECK (leaf <> ''),
    PRIMARY KEY (seq),
    CHECK ((kind = 'key') = (dataset IS NULL)),
    CHECK ((dataset IS NULL) = (version IS NULL))
) STRICT;

INSERT INTO fact (seq, at, kind, dataset, version, leaf) SELECT seq, at, kind, dataset, version, leaf FROM fact_kept ORDER BY seq;
DROP TABLE fact_kept;

CREATE INDEX fact_by_release ON fact (dataset, version, seq);
-- A version is released once, for ever.
CREATE UNIQUE INDEX fact_released_once ON fact (dataset, version) WHERE kind = 'release';

CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
CREATE TRIGGER fact_no_replace BEFORE INSERT ON fact
    WHEN EXISTS (SELECT 1 FROM fact WHERE (seq = NEW.seq) OR (kind = 'release' AND NEW.kind = 'release' AND dataset = NEW.dataset AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
