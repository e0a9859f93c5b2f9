-- Drafts, reviews, releases, public facts and events.
-- Bulk data lie in blobs, named here by digest. Times are RFC 3339 in UTC with whole seconds, as text, so that
-- both databases sort and return them alike. Tables and columns equal those of the other database.
-- COLLATE "C": text sorts by its bytes, as in SQLite.

-- A collection of factors that is released as a whole.
CREATE TABLE dataset (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    approvals_required INTEGER NOT NULL CHECK (approvals_required >= 0),
    reviewers TEXT COLLATE "C" NOT NULL,
    last_revision BIGINT NOT NULL CHECK (last_revision >= 0),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
);

-- One run of an importer: which file became which rows, and what was found.
CREATE TABLE import_run (
    id BIGINT NOT NULL CHECK (id >= 0),
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    started_at TEXT COLLATE "C" NOT NULL CHECK (started_at LIKE '____-__-__T__:__:__Z'),
    finished_at TEXT COLLATE "C" NOT NULL CHECK (finished_at LIKE '____-__-__T__:__:__Z'),
    file_name TEXT COLLATE "C" NOT NULL,
    profile TEXT COLLATE "C" NOT NULL CHECK (profile <> ''),
    program TEXT COLLATE "C" NOT NULL CHECK (program <> ''),
    source_digest TEXT COLLATE "C" NOT NULL CHECK (source_digest LIKE 'sha256:%' AND length(source_digest) = 71),
    source_bytes BIGINT NOT NULL CHECK (source_bytes >= 0),
    rows BIGINT NOT NULL CHECK (rows >= 0),
    factors BIGINT NOT NULL CHECK (factors >= 0),
    errors BIGINT NOT NULL CHECK (errors >= 0),
    warnings BIGINT NOT NULL CHECK (warnings >= 0),
    report_digest TEXT COLLATE "C" NOT NULL CHECK (report_digest LIKE 'sha256:%' AND length(report_digest) = 71),
    places_digest TEXT COLLATE "C" CHECK (places_digest LIKE 'sha256:%' AND length(places_digest) = 71),
    PRIMARY KEY (id)
);

-- A release being prepared: the only row of the pipeline that changes.
CREATE TABLE draft (
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    revision BIGINT NOT NULL CHECK (revision > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
    import_run BIGINT NOT NULL REFERENCES import_run (id),
    lines_digest TEXT COLLATE "C" NOT NULL CHECK (lines_digest LIKE 'sha256:%' AND length(lines_digest) = 71),
    package_digest TEXT COLLATE "C" NOT NULL CHECK (package_digest LIKE 'sha256:%' AND length(package_digest) = 71),
    base_version TEXT COLLATE "C",
    version TEXT COLLATE "C",
    manifest_digest TEXT COLLATE "C" CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    frozen_digest TEXT COLLATE "C" CHECK (frozen_digest LIKE 'sha256:%' AND length(frozen_digest) = 71),
    submitted_by TEXT COLLATE "C",
    submitted_at TEXT COLLATE "C" CHECK (submitted_at LIKE '____-__-__T__:__:__Z'),
    updated_at TEXT COLLATE "C" NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (dataset),
    CHECK (state IN ('draft', 'rejected')
        OR (version IS NOT NULL AND manifest_digest IS NOT NULL AND submitted_by IS NOT NULL AND submitted_at IS NOT NULL))
);

-- A reviewer's decision on one manifest.
CREATE TABLE approval (
    id BIGINT NOT NULL CHECK (id >= 0),
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    manifest_digest TEXT COLLATE "C" NOT NULL CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    reviewer TEXT COLLATE "C" NOT NULL CHECK (reviewer <> ''),
    decision TEXT COLLATE "C" NOT NULL CHECK (decision IN ('approve', 'reject')),
    comment TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C" CHECK (signature <> ''),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
);

-- The transparency log's own name and first key; fixed when the log is made.
CREATE TABLE log_identity (
    id INTEGER NOT NULL CHECK (id = 1),
    origin TEXT COLLATE "C" NOT NULL CHECK (origin <> ''),
    vkey TEXT COLLATE "C" NOT NULL CHECK (vkey <> ''),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id)
);

