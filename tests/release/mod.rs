//! From a draft to a release: what is published, in which order, and what can be undone.

mod derivation;
mod determinism;
mod faults;
mod log;
mod publish;
mod recover;
mod review;
mod signed;
mod version;
mod walk;
mod withdraw;

use tanyin::dataset::DatasetId;
use tanyin::desk::{self, DeskError, ImportOutcome, Submitted, VersionWish};
use tanyin::release::{Ground, Published, ReleaseError, publish};
use tanyin::store;

use crate::site::{PackageDraft, Site, row};

fn id(dataset: &str) -> DatasetId {
    dataset.parse().unwrap()
}

/// A package with one row for each key, the value beside it.
fn package(dataset: &str, version: &str, rows: &[(&str, &str)]) -> PackageDraft {
    PackageDraft::new(dataset, version, rows.iter().map(|(key, value)| row(key, &[("value", value)])).collect())
}

#[track_caller]
fn import(site: &Site, package: &PackageDraft) -> ImportOutcome {
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let outcome = site.import(folder.path(), package.dataset()).unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
    outcome
}

fn submit(site: &Site, dataset: &str, wish: &VersionWish) -> Result<Submitted, DeskError> {
    desk::submit(site.ground(), &id(dataset), wish, "steward")
}

fn release(ground: &Ground, dataset: &str) -> Result<Published, ReleaseError> {
    publish(ground, &id(dataset), "operator")
}

/// What is released and committed, as text to compare.
fn released(ground: &Ground) -> String {
    let read = ground.database().unwrap().read(|connection| {
        let releases = store::release_list_all(connection)?;
        let facts = store::fact_list(connection, 0)?;
        let head = store::head_get(connection)?;
        Ok::<_, ReleaseError>(format!("{releases:?}\n{facts:?}\n{head:?}"))
    });
    format!("{}\n{:?}", read.unwrap(), (ground.blobs().list_named("log").unwrap(), ground.blobs().read_named("log/checkpoint").unwrap()))
}

fn draft(ground: &Ground, dataset: &str) -> Option<store::Draft> {
    ground.database().unwrap().read(|connection| store::draft_get(connection, dataset)).unwrap()
}

/// Lets a test overwrite or remove what is write-once.
fn unprotect(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

/// A file of the log: `checkpoint`, `tile/0/000.p/1`.
fn log_path(site: &Site, name: &str) -> std::path::PathBuf {
    site.ground().blobs().root().join("log").join(name)
}
