//! What a server says of the standing of its releases, held against the leaves: a withdrawal cannot be hidden.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::contents::DOCUMENT_LIMIT;
use super::log::LogView;
use super::source::{Got, Server, Source};
use super::{Finding, Report};
use crate::release::{CHECKPOINT_NAME, PublicFact};
use crate::tlog::MAX_NOTE;

/// What the leaves tell of one release.
#[derive(Default)]
struct Told {
    /// The leaf that withdrew it, unless a later one restored it.
    withdrawn: Option<usize>,
    /// The leaf that superseded it.
    superseded: Option<usize>,
}

/// A server's list of a dataset's releases, as far as it tells of their standing.
#[derive(Deserialize)]
struct Listed {
    releases: Vec<ListedRelease>,
}

#[derive(Deserialize)]
struct ListedRelease {
    version: Version,
    withdrawn: Option<IgnoredAny>,
    superseded: Option<IgnoredAny>,
}

fn told(log: &LogView) -> BTreeMap<&str, BTreeMap<&Version, Told>> {
    let mut all: BTreeMap<&str, BTreeMap<&Version, Told>> = BTreeMap::new();
    for (index, fact) in log.facts.iter().enumerate().filter_map(|(index, fact)| Some((index, fact.as_ref()?))) {
        let Some((dataset, version)) = fact.release() else { continue };
        let own = all.entry(dataset.as_str()).or_default().entry(version).or_default();
        match fact {
            PublicFact::Withdraw { .. } => own.withdrawn = Some(index),
            PublicFact::Restore { .. } => own.withdrawn = None,
            PublicFact::Supersede { .. } => own.superseded = Some(index),
            PublicFact::Release { .. }
            | PublicFact::Sealed { .. }
            | PublicFact::Key { .. }
            | PublicFact::Flag { .. }
            | PublicFact::Unflag { .. } => {}
        }
    }
    all
}

/// Compares the lists of releases with the leaves. A mirror of files alone serves no lists; that is noted.
pub(super) fn check_standing(server: &Server, log: &LogView, report: &mut Report) {
    for (dataset, releases) in told(log) {
        let name = format!("v1/datasets/{dataset}/releases");
        let place = server.place(&name);
        let bytes = match server.read(&name, DOCUMENT_LIMIT, report) {
            Got::Bytes(bytes) => bytes,
            Got::Missing => {
                report.note(format!("{place}: no list of releases is served, so what the server says of their standing was not compared"));
                continue;
            }
            Got::Reported => continue,
        };
        let listed: Listed = match serde_json::from_slice(&bytes) {
            Ok(listed) => listed,
            Err(error) => {
                report.fail(Finding::new("standing", place, format!("the list of releases does not read: {error}")));
                continue;
            }
        };
        report.count("lists of releases", 1);
        for (version, told) in &releases {
            let own = listed.releases.iter().find(|own| own.version == **version);
            compare(&place, &format!("{dataset}@{version}"), told, own, report);
        }
        let more = listed.releases.iter().find(|own| !releases.contains_key(&own.version));
        if let Some(more) = more.filter(|_| unmoved(server, log)) {
            let wrong = format!("it lists {dataset}@{}, which no leaf releases", more.version);
            report.fail(Finding::new("standing", place, wrong));
        }
    }
}

fn compare(place: &str, id: &str, told: &Told, own: Option<&ListedRelease>, report: &mut Report) {
    let Some(own) = own else {
        return report.fail(Finding::new("standing", place, format!("it does not list {id}")).right("the log releases it"));
    };
    for (word, leaf, says) in
        [("withdrew", told.withdrawn, own.withdrawn.is_some()), ("superseded", told.superseded, own.superseded.is_some())]
    {
        if let Some(leaf) = leaf.filter(|_| !says) {
            report.fail(Finding::new("standing", place, format!("it says nothing of it, but leaf {leaf} {word} {id}")));
        }
    }
}

/// Whether nothing was published since the log was read.
fn unmoved(server: &Server, log: &LogView) -> bool {
    let mut aside = Report::of("");
    matches!(server.read(CHECKPOINT_NAME, MAX_NOTE as u64, &mut aside), Got::Bytes(note) if note == log.opened.note.as_bytes())
}
