-- Restricted datasets: whether what is submitted from now on takes a grant to read, and to whom one was given.

ALTER TABLE dataset ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1));

-- Who may read a restricted dataset: the holders of these tokens.
CREATE TABLE dataset_grant (
    token TEXT NOT NULL REFERENCES token (id),
    dataset TEXT NOT NULL REFERENCES dataset (id),
    granted_at TEXT NOT NULL CHECK (granted_at LIKE '____-__-__T__:__:__Z'),
    granted_by TEXT NOT NULL CHECK (granted_by <> ''),
    PRIMARY KEY (token, dataset)
) STRICT;
