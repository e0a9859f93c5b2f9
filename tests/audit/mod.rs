//! Verification: what is changed is found, who lies is refused, and what is sound passes.

mod files;
mod flips;
mod mirror;
mod rows;
mod sealed;
mod trust;

use std::path::{Path, PathBuf};

use tanyin::audit::{Memory, Report, Scope, ServerScope, Store, Trust, verify_server, verify_store};
use tanyin::release::{Catalogue, Ground, withdraw};
use tanyin::tlog::{KeyKind, SignerKey, VerifierKey};

use crate::site::{PackageDraft, Site, row};

pub const NOW: u64 = 1_790_000_000;

fn package(dataset: &str, version: &str, rows: &[(&str, &str)]) -> PackageDraft {
    PackageDraft::new(dataset, version, rows.iter().map(|(key, value)| row(key, &[("value", value)])).collect())
}

/// A release and its withdrawal.
fn small(site: &Site) {
    site.publish(&package("small", "1.0.0", &[("a", "1")]));
    site.publish(&package("small", "1.1.0", &[("a", "1"), ("b", "2")]));
    withdraw(site.ground(), &"small".parse().unwrap(), &"1.0.0".parse().unwrap(), "a test", "operator").unwrap();
    Catalogue::load(site.ground()).unwrap();
}

fn log_keys(ground: &Ground) -> Vec<VerifierKey> {
    ground.log_vkeys().unwrap().iter().map(|key| key.parse().unwrap()).collect()
}

/// The files of a site, without its database.
fn fsck(root: &Path, scope: &Scope) -> Report {
    let mut report = Report::of("the store");
    let (blobs, indexes) = (root.join("blobs"), root.join("indexes"));
    verify_store(&Store { blobs: &blobs, indexes: &indexes, database: None }, Trust::new(NOW), None, scope, &mut report);
    report
}

fn with_rows(site: &Site, scope: &Scope) -> Report {
    let mut report = Report::of("the store");
    let (blobs, indexes) = (site.folder.path().join("blobs"), site.folder.path().join("indexes"));
    let store = Store { blobs: &blobs, indexes: &indexes, database: Some(site.ground().database().unwrap()) };
    verify_store(&store, Trust::new(NOW), None, scope, &mut report);
    report
}

fn server(url: &str, trust: Trust, memory: Option<&Memory>) -> Report {
    let mut report = Report::of(url);
    verify_server(url, trust, memory, &ServerScope::default(), &mut report);
    report
}

fn key(name: &str, seed: u8, kind: KeyKind) -> SignerKey {
    SignerKey::generate(name, kind, &[seed; 32]).unwrap()
}

#[track_caller]
fn sound(report: &Report) {
    assert!(report.is_sound(), "{:#?} {:#?}", report.failures, report.faults);
}

/// One of the failures has this code and says this.
#[track_caller]
fn refused(report: &Report, code: &str, says: &str) {
    let found = report.failures.iter().any(|finding| finding.code == code && finding.to_string().contains(says));
    assert!(found, "no `{code}` that says `{says}`: {:#?} {:#?}", report.failures, report.faults);
}

fn unprotect(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

fn all_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all_files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mut files = Vec::new();
    all_files(from, &mut files);
    for path in files {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, &target).unwrap();
        unprotect(&target);
    }
}
