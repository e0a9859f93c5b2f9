-- Tokens, by which people act over HTTP; imports that wait or run; edits of single lines of a draft.

-- What a token lets its holder do. Of its secret only the SHA-256 is kept.
CREATE TABLE token (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('reader', 'steward', 'reviewer', 'admin')),
    secret_digest TEXT COLLATE "C" NOT NULL CHECK (secret_digest LIKE 'sha256:%' AND length(secret_digest) = 71),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    created_by TEXT COLLATE "C" NOT NULL CHECK (created_by <> ''),
    expires_at TEXT COLLATE "C" CHECK (expires_at LIKE '____-__-__T__:__:__Z'),
    revoked_at TEXT COLLATE "C" CHECK (revoked_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
);

-- An import that was uploaded: it waits, runs, or has ended.
CREATE TABLE import_job (
    id BIGINT NOT NULL CHECK (id >= 0),
    dataset TEXT COLLATE "C" NOT NULL CHECK (dataset <> ''),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'refused', 'failed', 'interrupted')),
    upload TEXT COLLATE "C" NOT NULL CHECK (upload <> ''),
    upload_bytes BIGINT NOT NULL CHECK (upload_bytes >= 0),
    file_name TEXT COLLATE "C" NOT NULL,
    profile TEXT COLLATE "C" CHECK (profile <> ''),
    discard_edits INTEGER NOT NULL CHECK (discard_edits IN (0, 1)),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    after_run BIGINT NOT NULL CHECK (after_run >= 0),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    started_at TEXT COLLATE "C" CHECK (started_at LIKE '____-__-__T__:__:__Z'),
    finished_at TEXT COLLATE "C" CHECK (finished_at LIKE '____-__-__T__:__:__Z'),
    run BIGINT REFERENCES import_run (id),
    outcome_digest TEXT COLLATE "C" CHECK (outcome_digest LIKE 'sha256:%' AND length(outcome_digest) = 71),
    PRIMARY KEY (id),
    CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL))
);

-- One edit of one line of what an import run made: who changed what, when and why.
CREATE TABLE draft_edit (
    id BIGINT NOT NULL CHECK (id >= 0),
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    import_run BIGINT NOT NULL REFERENCES import_run (id),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    reason TEXT COLLATE "C" NOT NULL CHECK (reason <> ''),
    before_line TEXT COLLATE "C" CHECK (before_line <> ''),
    after_line TEXT COLLATE "C" CHECK (after_line <> ''),
    PRIMARY KEY (id),
    CHECK (before_line IS NOT NULL OR after_line IS NOT NULL)
);

CREATE INDEX import_job_by_state ON import_job (state, id);
CREATE INDEX draft_edit_by_run ON draft_edit (import_run, id);

-- An edit that was made stays told.
CREATE TRIGGER draft_edit_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_edit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A token that was revoked stays revoked, and none changes its holder, role or secret.
CREATE FUNCTION refuse_token_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR (NEW.id, NEW.name, NEW.role, NEW.secret_digest) <> (OLD.id, OLD.name, OLD.role, OLD.secret_digest) THEN
        RAISE EXCEPTION 'a token is only ever revoked';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER token_only_revoked BEFORE UPDATE ON token
    FOR EACH ROW EXECUTE FUNCTION refuse_token_change();
