//! The crosswalks of a dataset's releases, composed: what became of a key from one release to a later one.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;
use semver::Version;
use serde::Serialize;

use super::{DatasetReleases, PublishedRelease};
use crate::dataset::{CrosswalkRecord, Renames, Verb};
use crate::factor::exact::to_fraction;

/// One record on the way of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CrosswalkStep {
    /// The release that says so.
    #[schema(value_type = String)]
    pub version: Version,
    /// What happened.
    pub verb: Verb,
    /// Keys before.
    pub from: Vec<String>,
    /// Keys after.
    pub to: Vec<String>,
    /// Why.
    pub reason: String,
}

/// What stands in a later release for a key of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Successor {
    /// The key.
    pub key: String,
    /// How much of what the old key counted falls to it, as an exact fraction; null where a split does not say.
    pub share: Option<String>,
}

/// What became of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fate {
    /// The key in the earlier release.
    pub from: String,
    /// `kept`: under the same key; `moved`: under what `to` names; `deleted`: a record says that nothing took its place;
    /// `gone`: it is not there, and no record says what became of it.
    pub fate: &'static str,
    /// What stands for it in the later release.
    pub to: Vec<Successor>,
    /// The records on the way, in order of their releases.
    pub steps: Vec<CrosswalkStep>,
}

impl DatasetReleases {
    /// The releases on the way from one release to a later one, oldest first, the later one included: each is built on the
    /// one before, and withdrawn ones that nothing was built on are not on the way.
    pub fn way(&self, from: &Version, to: &Version) -> Vec<&PublishedRelease> {
        let mut way = Vec::new();
        let mut next = Some(to.clone());
        while let Some(release) = next.take().filter(|version| version > from).and_then(|version| self.get(&version)) {
            way.push(release.as_ref());
            let previous = release.manifest.previous.as_ref().map(|previous| previous.version.clone());
            next = previous.filter(|previous| *previous < release.version);
        }
        way.reverse();
        way
    }

    /// Old and new key of every confirmed rename between two releases; backwards where `to` is the earlier one.
    pub fn renames(&self, from: &PublishedRelease, to: &PublishedRelease) -> Renames {
        let (earlier, later) = if from.version <= to.version { (from, to) } else { (to, from) };
        let mut renames = Renames::new();
        for release in self.way(&earlier.version, &later.version) {
            let step: BTreeMap<&str, &str> = release.crosswalk.replaced().collect();
            let moved: Renames =
                renames.iter().filter_map(|(old, now)| Some((old.clone(), (*step.get(now.as_str())?).to_owned()))).collect();
            let taken: BTreeSet<String> = renames.values().cloned().collect();
            let fresh = step.iter().filter(|(old, _)| !taken.contains(**old)).map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
            let fresh: Renames = fresh.collect();
            renames.extend(moved);
            renames.extend(fresh);
        }
        if from.version <= to.version { renames } else { renames.into_iter().map(|(old, new)| (new, old)).collect() }
    }

    /// What became of a key of the earlier release in the later one.
    pub fn fate(&self, key: &str, from: &PublishedRelease, to: &PublishedRelease) -> Fate {
        self.fate_on(&self.way(&from.version, &to.version), key, to)
    }

    /// What became of every key of the earlier release that a record on the way speaks of, in order of key.
    pub fn fates(&self, from: &PublishedRelease, to: &PublishedRelease) -> Vec<Fate> {
        let way = self.way(&from.version, &to.version);
        let named: BTreeSet<&str> =
            way.iter().flat_map(|release| release.crosswalk.records()).flat_map(|record| record.from.iter().map(String::as_str)).collect();
        named.into_iter().filter(|key| from.data.find(key).is_some()).map(|key| self.fate_on(&way, key, to)).collect()
    }

    fn fate_on(&self, way: &[&PublishedRelease], key: &str, to: &PublishedRelease) -> Fate {
        let one = || Some(BigRational::from(BigInt::from(1)));
        let mut now: BTreeMap<String, Option<BigRational>> = BTreeMap::from([(key.to_owned(), one())]);
        let mut steps = Vec::new();
        for release in way {
            let mut next: BTreeMap<String, Option<BigRational>> = BTreeMap::new();
            let mut add = |key: &str, share: Option<BigRational>| {
                let own = next.entry(key.to_owned()).or_insert_with(|| Some(BigRational::from(BigInt::from(0))));
                *own = own.take().zip(share).map(|(own, share)| own + share);
            };
            for (own, share) in now {
                let Some(record) = release.crosswalk.of(&own) else {
                    add(&own, share);
                    continue;
                };
                let step = step(release, record);
                if !steps.contains(&step) {
                    steps.push(step);
                }
                for (place, new) in record.to.iter().enumerate() {
                    let part = match record.verb {
                        Verb::Split => record.share.get(place).map(|part| part.to_rational()),
                        _ => one(),
                    };
                    add(new, share.clone().zip(part).map(|(share, part)| share * part));
                }
            }
            now = next;
        }
        let successors: Vec<Successor> = now
            .into_iter()
            .filter(|(key, _)| to.data.find(key).is_some())
            .map(|(key, share)| Successor { key, share: share.map(|share| to_fraction(&share)) })
            .collect();
        let fate = match (&successors[..], steps.is_empty()) {
            ([], true) => "gone",
            ([], false) if steps.iter().any(|step| step.verb == Verb::Delete) => "deleted",
            ([], false) => "gone",
            ([only], _) if only.key == key => "kept",
            _ => "moved",
        };
        Fate { from: key.to_owned(), fate, to: successors, steps }
    }

    /// What became of a key that this release does not have and an earlier one on its way had; the latest of those.
    pub fn fate_of_missing(&self, key: &str, release: &PublishedRelease) -> Option<(Version, Fate)> {
        let start = self.all().next()?.version.clone();
        let mut earlier: Vec<&PublishedRelease> = self.way(&Version::new(0, 0, 0), &release.version);
        earlier.retain(|other| other.version >= start && other.version < release.version);
        let last = earlier.into_iter().rev().find(|other| other.data.find(key).is_some())?;
        Some((last.version.clone(), self.fate(key, last, release)))
    }
}

fn step(release: &PublishedRelease, record: &CrosswalkRecord) -> CrosswalkStep {
    CrosswalkStep {
        version: release.version.clone(),
        verb: record.verb,
        from: record.from.clone(),
        to: record.to.clone(),
        reason: record.reason.clone(),
    }
}

impl Fate {
    /// In a few words: `it became `b` (replace in 2.0.0: the source renamed it)`.
    pub fn told(&self) -> String {
        let told: Vec<String> =
            self.steps.iter().map(|step| format!("{} in {}: {}", step.verb.as_str(), step.version, step.reason)).collect();
        let keys: Vec<String> = self.to.iter().map(|successor| format!("`{}`", successor.key)).collect();
        let why = if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) };
        match self.fate {
            "moved" => format!("it became {}{why}", keys.join(", ")),
            "deleted" => format!("it was deleted{why}"),
            "kept" => format!("it is there{why}"),
            _ => format!("no record says what became of it{why}"),
        }
    }
}
