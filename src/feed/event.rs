//! One public fact as an event: its members, and links to what it speaks of.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::release::{Catalogue, PublicFact, PublishedRelease};

/// Every type of event: the kinds of leaves of the log.
pub const EVENT_TYPES: [&str; 8] = ["release", "sealed", "withdraw", "restore", "supersede", "flag", "unflag", "key"];

/// The type of a fact's event.
pub const fn event_type(fact: &PublicFact) -> &'static str {
    match fact {
        PublicFact::Release { .. } => "release",
        PublicFact::Sealed { .. } => "sealed",
        PublicFact::Withdraw { .. } => "withdraw",
        PublicFact::Restore { .. } => "restore",
        PublicFact::Supersede { .. } => "supersede",
        PublicFact::Flag { .. } => "flag",
        PublicFact::Unflag { .. } => "unflag",
        PublicFact::Key { .. } => "key",
    }
}

/// Which events are wanted; an empty set wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Ids of datasets.
    pub datasets: BTreeSet<String>,
    /// Of [`EVENT_TYPES`].
    pub types: BTreeSet<String>,
}

impl EventFilter {
    /// Whether a fact is wanted. A change of the log's key concerns every dataset.
    pub fn takes(&self, fact: &PublicFact) -> bool {
        let of_dataset = fact.release().is_none_or(|(dataset, _)| self.datasets.contains(dataset.as_str()));
        (self.types.is_empty() || self.types.contains(event_type(fact))) && (self.datasets.is_empty() || of_dataset)
    }
}

/// A public fact with its place in the log.
#[derive(Clone)]
pub struct PublicEvent {
    /// Its place: the index of its leaf.
    pub seq: i64,
    /// What it tells.
    pub fact: Arc<PublicFact>,
}

/// Events that follow a place in the log.
pub struct EventPage {
    /// In order of place.
    pub events: Vec<PublicEvent>,
    /// The last place that was looked at; what comes next stands after it.
    pub seen: i64,
    /// Whether the log goes on behind it.
    pub more: bool,
}

/// At most `limit` events behind a place (-1: from the beginning).
pub fn events_page(catalogue: &Catalogue, after: i64, limit: usize, filter: &EventFilter) -> EventPage {
    let facts = catalogue.public_facts();
    let mut page = EventPage { events: Vec::new(), seen: after, more: false };
    let from = usize::try_from(after.saturating_add(1)).unwrap_or(0);
    for (fact, seq) in facts.iter().skip(from).zip(after.saturating_add(1)..) {
        if page.events.len() == limit {
            page.more = true;
            return page;
        }
        page.seen = seq;
        if filter.takes(fact) {
            page.events.push(PublicEvent { seq, fact: fact.clone() });
        }
    }
    page
}

