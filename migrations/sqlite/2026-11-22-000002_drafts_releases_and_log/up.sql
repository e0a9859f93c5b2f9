-- Drafts, reviews, releases, public facts and events.
-- Bulk data lie in blobs, named here by digest. Times are RFC 3339 in UTC with whole seconds, as text, so that
-- both databases sort and return them alike. Tables and columns equal those of the other database.
-- STRICT: a column holds its declared type alone, as in PostgreSQL.

-- A collection of factors that is released as a whole.
CREATE TABLE dataset (
    id TEXT NOT NULL CHECK (id <> ''),
    approvals_required INTEGER NOT NULL CHECK (approvals_required >= 0),
    reviewers TEXT NOT NULL,
    last_revision INTEGER NOT NULL CHECK (last_revision >= 0),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
) STRICT;

-- One run of an importer: which file became which rows, and what was found.
CREATE TABLE import_run (
    id INTEGER NOT NULL CHECK (id >= 0),
    dataset TEXT NOT NULL REFERENCES dataset (id),
    actor TEXT NOT NULL CHECK (actor <> ''),
    started_at TEXT NOT NULL CHECK (started_at LIKE '____-__-__T__:__:__Z'),
    finished_at TEXT NOT NULL CHECK (finished_at LIKE '____-__-__T__:__:__Z'),
    file_name TEXT NOT NULL,
    profile TEXT NOT NULL CHECK (profile <> ''),
    program TEXT NOT NULL CHECK (program <> ''),
    source_digest TEXT NOT NULL CHECK (source_digest LIKE 'sha256:%' AND length(source_digest) = 71),
    source_bytes INTEGER NOT NULL CHECK (source_bytes >= 0),
    rows INTEGER NOT NULL CHECK (rows >= 0),
    factors INTEGER NOT NULL CHECK (factors >= 0),
    errors INTEGER NOT NULL CHECK (errors >= 0),
    warnings INTEGER NOT NULL CHECK (warnings >= 0),
    report_digest TEXT NOT NULL CHECK (report_digest LIKE 'sha256:%' AND length(report_digest) = 71),
    places_digest TEXT CHECK (places_digest LIKE 'sha256:%' AND length(places_digest) = 71),
    PRIMARY KEY (id)
) STRICT;

-- A release being prepared: the only row of the pipeline that changes.
CREATE TABLE draft (
    dataset TEXT NOT NULL REFERENCES dataset (id),
    revision INTEGER NOT NULL CHECK (revision > 0),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
    import_run INTEGER NOT NULL REFERENCES import_run (id),
    lines_digest TEXT NOT NULL CHECK (lines_digest LIKE 'sha256:%' AND length(lines_digest) = 71),
    package_digest TEXT NOT NULL CHECK (package_digest LIKE 'sha256:%' AND length(package_digest) = 71),
    base_version TEXT,
    version TEXT,
    manifest_digest TEXT CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    frozen_digest TEXT CHECK (frozen_digest LIKE 'sha256:%' AND length(frozen_digest) = 71),
    submitted_by TEXT,
    submitted_at TEXT CHECK (submitted_at LIKE '____-__-__T__:__:__Z'),
    updated_at TEXT NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (dataset),
    CHECK (state IN ('draft', 'rejected')
        OR (version IS NOT NULL AND manifest_digest IS NOT NULL AND submitted_by IS NOT NULL AND submitted_at IS NOT NULL))
) STRICT;

-- A reviewer's decision on one manifest.
CREATE TABLE approval (
    id INTEGER NOT NULL CHECK (id >= 0),
    dataset TEXT NOT NULL REFERENCES dataset (id),
    manifest_digest TEXT NOT NULL CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    reviewer TEXT NOT NULL CHECK (reviewer <> ''),
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'reject')),
    comment TEXT NOT NULL,
    signature TEXT CHECK (signature <> ''),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
) STRICT;

-- The transparency log's own name and first key; fixed when the log is made.
CREATE TABLE log_identity (
    id INTEGER NOT NULL CHECK (id = 1),
    origin TEXT NOT NULL CHECK (origin <> ''),
    vkey TEXT NOT NULL CHECK (vkey <> ''),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
) STRICT;

-- One public fact a row, in order: the leaves of the transparency log, byte by byte.
CREATE TABLE fact (
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    kind TEXT NOT NULL CHECK (kind IN ('release', 'withdraw', 'restore', 'supersede', 'key')),
    dataset TEXT REFERENCES dataset (id),
    version TEXT CHECK (version <> ''),
    leaf TEXT NOT NULL CHECK (leaf <> ''),
    PRIMARY KEY (seq),
    CHECK ((kind = 'key') = (dataset IS NULL)),
    CHECK ((dataset IS NULL) = (version IS NULL))
) STRICT;

-- A released version; it never changes.
CREATE TABLE release (
    dataset TEXT NOT NULL REFERENCES dataset (id),
    version TEXT NOT NULL CHECK (version <> ''),
    seq INTEGER NOT NULL UNIQUE REFERENCES fact (seq),
    manifest_digest TEXT NOT NULL CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    record_digest TEXT NOT NULL CHECK (record_digest LIKE 'sha256:%' AND length(record_digest) = 71),
    import_run INTEGER REFERENCES import_run (id),
    published_at TEXT NOT NULL CHECK (published_at LIKE '____-__-__T__:__:__Z'),
    actor TEXT NOT NULL CHECK (actor <> ''),
    PRIMARY KEY (dataset, version)
) STRICT;

