//! Factors by classification code, accounting rule or certificate, from the lists of a release's index.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::query::{FilterRefusal, shown, wrong};
use crate::factor::{AccountingRule, Certificate, CertificateScheme, Classification, Relation, Scheme};
use crate::release::{Listing, PublishedRelease};

/// How a factor stands to the code that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CodeMatch {
    /// Of the factor's code to the one asked for.
    pub relation: Relation,
    /// The scheme of the factor's code.
    pub scheme: String,
    /// The factor's code.
    pub code: String,
    /// The document that ties the two schemes; null within one scheme.
    pub crosswalk: Option<&'static str>,
}

/// What a listed text of an index is looked for as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeTarget {
    pub(super) scheme: String,
    prefix: String,
    /// What the code itself is to the one asked for.
    own: Relation,
    /// Whether codes that begin with it lie within the one asked for.
    below: bool,
    crosswalk: Option<&'static str>,
}

impl CodeTarget {
    /// Where to look for a code in its one form: under itself, and under what is certain in other schemes.
    pub(crate) fn of(scheme: &str, code: &str, broader: bool) -> Vec<Self> {
        let listed = Scheme::get(scheme);
        let below = listed.is_some_and(|own| !own.levels.is_empty()) && code.bytes().all(|b| b.is_ascii_digit());
        let of = |prefix: &str, own, below| Self { scheme: scheme.to_owned(), prefix: prefix.to_owned(), own, below, crosswalk: None };
        let mut targets = vec![of(code, Relation::Exact, below)];
        // a NAICS sector that is a range of numbers: 31-33
        if let Some((first, last)) = code.split_once('-').and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)))
            && listed.is_some_and(|own| own.family == "naics")
        {
            targets.extend((first..=last).take(9).map(|sector| of(&format!("{sector:02}"), Relation::Narrower, true)));
        }
        if broader {
            let levels = listed.map(|own| own.levels.as_slice()).unwrap_or_default().iter().rev();
            let held = levels.filter(|level| **level < code.len()).filter_map(|level| code.get(..*level));
            targets.extend(held.map(|code| of(code, Relation::Broader, false)));
        }
        for crossed in listed.map(|own| own.crossed(code)).unwrap_or_default() {
            if crossed.relation != Relation::Broader || broader {
                let scheme = crossed.scheme.to_owned();
                targets.push(Self {
                    scheme,
                    prefix: crossed.code,
                    own: crossed.relation,
                    below: crossed.below,
                    crosswalk: Some(crossed.source),
                });
            }
        }
        targets
    }

    /// The factors of a release under any of the targets, each once, by the first target that it is under.
    pub(crate) fn matches(release: &PublishedRelease, targets: &[Self]) -> BTreeMap<usize, CodeMatch> {
        let index = release.data.index();
        let mut found: BTreeMap<usize, CodeMatch> = BTreeMap::new();
        for target in targets {
            let text = format!("{}={}", target.scheme, target.prefix);
            for entry in index.entries_with_prefix(Listing::Code, &text) {
                let Some((_, code)) = index.entry(Listing::Code, entry).and_then(|own| own.split_once('=')) else { continue };
                let same = code == target.prefix;
                if !same && !target.below {
                    continue;
                }
                let relation = if same { target.own } else { Relation::Narrower };
                let matched = CodeMatch { relation, scheme: target.scheme.clone(), code: code.to_owned(), crosswalk: target.crosswalk };
                for number in index.of_entry(Listing::Code, entry) {
                    let rank = |own: &CodeMatch| (own.crosswalk.is_some(), own.relation);
                    match found.get(&number) {
                        Some(own) if rank(own) <= rank(&matched) => {}
                        _ => drop(found.insert(number, matched.clone())),
                    }
                }
            }
        }
        found
    }

    /// Where to look for `scheme:code` or `scheme=code`: every edition of a family, or a scheme of a dataset's own.
    pub(crate) fn read(text: &str) -> Result<Vec<Self>, FilterRefusal> {
        let Some((scheme, code)) = text.split_once([':', '=', '：']) else {
            let detail = format!("`{}` is not SCHEME:CODE", shown(text));
            return Err(wrong("code", detail, ["hs-2022:7208", "cas:74-82-8"]));
        };
        let mut found = Vec::new();
        let mut why = None;
        for own in Scheme::named(scheme) {
            match own.read(code) {
                Ok(code) => found.extend(Self::of(&own.id, &code, false)),
                Err(fault) => why = Some(fault),
            }
        }
        if let (true, Some(why)) = (found.is_empty(), why) {
            return Err(wrong("code", why, []));
        }
        // datasets that state no edition write the name of the family, others have schemes of their own
        let entry = Classification::entry(scheme, code);
        let (scheme, code) = entry.split_once('=').unwrap_or((&entry, ""));
        if Scheme::get(scheme).is_none() {
            found.extend(Self::of(scheme, code, false));
        }
        Ok(found)
    }
}

/// The factors of a release under any of these codes, ascending.
pub(crate) fn with_codes(release: &PublishedRelease, targets: &[CodeTarget]) -> BTreeSet<usize> {
    CodeTarget::matches(release, targets).into_keys().collect()
}

/// The factors of a release that follow a rule with any of these keys, ascending.
pub(crate) fn with_rules(release: &PublishedRelease, keys: &[String]) -> BTreeSet<usize> {
    let index = release.data.index();
    let entries = keys.iter().filter_map(|key| index.entry_of(Listing::Rule, key));
    entries.flat_map(|entry| index.of_entry(Listing::Rule, entry)).collect()
}

/// A certificate, or all of one kind (`epd:`), as an index knows it; and whether texts that begin so count.
pub(super) fn read_certificate(text: &str) -> (String, bool) {
    let prefix = text.trim_end_matches([':', '：']).to_lowercase();
    if text.ends_with([':', '：']) && CertificateScheme::get(&prefix).is_some() {
        return (format!("{prefix}:"), true);
    }
    (Certificate::read(text).entry(), false)
}

/// The factors of a release with any of these certificates, ascending.
pub(super) fn with_certificates(release: &PublishedRelease, wanted: &[(String, bool)]) -> BTreeSet<usize> {
    let index = release.data.index();
    let entries = |(text, begins): &(String, bool)| {
        let range = index.entries_with_prefix(Listing::Certificate, text);
        let range = if *begins { range } else { range.start..range.end.min(range.start + 1) };
        range.filter(|entry| *begins || index.entry(Listing::Certificate, *entry) == Some(text)).collect::<Vec<_>>()
    };
    wanted.iter().flat_map(entries).flat_map(|entry| index.of_entry(Listing::Certificate, entry)).collect()
}

/// The keys of the rules that a list names, registered or not.
pub(super) fn read_rules<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    texts.flat_map(AccountingRule::keys_of).collect()
}
