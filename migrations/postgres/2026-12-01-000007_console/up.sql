-- Who is signed in with a browser, and what reviewers say of single rows.

-- A session stands for a token: it ends with it, and has its role and grants. Of its secret only the SHA-256 is kept.
CREATE TABLE session (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    token TEXT COLLATE "C" NOT NULL REFERENCES token (id),
    secret_digest TEXT COLLATE "C" NOT NULL CHECK (secret_digest LIKE 'sha256:%' AND length(secret_digest) = 71),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    expires_at TEXT COLLATE "C" NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
);

-- What somebody says of a draft, or of one of its factors; it belongs to the lines of an import run.
CREATE TABLE draft_comment (
    id BIGINT NOT NULL CHECK (id >= 0),
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    import_run BIGINT NOT NULL REFERENCES import_run (id),
    key TEXT COLLATE "C" CHECK (key <> ''),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    words TEXT COLLATE "C" NOT NULL CHECK (words <> ''),
    PRIMARY KEY (id)
);

CREATE INDEX session_by_token ON session (token);
CREATE INDEX draft_comment_by_dataset ON draft_comment (dataset, id);

CREATE FUNCTION refuse_session_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a session only ever ends';
END
$$;

CREATE TRIGGER session_no_update BEFORE UPDATE ON session
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_session_change();
CREATE TRIGGER draft_comment_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_comment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