-- One public fact a row, in order: the leaves of the transparency log, byte by byte.
CREATE TABLE fact (
    seq BIGINT NOT NULL CHECK (seq >= 0),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('release', 'withdraw', 'restore', 'supersede', 'key')),
    dataset TEXT COLLATE "C" REFERENCES dataset (id),
    version TEXT COLLATE "C" CHECK (version <> ''),
    leaf TEXT COLLATE "C" NOT NULL CHECK (leaf <> ''),
    PRIMARY KEY (seq),
    CHECK ((kind = 'key') = (dataset IS NULL)),
    CHECK ((dataset IS NULL) = (version IS NULL))
);

-- A released version; it never changes.
CREATE TABLE release (
    dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
    version TEXT COLLATE "C" NOT NULL CHECK (version <> ''),
    seq BIGINT NOT NULL UNIQUE REFERENCES fact (seq),
    manifest_digest TEXT COLLATE "C" NOT NULL CHECK (manifest_digest LIKE 'sha256:%' AND length(manifest_digest) = 71),
    record_digest TEXT COLLATE "C" NOT NULL CHECK (record_digest LIKE 'sha256:%' AND length(record_digest) = 71),
    import_run BIGINT REFERENCES import_run (id),
    published_at TEXT COLLATE "C" NOT NULL CHECK (published_at LIKE '____-__-__T__:__:__Z'),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    PRIMARY KEY (dataset, version)
);

-- A file of a release, in one content coding.
CREATE TABLE release_artefact (
    dataset TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    coding TEXT COLLATE "C" NOT NULL CHECK (coding IN ('identity', 'gzip', 'zstd')),
    digest TEXT COLLATE "C" NOT NULL CHECK (digest LIKE 'sha256:%' AND length(digest) = 71),
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    media_type TEXT COLLATE "C" NOT NULL CHECK (media_type <> ''),
    PRIMARY KEY (dataset, version, name, coding),
    FOREIGN KEY (dataset, version) REFERENCES release (dataset, version)
);

-- Who did what to what, and when.
CREATE TABLE event (
    seq BIGINT NOT NULL CHECK (seq >= 0),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    actor TEXT COLLATE "C" NOT NULL CHECK (actor <> ''),
    act TEXT COLLATE "C" NOT NULL CHECK (act <> ''),
    dataset TEXT COLLATE "C",
    subject TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL CHECK (detail <> ''),
    PRIMARY KEY (seq)
);

-- Size and root of the log as committed; its one row is what a publisher compares and swaps.
CREATE TABLE head (
    id INTEGER NOT NULL CHECK (id = 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    root TEXT COLLATE "C" NOT NULL CHECK (root LIKE 'sha256:%' AND length(root) = 71),
    PRIMARY KEY (id)
);

CREATE INDEX import_run_by_dataset ON import_run (dataset, id);
CREATE INDEX approval_by_manifest ON approval (manifest_digest, id);
CREATE INDEX fact_by_release ON fact (dataset, version, seq);
-- A version is released once, for ever.
CREATE UNIQUE INDEX fact_released_once ON fact (dataset, version) WHERE kind = 'release';

-- The empty tree's root is the SHA-256 of nothing (RFC 6962, 2.1).
INSERT INTO head (id, size, root)
    VALUES (1, 0, 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

-- Insert-only: no UPDATE, no DELETE, no TRUNCATE, not even of no rows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER import_run_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON import_run
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_identity_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_identity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fact_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_artefact_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON release_artefact
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The head only grows.
CREATE FUNCTION refuse_smaller_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.size > OLD.size THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'head only grows';
END
$$;

CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
    FOR EACH ROW EXECUTE FUNCTION refuse_smaller_head();
CREATE TRIGGER head_no_delete BEFORE INSERT OR DELETE OR TRUNCATE ON head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_smaller_head();