-- A file of a release, in one content coding.
CREATE TABLE release_artefact (
    dataset TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    coding TEXT NOT NULL CHECK (coding IN ('identity', 'gzip', 'zstd')),
    digest TEXT NOT NULL CHECK (digest LIKE 'sha256:%' AND length(digest) = 71),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    media_type TEXT NOT NULL CHECK (media_type <> ''),
    PRIMARY KEY (dataset, version, name, coding),
    FOREIGN KEY (dataset, version) REFERENCES release (dataset, version)
) STRICT;

-- Who did what to what, and when.
CREATE TABLE event (
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    actor TEXT NOT NULL CHECK (actor <> ''),
    act TEXT NOT NULL CHECK (act <> ''),
    dataset TEXT,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL CHECK (detail <> ''),
    PRIMARY KEY (seq)
) STRICT;

-- Size and root of the log as committed; its one row is what a publisher compares and swaps.
CREATE TABLE head (
    id INTEGER NOT NULL CHECK (id = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    root TEXT NOT NULL CHECK (root LIKE 'sha256:%' AND length(root) = 71),
    PRIMARY KEY (id)
) STRICT;

CREATE INDEX import_run_by_dataset ON import_run (dataset, id);
CREATE INDEX approval_by_manifest ON approval (manifest_digest, id);
CREATE INDEX fact_by_release ON fact (dataset, version, seq);
-- A version is released once, for ever.
CREATE UNIQUE INDEX fact_released_once ON fact (dataset, version) WHERE kind = 'release';

-- The empty tree's root is the SHA-256 of nothing (RFC 6962, 2.1).
INSERT INTO head (id, size, root)
    VALUES (1, 0, 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- Insert-only: no UPDATE, no DELETE, and no INSERT OR REPLACE (which deletes without firing the DELETE trigger).
CREATE TRIGGER import_run_no_update BEFORE UPDATE ON import_run BEGIN SELECT RAISE(ABORT, 'import_run is insert-only'); END;
CREATE TRIGGER import_run_no_delete BEFORE DELETE ON import_run BEGIN SELECT RAISE(ABORT, 'import_run is insert-only'); END;
CREATE TRIGGER import_run_no_replace BEFORE INSERT ON import_run
    WHEN EXISTS (SELECT 1 FROM import_run WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'import_run is insert-only'); END;
CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approval is insert-only'); END;
CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval BEGIN SELECT RAISE(ABORT, 'approval is insert-only'); END;
CREATE TRIGGER approval_no_replace BEFORE INSERT ON approval
    WHEN EXISTS (SELECT 1 FROM approval WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'approval is insert-only'); END;
CREATE TRIGGER log_identity_no_update BEFORE UPDATE ON log_identity BEGIN SELECT RAISE(ABORT, 'log_identity is insert-only'); END;
CREATE TRIGGER log_identity_no_delete BEFORE DELETE ON log_identity BEGIN SELECT RAISE(ABORT, 'log_identity is insert-only'); END;
CREATE TRIGGER log_identity_no_replace BEFORE INSERT ON log_identity
    WHEN EXISTS (SELECT 1 FROM log_identity WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'log_identity is insert-only'); END;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
CREATE TRIGGER fact_no_replace BEFORE INSERT ON fact
    WHEN EXISTS (SELECT 1 FROM fact WHERE (seq = NEW.seq) OR (kind = 'release' AND NEW.kind = 'release' AND dataset = NEW.dataset AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'fact is insert-only'); END;
CREATE TRIGGER release_no_update BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, 'release is insert-only'); END;
CREATE TRIGGER release_no_delete BEFORE DELETE ON release BEGIN SELECT RAISE(ABORT, 'release is insert-only'); END;
CREATE TRIGGER release_no_replace BEFORE INSERT ON release
    WHEN EXISTS (SELECT 1 FROM release WHERE (dataset = NEW.dataset AND version = NEW.version) OR (seq = NEW.seq))
    BEGIN SELECT RAISE(ABORT, 'release is insert-only'); END;
CREATE TRIGGER release_artefact_no_update BEFORE UPDATE ON release_artefact BEGIN SELECT RAISE(ABORT, 'release_artefact is insert-only'); END;
CREATE TRIGGER release_artefact_no_delete BEFORE DELETE ON release_artefact BEGIN SELECT RAISE(ABORT, 'release_artefact is insert-only'); END;
CREATE TRIGGER release_artefact_no_replace BEFORE INSERT ON release_artefact
    WHEN EXISTS (SELECT 1 FROM release_artefact WHERE dataset = NEW.dataset AND version = NEW.version AND name = NEW.name AND coding = NEW.coding)
    BEGIN SELECT RAISE(ABORT, 'release_artefact is insert-only'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event is insert-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is insert-only'); END;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'event is insert-only'); END;

-- The head only grows.
CREATE TRIGGER head_only_grows BEFORE UPDATE ON head WHEN NEW.size <= OLD.size
    BEGIN SELECT RAISE(ABORT, 'head only grows'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'head only grows'); END;
CREATE TRIGGER head_no_replace BEFORE INSERT ON head BEGIN SELECT RAISE(ABORT, 'head only grows'); END;
