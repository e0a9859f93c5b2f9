//! A calculator's lockfile: pinned over real HTTP, checked offline, moved only by proofs.

mod fork;
mod moved;
mod pins;
mod tamper;
mod trust;

use std::path::Path;

use serde_json::Value;

use crate::cli::{Ran, tanyin_in};
use crate::site::{PackageDraft, Site, row};

/// A package with one row for each key, and cells of each.
pub fn package(dataset: &str, version: &str, rows: &[(&str, &[(&str, &str)])]) -> PackageDraft {
    PackageDraft::new(dataset, version, rows.iter().map(|(key, cells)| row(key, cells)).collect())
}

/// A calculator's folder.
pub struct Calculator {
    pub folder: tempfile::TempDir,
}

impl Calculator {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("tanyin.lock")
    }

    pub fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    pub fn file(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// `tanyin lock …`, in a folder without data.
    pub fn lock(&self, arguments: &[&str]) -> Ran {
        tanyin_in(self.folder.path(), &[&["lock"], arguments].concat())
    }

    /// The same, which must end so.
    #[track_caller]
    pub fn ends(&self, code: i32, arguments: &[&str]) -> Ran {
        let ran = self.lock(arguments);
        assert_eq!(ran.code(), code, "{arguments:?}: {}{}", ran.out(), ran.err());
        ran
    }

    /// Pins a factor of a site, over HTTP.
    #[track_caller]
    pub fn pin(&self, site: &Site, factor: &str, more: &[&str]) -> Ran {
        self.ends(0, &[&["add", factor, "--server", site.address()], more].concat())
    }

    /// What moved, as JSON.
    #[track_caller]
    pub fn outdated(&self, code: i32) -> Value {
        self.ends(code, &["outdated", "--json"]).json()
    }
}

/// Waits until a site's server has taken in everything that was published.
pub fn settle(site: &Site) {
    let facts = tanyin::release::Catalogue::load(site.ground()).unwrap().facts();
    site.wait_for_facts(facts);
}

/// The error of a refusal.
#[track_caller]
pub fn error(ran: &Ran) -> (String, String) {
    let error = &ran.json()["error"];
    (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
}

/// Lets nobody answer: an address on which nothing listens.
pub fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Copies a lockfile into another calculator's folder.
pub fn copy(from: &Calculator, to: &Path) {
    std::fs::copy(from.path(), to.join("tanyin.lock")).unwrap();
}
