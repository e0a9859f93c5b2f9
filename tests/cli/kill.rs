//! `kill -9` in the middle of a publish, with the real program on a real disk.
//!
//! `scripts/kill-publish` does the same at length; this is the short form that every run has.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tanyin::desk::{self, VersionWish};
use tanyin::release::{Catalogue, Ground};

use crate::on_both;
use crate::site::{PackageDraft, Site, row};

/// Enough factors that a publish takes a while.
fn package(version: &str, value: &str) -> PackageDraft {
    let rows = (0..3000).map(|n| row(&format!("grid-average/{n:05}"), &[("value", value)])).collect();
    PackageDraft::new("killed", version, rows)
}

/// Publishes with the program and kills it after `delay`, or lets it end.
fn publish(site: &Site, delay: Option<Duration>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
    command.args(["release", "publish", "killed", "--json", "--data-dir"]).arg(site.folder.path());
    command.args(["--database-url", &site.database]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    if let Some(delay) = delay {
        std::thread::sleep(delay);
        child.kill().unwrap();
    }
    child.wait().unwrap();
}

/// Imports and submits the next version, so that a publish is all that is left to do.
fn prepare(site: &Site, minor: usize) {
    let folder = tempfile::tempdir().unwrap();
    package(&format!("1.{minor}.0"), &format!("0.{}", minor + 1)).write(folder.path());
    let dataset = "killed".parse().unwrap();
    assert!(!site.import(folder.path(), "killed").unwrap().report.has_errors());
    desk::submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
}

/// How many releases there are, each of them whole.
fn whole_releases(ground: &Ground) -> usize {
    let catalogue = Catalogue::load(ground).unwrap();
    let Ok(releases) = catalogue.dataset("killed") else { return 0 };
    for release in releases.all() {
        for file in release.files().iter() {
            ground.blobs().verify(file.sha256).unwrap();
        }
        assert_eq!(release.data.index().len(), 3000);
    }
    releases.all().count()
}

on_both!(
    fn a_killed_publish_leaves_a_whole_release_or_none(site: &Site) {
        prepare(site, 0);
        let begun = Instant::now();
        publish(site, None);
        let whole = begun.elapsed();
        let mut released = whole_releases(site.ground());
        assert_eq!(released, 1);
        for moment in 1..=8u32 {
            if desk::draft_difference(site.ground(), &"killed".parse().unwrap()).is_err() {
                prepare(site, released);
            }
            publish(site, Some(whole * moment / 9));
            let ground = site.reopen().unwrap();
            let now = whole_releases(&ground);
            let draft_left = desk::draft_difference(&ground, &"killed".parse().unwrap()).is_ok();
            assert!(now == released && draft_left || now == released + 1 && !draft_left, "{released} → {now}, draft left: {draft_left}");
            released = now;
        }
        if desk::draft_difference(site.ground(), &"killed".parse().unwrap()).is_ok() {
            publish(site, None);
            assert_eq!(whole_releases(&site.reopen().unwrap()), released + 1);
        }
    }
);
