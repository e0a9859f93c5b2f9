//! The rows of the database, held against the files that are published.

use std::collections::BTreeMap;

use super::blobs::BlobStates;
use super::log::LogView;
use super::store::unsalted;
use super::{Finding, Report};
use crate::canon::Digest;
use crate::release::{PublicFact, ReleaseRecord};
use crate::store::{self, Connection, Database, Fact, StoreError};
use crate::tlog::leaf_hash;

/// Compares head, facts, releases, artefacts and the log's name with the published files.
pub(super) fn verify(database: &Database, log: &LogView, blobs: &BlobStates, report: &mut Report) {
    let facts = read(database, "fact", |connection| store::fact_list(connection, 0), report);
    if let Some(facts) = &facts {
        check_facts(facts, log, report);
    }
    if let Some(head) = read(database, "head", store::head_get, report) {
        check_head(head, facts.as_deref().unwrap_or_default(), log, report);
    }
    if let Some(identity) = read(database, "log_identity", store::log_identity_get, report) {
        check_identity(identity, log, report);
    }
    check_releases(database, log, blobs, report);
}

fn read<T>(
    database: &Database,
    table: &str,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    report: &mut Report,
) -> Option<T> {
    match database.read(work) {
        Ok(rows) => Some(rows),
        Err(error @ (StoreError::Unavailable { .. } | StoreError::Busy { .. })) => {
            report.fault(format!("table {table}: {error}"));
            None
        }
        Err(error) => {
            report.fail(Finding::new("row", format!("table {table}"), format!("it does not read: {}", causes(&error))));
            None
        }
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        text = format!("{text}: {cause}");
        inner = cause.source();
    }
    text
}

/// Says where a column is not what the files say.
struct Row<'r> {
    what: String,
    report: &'r mut Report,
}

impl Row<'_> {
    fn column(&mut self, column: &str, found: impl ToString, right: impl ToString) {
        let (found, right) = (found.to_string(), right.to_string());
        if found != right {
            let finding = Finding::new("row", &self.what, format!("it is `{found}`")).at(format!("column {column}"));
            self.report.fail(finding.right(format!("the files say `{right}`")));
        }
    }
}

fn check_facts(facts: &[Fact], log: &LogView, report: &mut Report) {
    let published = log.entries.len();
    for (place, fact) in facts.iter().enumerate() {
        let mut row = Row { what: format!("table fact, row {}", fact.seq), report };
        row.column("seq", fact.seq, place);
        let (entry, told) = (log.entries.get(place).and_then(Option::as_ref), log.facts.get(place).and_then(Option::as_ref));
        if let Some(entry) = entry {
            row.column("leaf", &fact.leaf, String::from_utf8_lossy(entry));
        }
        let own = PublicFact::from_leaf(fact.leaf.as_bytes(), "the leaf").ok();
        let Some(told) = told.or(own.as_ref()) else {
            report.fail(Finding::new("row", format!("table fact, row {}", fact.seq), "its leaf does not read"));
            continue;
        };
        row.column("at", &fact.at, told.at());
        row.column("kind", fact.kind, told.kind());
        let name = told.release().map(|(dataset, version)| (dataset.to_string(), version.to_string()));
        let none = || "nothing".to_owned();
        row.column("dataset", fact.dataset.clone().unwrap_or_else(none), name.as_ref().map_or_else(none, |name| name.0.clone()));
        row.column("version", fact.version.clone().unwrap_or_else(none), name.map_or_else(none, |name| name.1));
    }
    report.count("fact rows", facts.len() as u64);
    if facts.len() < published {
        let wrong = format!("it has {} rows, and {published} facts are published", facts.len());
        report.fail(Finding::new("row", "table fact", wrong).right("an old backup of the database may have been restored"));
    } else if facts.len() > published {
        report.note(format!("{} facts are committed and not published yet: the next start publishes them", facts.len() - published));
    }
}

fn check_head(head: store::Head, facts: &[Fact], log: &LogView, report: &mut Report) {
    report.count("head rows", 1);
    let mut tree = log.tree.clone();
    let beyond = facts.get(log.entries.len()..).unwrap_or_default();
    beyond.iter().for_each(|fact| tree.push(leaf_hash(fact.leaf.as_bytes())));
    let mut row = Row { what: "table head, row 1".to_owned(), report };
    row.column("size", head.size, tree.size());
    row.column("root", head.root, tree.root());
}

