-- Who is signed in with a browser, and what reviewers say of single rows.

-- A session stands for a token: it ends with it, and has its role and grants. Of its secret only the SHA-256 is kept.
CREATE TABLE session (
    id TEXT NOT NULL CHECK (id <> ''),
    token TEXT NOT NULL REFERENCES token (id),
    secret_digest TEXT NOT NULL CHECK (secret_digest LIKE 'sha256:%' AND length(secret_digest) = 71),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    expires_at TEXT NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
) STRICT;

-- What somebody says of a draft, or of one of its factors; it belongs to the lines of an import run.
CREATE TABLE draft_comment (
    id INTEGER NOT NULL CHECK (id >= 0),
    dataset TEXT NOT NULL REFERENCES dataset (id),
    import_run INTEGER NOT NULL REFERENCES import_run (id),
    key TEXT CHECK (key <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    words TEXT NOT NULL CHECK (words <> ''),
    PRIMARY KEY (id)
) STRICT;

CREATE INDEX session_by_token ON session (token);
CREATE INDEX draft_comment_by_dataset ON draft_comment (dataset, id);

CREATE TRIGGER session_no_update BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'a session only ever ends'); END;
CREATE TRIGGER draft_comment_no_update BEFORE UPDATE ON draft_comment BEGIN SELECT RAISE(ABORT, 'draft_comment is insert-only'); END;
CREATE TRIGGER draft_comment_no_delete BEFORE DELETE ON draft_comment BEGIN SELECT RAISE(ABORT, 'draft_comment is insert-only'); END;
CREATE TRIGGER draft_comment_no_replace BEFORE INSERT ON draft_comment
    WHEN EXISTS (SELECT 1 FROM draft_comment WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'draft_comment is insert-only'); END;
