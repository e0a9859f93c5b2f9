//! Rows for the tests of rows.

use super::testing::{Ground, chain};
use super::*;
use crate::canon::Digest;

pub(super) const AT: &str = "2026-09-01T12:00:00Z";

pub(super) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub(super) fn run() -> NewImportRun<'static> {
    NewImportRun {
        dataset: "cn-test",
        actor: "steward",
        started_at: AT,
        finished_at: AT,
        file_name: "公告2024年第33号.pdf",
        profile: "package",
        program: "tanyin 0.1.0",
        source_digest: digest("source"),
        source_bytes: 5_000_000_000,
        rows: 41,
        factors: 40,
        errors: 0,
        warnings: 1,
        report_digest: digest("report"),
        places_digest: None,
    }
}

pub(super) fn draft() -> Draft {
    Draft {
        dataset: "cn-test".to_owned(),
        revision: 0,
        state: DraftState::Draft,
        import_run: 1,
        lines_digest: digest("lines"),
        package_digest: digest("package"),
        base_version: None,
        version: None,
        manifest_digest: None,
        frozen_digest: None,
        submitted_by: None,
        submitted_at: None,
        updated_at: AT.to_owned(),
    }
}

pub(super) fn fact(seq: i64, kind: FactKind, version: &str) -> Fact {
    let leaf = format!("{{\"kind\":\"{kind}\",\"seq\":\"{seq}\"}}");
    Fact { seq, at: AT.to_owned(), kind, dataset: Some("cn-test".to_owned()), version: Some(version.to_owned()), leaf }
}

pub(super) fn release(seq: i64, version: &str) -> Release {
    Release {
        dataset: "cn-test".to_owned(),
        version: version.to_owned(),
        seq,
        manifest_digest: digest(version),
        record_digest: digest("record"),
        import_run: Some(1),
        published_at: AT.to_owned(),
        actor: "operator".to_owned(),
    }
}

pub(super) fn artefact(name: &str, coding: Coding) -> Artefact {
    Artefact { name: name.to_owned(), coding, digest: digest(name), bytes: 3, media_type: "text/csv".to_owned() }
}

/// The head at a size, under a root of its own.
pub(super) fn head(size: i64) -> Head {
    let root = if size == 0 { crate::tlog::empty_root() } else { digest(&format!("root {size}")) };
    Head { size, root }
}

pub(super) fn identity() -> LogIdentity {
    LogIdentity { origin: "tanyin.local/log".to_owned(), vkey: "tanyin.local/log+00000000+AA".to_owned(), created_at: AT.to_owned() }
}

pub(super) fn edit() -> DraftEdit {
    let (before_line, after_line) = (Some("{\"key\":\"a\"}".to_owned()), None);
    let (dataset, key, actor) = ("cn-test".to_owned(), "a".to_owned(), "li".to_owned());
    DraftEdit { id: 1, dataset, import_run: 1, key, actor, at: AT.to_owned(), reason: "why".to_owned(), before_line, after_line }
}

pub(super) fn token() -> Token {
    Token {
        id: "0123456789abcdef".to_owned(),
        name: "王芳".to_owned(),
        role: crate::dataset::Role::Reviewer,
        secret_digest: digest("secret"),
        created_at: AT.to_owned(),
        created_by: "operator".to_owned(),
        expires_at: Some(AT.to_owned()),
        revoked_at: None,
    }
}

/// A job of a dataset that nobody knows yet.
pub(super) fn job() -> ImportJob {
    ImportJob {
        id: 1,
        dataset: "new".to_owned(),
        actor: "li".to_owned(),
        state: JobState::Queued,
        upload: "00".to_owned(),
        upload_bytes: 5_000_000_000,
        file_name: "表.csv".to_owned(),
        profile: None,
        discard_edits: 1,
        attempts: 0,
        after_run: 0,
        created_at: AT.to_owned(),
        started_at: None,
        finished_at: None,
        run: None,
        outcome_digest: None,
    }
}

pub(super) fn session() -> Session {
    let expires_at = "2026-09-02T00:00:00Z".to_owned();
    Session { id: "ab".to_owned(), token: token().id, secret_digest: digest("session"), created_at: AT.to_owned(), expires_at }
}

pub(super) fn comment() -> DraftComment {
    DraftComment {
        id: 1,
        dataset: "cn-test".to_owned(),
        import_run: 1,
        key: Some("k".to_owned()),
        actor: "r".to_owned(),
        at: AT.to_owned(),
        words: "表三第二行".to_owned(),
    }
}

/// A database in which every table has a row.
pub(super) fn filled(ground: &Ground) -> Database {
    let database = ground.database();
    let detail = serde_json::json!({"factors": 40});
    database
        .write(|c| {
            dataset_upsert_absent(c, "cn-test", AT)?;
            assert_eq!(import_run_insert(c, &run())?, 1);
            assert_eq!(draft_put(c, &draft(), None)?, 1);
            let (manifest_digest, decision) = (digest("manifest"), Decision::Approve);
            let new = NewApproval { dataset: "cn-test", manifest_digest, reviewer: "r", decision, comment: "", signature: None, at: AT };
            assert_eq!(approval_insert(c, &new)?, 1);
            fact_insert(c, &fact(0, FactKind::Release, "1.0.0"))?;
            let files = [artefact("factors.csv", Coding::Zstd), artefact("factors.csv", Coding::Identity), artefact("a", Coding::Gzip)];
            release_insert(c, &release(0, "1.0.0"), &files)?;
            fact_insert(c, &fact(1, FactKind::Withdraw, "1.0.0"))?;
            head_advance(c, head(0), head(2))?;
            log_identity_insert(c, &identity())?;
            let new = NewEvent { at: AT, actor: "o", act: "release.publish", dataset: None, subject: "", detail: &detail };
            assert_eq!(event_append(c, &new)?, 1);
            assert_eq!(draft_edit_insert(c, &edit())?, 1);
            token_insert(c, &token())?;
            session_insert(c, &session())?;
            assert_eq!(draft_comment_insert(c, &comment())?, 1);
            assert_eq!(job_insert(c, &job())?, 1);
            Ok::<_, StoreError>(())
        })
        .unwrap_or_else(|error| panic!("{}: {}", ground.name, chain(&error)));
    database
}
