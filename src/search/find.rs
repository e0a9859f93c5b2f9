//! What matches, in which releases; nothing here knows of pages.

use std::sync::Arc;

use serde::Deserialize;

use super::asked::Asked;
use super::columns::Wanted;
use super::page::read_cursor;
use super::query::{FilterQuery, FilterRefusal, filled, wrong};
use crate::dataset::{Act, Principal};
use crate::factor::{Text, Texts};
use crate::release::{Catalogue, PublishedRelease};

/// All that matches.
pub struct Matches {
    /// By release, in the order of their datasets; numbers ascending, so in order of key. A release may have none.
    pub parts: Vec<(Arc<PublishedRelease>, Vec<usize>)>,
    /// How many public facts the releases were chosen by.
    pub facts: i64,
}

impl Matches {
    /// How many factors match.
    pub fn total(&self) -> usize {
        self.parts.iter().map(|(_, numbers)| numbers.len()).sum()
    }
}

/// Every factor that a query matches in the releases whose names `who` may read, without pages: by release, numbers ascending.
///
/// `sort`, `limit`, `cursor` and `facets` make no difference here, releases without a match are left out, and every release
/// stands once.
///
/// # Errors
/// The [`FilterRefusal`] that says what is wrong or missing, as for a page.
pub fn selection(
    catalogue: &Catalogue,
    query: &FilterQuery,
    who: &Principal,
) -> Result<Vec<(Arc<PublishedRelease>, Vec<usize>)>, FilterRefusal> {
    let mut parts = matches(catalogue, query, who, catalogue.facts())?.parts;
    parts.retain(|(_, numbers)| !numbers.is_empty());
    Ok(parts)
}

/// The releases that a search looks at, before anybody is asked who may read them.
///
/// # Errors
/// As for a page.
pub fn scope(catalogue: &Catalogue, query: &FilterQuery) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let (facts, _) = read_cursor(filled(&query.cursor), catalogue.facts())?;
    releases(catalogue, query, facts, &Principal::Operator)
}

/// Everything that matches as it was when there were so many public facts.
pub(super) fn matches(catalogue: &Catalogue, query: &FilterQuery, who: &Principal, facts: i64) -> Result<Matches, FilterRefusal> {
    let asked = Asked::read(query)?;
    let releases = releases(catalogue, query, facts, who)?;
    let parts = releases.into_iter().map(|release| {
        let numbers = match Wanted::new(catalogue, &release, &asked, facts) {
            Some(wanted) => (0..release.data.index().len())
                .filter(|number| wanted.matches(*number) && holds_words(&release, *number, &asked.words))
                .collect(),
            None => Vec::new(),
        };
        (release, numbers)
    });
    Ok(Matches { parts: parts.collect(), facts })
}

/// The datasets that are named, parted by commas; a part that goes on with a range's comma belongs to the one before.
fn named(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in text.split(',') {
        match names.last_mut() {
            Some(before) if before.contains('@') && part.trim_start().starts_with(['<', '>', '=', '^', '~', '*']) => {
                before.push(',');
                before.push_str(part);
            }
            _ => names.push(part.trim().to_owned()),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The most datasets that one query names.
const NAMED: usize = 100;

fn releases(catalogue: &Catalogue, query: &FilterQuery, facts: i64, who: &Principal) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let names = filled(&query.dataset).map(named).unwrap_or_default();
    if names.is_empty() {
        let latest = catalogue.datasets().filter_map(|(_, releases)| releases.latest_as_of(facts));
        return Ok(latest.filter(|release| release.may(who, Act::ReadNames).is_ok()).cloned().collect());
    }
    if names.len() > NAMED {
        return Err(wrong("dataset", format!("it names {} datasets, more than {NAMED}", names.len()), []));
    }
    let mut found: Vec<Arc<PublishedRelease>> = Vec::new();
    for name in names {
        let release = catalogue.resolve_as_of(&name, facts)?.release;
        release.permit(who, Act::ReadNames)?;
        if !found.iter().any(|own| own.manifest_digest == release.manifest_digest) {
            found.push(release);
        }
    }
    found.sort_by(|a, b| (&a.dataset, &a.version).cmp(&(&b.dataset, &b.version)));
    Ok(found)
}

fn holds_words(release: &PublishedRelease, number: usize, wanted: &[String]) -> bool {
    #[derive(Deserialize)]
    struct Words {
        key: String,
        activity: String,
        name: Text,
        #[serde(default)]
        category: String,
        #[serde(default)]
        synonyms: Texts,
    }
    if wanted.is_empty() {
        return true;
    }
    let Ok(words) = serde_json::from_slice::<Words>(&release.data.line(number)) else { return false };
    let Words { key, activity, name, category, synonyms } = words;
    let names = [name.en.unwrap_or_default(), name.zh.unwrap_or_default()];
    let all = [key, activity, category].into_iter().chain(names).chain(synonyms.en).chain(synonyms.zh).collect::<Vec<_>>();
    let text = all.join("\n").to_lowercase();
    wanted.iter().all(|word| text.contains(word.as_str()))
}