fn check_identity(identity: Option<store::LogIdentity>, log: &LogView, report: &mut Report) {
    let Some(identity) = identity else {
        return report.fail(Finding::new("row", "table log_identity", "the database names no log, and one is published"));
    };
    let mut row = Row { what: "table log_identity, row 1".to_owned(), report };
    row.column("origin", &identity.origin, &log.opened.checkpoint.origin);
    if let Some(first) = log.keys().first() {
        row.column("vkey", &identity.vkey, first);
    } else if let Ok(key) = identity.vkey.parse() {
        let known: &crate::tlog::VerifierKey = &key;
        let note = crate::tlog::Note::parse(&log.opened.note);
        if !note.is_ok_and(|note| note.verify(std::slice::from_ref(known)).is_ok()) {
            row.column("vkey", &identity.vkey, "the key that signed the published checkpoint");
        }
    } else {
        row.column("vkey", &identity.vkey, "a verifier key");
    }
}

fn check_releases(database: &Database, log: &LogView, blobs: &BlobStates, report: &mut Report) {
    let Some(rows) = read(database, "release", store::release_list_all, report) else { return };
    report.count("release rows", rows.len() as u64);
    let mut told: BTreeMap<(String, String), _> =
        log.releases().map(|leaf| ((leaf.dataset.to_string(), leaf.version.to_string()), leaf)).collect();
    for release in &rows {
        let id = format!("{}@{}", release.dataset, release.version);
        let Some(leaf) = told.remove(&(release.dataset.clone(), release.version.clone())) else {
            if usize::try_from(release.seq).is_ok_and(|seq| seq < log.entries.len()) {
                report.fail(Finding::new("row", format!("table release, row {id}"), "no leaf of the log releases it"));
            }
            continue;
        };
        let mut row = Row { what: format!("table release, row {id}"), report };
        row.column("seq", release.seq, leaf.index);
        let plain = |digest: Digest| match leaf.sealed {
            None => Some(digest),
            Some(_) => blobs.read(digest).map(|stored| Digest::of(&unsalted(&leaf, stored))),
        };
        if let (Some(manifest), Some(record)) = (plain(leaf.manifest), plain(leaf.record)) {
            row.column("manifest_digest", release.manifest_digest, manifest);
            row.column("record_digest", release.record_digest, record);
        }
        row.column("published_at", &release.published_at, leaf.at);
        let record = blobs.read(leaf.record).filter(|bytes| Digest::of(bytes) == leaf.record).map(|stored| unsalted(&leaf, stored));
        let Some(record) = record.and_then(|bytes| ReleaseRecord::from_bytes(&bytes, "the record").ok()) else { continue };
        row.column("actor", &release.actor, &record.published.by);
        row.column("import_run", release.import_run.map_or("nothing".to_owned(), |run| run.to_string()), record.import.run);
        check_artefacts(database, &id, (&release.dataset, &release.version), &record, report);
    }
    for ((dataset, version), _) in told {
        report.fail(Finding::new("row", format!("table release, row {dataset}@{version}"), "it is missing, and the log releases it"));
    }
}

fn check_artefacts(database: &Database, id: &str, name: (&str, &str), record: &ReleaseRecord, report: &mut Report) {
    let Some(rows) = read(database, "release_artefact", |connection| store::artefacts(connection, name.0, name.1), report) else { return };
    report.count("artefact rows", rows.len() as u64);
    let mut files: BTreeMap<(&str, &str), _> = record.files.iter().map(|file| ((file.name.as_str(), file.coding.as_str()), file)).collect();
    for row in &rows {
        let what = format!("table release_artefact, row {id} {} ({})", row.name, row.coding);
        let Some(file) = files.remove(&(row.name.as_str(), row.coding.as_str())) else {
            report.fail(Finding::new("row", what, "the record names no such file"));
            continue;
        };
        let mut row_of = Row { what, report };
        row_of.column("digest", row.digest, file.sha256);
        row_of.column("bytes", row.bytes, file.bytes);
        row_of.column("media_type", &row.media_type, &file.media_type);
    }
    for ((name, coding), _) in files {
        report.fail(Finding::new("row", format!("table release_artefact, row {id} {name} ({coding})"), "it is missing"));
    }
}