impl PublicEvent {
    /// The release that it speaks of, where everybody may read it.
    pub(super) fn open_release<'c>(&self, catalogue: &'c Catalogue) -> Option<&'c PublishedRelease> {
        self.release(catalogue).filter(|release| release.is_open())
    }

    /// The release that it speaks of.
    pub(super) fn release<'c>(&self, catalogue: &'c Catalogue) -> Option<&'c PublishedRelease> {
        let (dataset, version) = self.fact.release()?;
        catalogue.dataset(dataset.as_str()).ok()?.get(version).map(AsRef::as_ref)
    }

    /// The open release before an open one.
    pub(super) fn previous<'c>(&self, catalogue: &'c Catalogue) -> Option<&'c PublishedRelease> {
        let own = self.open_release(catalogue)?;
        let previous = own.manifest.previous.as_ref()?;
        let before = catalogue.dataset(own.dataset.as_str()).ok()?.get(&previous.version)?;
        before.is_open().then_some(before.as_ref())
    }

    /// Its JSON; links begin with `base`, an address without final slash, or nothing.
    pub fn to_json(&self, catalogue: &Catalogue, base: &str) -> Value {
        let mut told = Map::new();
        told.insert("seq".into(), json!(self.seq));
        told.insert("type".into(), json!(event_type(&self.fact)));
        told.insert("at".into(), json!(self.fact.at()));
        if let Some((dataset, version)) = self.fact.release() {
            told.insert("dataset".into(), json!(dataset));
            told.insert("version".into(), json!(version.to_string()));
        }
        self.tell(catalogue, &mut told);
        told.insert("links".into(), Value::Object(self.links(catalogue, base)));
        Value::Object(told)
    }

    fn tell(&self, catalogue: &Catalogue, told: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
        match self.fact.as_ref() {
            PublicFact::Release { manifest, .. } => {
                put("manifest", json!(manifest));
                if let Some(release) = self.open_release(catalogue) {
                    let manifest = &release.manifest;
                    put("title", json!(manifest.metadata.title));
                    put("factors", json!(manifest.factors));
                    put("previous", json!(manifest.previous.as_ref().map(|previous| previous.version.to_string())));
                    put("changes", json!(manifest.changes));
                }
            }
            PublicFact::Sealed { access, .. } => put("access", json!(access)),
            PublicFact::Withdraw { reason, .. } | PublicFact::Restore { reason, .. } => put("reason", json!(reason)),
            PublicFact::Supersede { by, reason, .. } => {
                put("successor", json!(by));
                put("reason", json!(reason));
            }
            PublicFact::Flag { by, flag, key, reason, .. } | PublicFact::Unflag { by, flag, key, reason, .. } => {
                put("key", json!(key));
                put("flag", json!(flag));
                put("by", json!(by));
                put("reason", json!(reason));
            }
            PublicFact::Key { key, previous, .. } => {
                put("verifier_key", json!(key));
                put("previous_verifier_key", json!(previous));
            }
        }
    }

    fn links(&self, catalogue: &Catalogue, base: &str) -> Map<String, Value> {
        let mut links = Map::new();
        let mut put = |name: &str, path: String| drop(links.insert(name.to_owned(), json!(format!("{base}{path}"))));
        put("self", format!("/v1/events?after={}&limit=1", self.seq - 1));
        let Some((dataset, version)) = self.fact.release() else {
            put("log_key", "/log/key".to_owned());
            return links;
        };
        let release = format!("/v1/datasets/{dataset}/releases/{version}");
        put("dataset", format!("/v1/datasets/{dataset}"));
        put("release", release.clone());
        match self.fact.as_ref() {
            PublicFact::Release { .. } => {
                if self.open_release(catalogue).is_some() {
                    put("factors", format!("{release}/files/factors.ndjson"));
                    put("csv", format!("{release}/files/factors.csv"));
                    put("manifest", format!("{release}/files/manifest.json"));
                }
                if let Some(before) = self.previous(catalogue) {
                    put("difference", format!("/v1/datasets/{dataset}/diff/{}...{version}", before.version));
                    put("delta", format!("/v1/datasets/{dataset}/delta/{}...{version}", before.version));
                }
            }
            PublicFact::Supersede { by, .. } => {
                if let Some((dataset, version)) = by.split_once('@') {
                    put("successor", format!("/v1/datasets/{dataset}/releases/{version}"));
                }
            }
            PublicFact::Withdraw { .. } => put("dependents", format!("{release}/dependents")),
            PublicFact::Flag { key, .. } | PublicFact::Unflag { key, .. } => {
                put("factor", format!("{release}/factors/{}", escape_key(key)))
            }
            PublicFact::Sealed { .. } | PublicFact::Restore { .. } | PublicFact::Key { .. } => {}
        }
        links
    }
}

/// A key inside a path: what is neither plain nor `/` is escaped (RFC 3986, 2.1).
pub(super) fn escape_key(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    key.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::LEAF_FORMAT;

    fn withdraw(dataset: &str) -> PublicFact {
        PublicFact::Withdraw {
            at: "2026-09-01T12:00:00Z".into(),
            dataset: dataset.parse().unwrap(),
            format: LEAF_FORMAT.into(),
            reason: "r".into(),
            version: semver::Version::new(1, 0, 0),
        }
    }

    #[test]
    fn what_a_filter_takes() {
        let set = |words: &str| words.split_whitespace().map(str::to_owned).collect();
        let key = PublicFact::Key { at: "x".into(), format: LEAF_FORMAT.into(), key: "k".into(), previous: "p".into() };
        for (datasets, types, of_made, of_key) in [
            ("", "", true, true),
            ("made", "", true, true),
            ("other", "", false, true),
            ("made other", "withdraw release", true, false),
            ("", "key", false, true),
        ] {
            let filter = EventFilter { datasets: set(datasets), types: set(types) };
            assert_eq!((filter.takes(&withdraw("made")), filter.takes(&key)), (of_made, of_key), "{datasets} {types}");
        }
    }

    #[test]
    fn keys_in_paths() {
        assert_eq!(escape_key("grid-average/cn-zj/2022"), "grid-average/cn-zj/2022");
        assert_eq!(escape_key("电 力?#%"), "%E7%94%B5%20%E5%8A%9B%3F%23%25");
    }
}
