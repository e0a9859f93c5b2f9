-- Tokens, by which people act over HTTP; imports that wait or run; edits of single lines of a draft.

-- What a token lets its holder do. Of its secret only the SHA-256 is kept.
CREATE TABLE token (
    id TEXT NOT NULL CHECK (id <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    role TEXT NOT NULL CHECK (role IN ('reader', 'steward', 'reviewer', 'admin')),
    secret_digest TEXT NOT NULL CHECK (secret_digest LIKE 'sha256:%' AND length(secret_digest) = 71),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    created_by TEXT NOT NULL CHECK (created_by <> ''),
    expires_at TEXT CHECK (expires_at LIKE '____-__-__T__:__:__Z'),
    revoked_at TEXT CHECK (revoked_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
) STRICT;

-- An import that was uploaded: it waits, runs, or has ended.
CREATE TABLE import_job (
    id INTEGER NOT NULL CHECK (id >= 0),
    dataset TEXT NOT NULL CHECK (dataset <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'refused', 'failed', 'interrupted')),
    upload TEXT NOT NULL CHECK (upload <> ''),
    upload_bytes INTEGER NOT NULL CHECK (upload_bytes >= 0),
    file_name TEXT NOT NULL,
    profile TEXT CHECK (profile <> ''),
    discard_edits INTEGER NOT NULL CHECK (discard_edits IN (0, 1)),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    after_run INTEGER NOT NULL CHECK (after_run >= 0),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    started_at TEXT CHECK (started_at LIKE '____-__-__T__:__:__Z'),
    finished_at TEXT CHECK (finished_at LIKE '____-__-__T__:__:__Z'),
    run INTEGER REFERENCES import_run (id),
    outcome_digest TEXT CHECK (outcome_digest LIKE 'sha256:%' AND length(outcome_digest) = 71),
    PRIMARY KEY (id),
    CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
) STRICT;

-- One edit of one line of what an import run made: who changed what, when and why.
CREATE TABLE draft_edit (
    id INTEGER NOT NULL CHECK (id >= 0),
    dataset TEXT NOT NULL REFERENCES dataset (id),
    import_run INTEGER NOT NULL REFERENCES import_run (id),
    key TEXT NOT NULL CHECK (key <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    reason TEXT NOT NULL CHECK (reason <> ''),
    before_line TEXT CHECK (before_line <> ''),
    after_line TEXT CHECK (after_line <> ''),
    PRIMARY KEY (id),
    CHECK (before_line IS NOT NULL OR after_line IS NOT NULL)
) STRICT;

CREATE INDEX import_job_by_state ON import_job (state, id);
CREATE INDEX draft_edit_by_run ON draft_edit (import_run, id);

-- An edit that was made stays told.
CREATE TRIGGER draft_edit_no_update BEFORE UPDATE ON draft_edit BEGIN SELECT RAISE(ABORT, 'draft_edit is insert-only'); END;
CREATE TRIGGER draft_edit_no_delete BEFORE DELETE ON draft_edit BEGIN SELECT RAISE(ABORT, 'draft_edit is insert-only'); END;
CREATE TRIGGER draft_edit_no_replace BEFORE INSERT ON draft_edit
    WHEN EXISTS (SELECT 1 FROM draft_edit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'draft_edit is insert-only'); END;

-- A token that was revoked stays revoked, and none changes its holder, role or secret.
CREATE TRIGGER token_only_revoked BEFORE UPDATE ON token
    WHEN OLD.revoked_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.role <> OLD.role
        OR NEW.secret_digest <> OLD.secret_digest
    BEGIN SELECT RAISE(ABORT, 'a token is only ever revoked'); END;
