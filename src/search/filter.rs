//! `/v1/factors`: equalities over the columns of the latest releases, in pages, with facets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::dataset::{Act, Principal};
use crate::factor::{Region, Text, Texts, flag_code, kinds, nearest};
use crate::release::{Catalogue, Denied, Dimension, PublishedRelease, ResolveError};

/// The parameters of a search, as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    /// Dataset id, with a version or range behind `@` if wanted; else the latest releases of all
    pub dataset: Option<String>,
    /// Kind of factor
    pub kind: Option<String>,
    /// Activity; a trailing `*` stands for any rest
    pub activity: Option<String>,
    /// Region code
    pub region: Option<String>,
    /// Data year
    pub year: Option<String>,
    /// Category; a trailing `*` stands for any rest
    pub category: Option<String>,
    /// Quality flag
    pub flag: Option<String>,
    /// Words that names, synonyms, key, activity or category hold, in any order
    pub q: Option<String>,
    /// `key` (dataset, then key), `year`, `-year`, `region`
    pub sort: Option<String>,
    /// Factors a page, 1 to 1000; 50 if left out
    pub limit: Option<String>,
    /// `next` of the page before
    pub cursor: Option<String>,
    /// Facets to count, parted by commas, of dataset, kind, activity, region, year, category, flag; `none`; all but activity if left out
    pub facets: Option<String>,
}

/// The facets that can be counted.
pub const FACETS: [&str; 7] = ["dataset", "kind", "activity", "region", "year", "category", "flag"];

/// Facets are cut after this many values, the most frequent first.
const FACET_VALUES: usize = 200;

/// One factor of a page.
#[derive(Clone)]
pub struct PageItem {
    /// Its release.
    pub release: Arc<PublishedRelease>,
    /// Its number there.
    pub number: usize,
}

/// One page of factors.
pub struct Page {
    /// The factors, in order.
    pub items: Vec<PageItem>,
    /// How many match in all.
    pub total: usize,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Counts by facet and value over all matches.
    pub facets: BTreeMap<String, BTreeMap<String, usize>>,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterRefusal {
    /// The dataset or release is not there.
    #[error(transparent)]
    Release(#[from] ResolveError),
    /// Whoever asked may not read the dataset that was named.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// A parameter has a value that it cannot have.
    #[error("`{parameter}`: {detail}")]
    Parameter {
        /// Which.
        parameter: &'static str,
        /// What is wrong.
        detail: String,
        /// What it can be.
        valid: Vec<String>,
    },
}

/// Finds factors, in the releases whose names `who` may read; a dataset that is named and may not be read is a refusal.
///
/// # Errors
/// The [`FilterRefusal`] that says what is wrong or missing.
pub fn filter(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Result<Page, FilterRefusal> {
    let (facts, offset) = read_cursor(filled(&query.cursor), catalogue.facts())?;
    let limit = page_limit(filled(&query.limit))?;
    let sort = read_sort(filled(&query.sort))?;
    let facet_names = read_facets(filled(&query.facets))?;
    let asked = Asked::read(query)?;
    let releases = releases(catalogue, query, facts, who)?;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (position, release) in releases.iter().enumerate() {
        let Some(wanted) = Wanted::new(catalogue, release, &asked) else { continue };
        found.extend((0..release.data.index().len()).filter(|number| wanted.matches(*number)).map(|number| (position, number)));
    }
    let mut facets = BTreeMap::new();
    for name in facet_names {
        facets.insert(name.to_owned(), count_facet(&releases, &found, name));
    }
    sort_found(&releases, &mut found, sort);
    let total = found.len();
    let item =
        |(position, number): &(usize, usize)| releases.get(*position).map(|release| PageItem { release: release.clone(), number: *number });
    let items: Vec<PageItem> = found.iter().skip(offset).take(limit).filter_map(item).collect();
    let next = (offset + items.len() < total).then(|| write_cursor(facts, offset + items.len()));
    Ok(Page { items, total, next, facets })
}

fn wrong<'v>(parameter: &'static str, detail: impl Into<String>, valid: impl IntoIterator<Item = &'v str>) -> FilterRefusal {
    FilterRefusal::Parameter { parameter, detail: detail.into(), valid: valid.into_iter().map(str::to_owned).collect() }
}

/// A cursor names how many public facts the first page saw, so that later pages see the same releases.
pub(crate) fn read_cursor(cursor: Option<&str>, facts: i64) -> Result<(i64, usize), FilterRefusal> {
    let Some(cursor) = cursor else { return Ok((facts, 0)) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let read = text
        .as_deref()
        .and_then(|text| text.split_once('.'))
        .and_then(|(seen, offset)| Some((seen.parse::<i64>().ok()?, offset.parse().ok()?)));
    read.filter(|(seen, _)| (0..=facts).contains(seen)).ok_or_else(|| wrong("cursor", "it is not the `next` of a page of this server", []))
}

/// The cursor of the page that begins here.
pub(crate) fn write_cursor(facts: i64, offset: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{facts}.{offset}"))
}

/// How many a page holds.
pub(crate) fn page_limit(limit: Option<&str>) -> Result<usize, FilterRefusal> {
    match limit {
        None => Ok(50),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=1000).contains(limit))
            .ok_or_else(|| wrong("limit", "it is not a number from 1 to 1000", [])),
    }
}

const SORTS: [&str; 4] = ["key", "year", "-year", "region"];

fn read_sort(sort: Option<&str>) -> Result<&str, FilterRefusal> {
    let sort = sort.unwrap_or("key");
    if SORTS.contains(&sort) { Ok(sort) } else { Err(wrong("sort", "it is none of its values", SORTS)) }
}

fn read_facets(facets: Option<&str>) -> Result<Vec<&'static str>, FilterRefusal> {
    match facets {
        Some("none") => Ok(Vec::new()),
        None => Ok(FACETS.iter().copied().filter(|name| *name != "activity").collect()),
        Some(names) => {
            let facet = |name: &str| FACETS.iter().copied().find(|facet| *facet == name);
            names.split(',').map(str::trim).map(|name| read_code("facets", name, facet(name), &FACETS)).collect()
        }
    }
}

fn releases(catalogue: &Catalogue, query: &FilterQuery, facts: i64, who: &Principal) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let Some(name) = filled(&query.dataset) else {
        let latest = catalogue.datasets().filter_map(|(_, releases)| releases.latest_as_of(facts));
        return Ok(latest.filter(|release| release.may(who, Act::ReadNames).is_ok()).cloned().collect());
    };
    let release = catalogue.resolve_as_of(name, facts)?.release;
    release.permit(who, Act::ReadNames)?;
    Ok(vec![release])
}

/// The releases that a search looks at, before anybody is asked who may read them.
///
/// # Errors
/// As [`filter`].
pub fn scope(catalogue: &Catalogue, query: &FilterQuery) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let (facts, _) = read_cursor(filled(&query.cursor), catalogue.facts())?;
    releases(catalogue, query, facts, &Principal::Operator)
}

/// A parameter that is left blank is left out.
fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The filters as they are understood: whatever has a list of codes stands in it.
struct Asked<'a> {
    equal: Vec<(Dimension, &'a str)>,
    flag: Option<&'static str>,
    words: Vec<String>,
}

impl<'a> Asked<'a> {
    fn read(query: &'a FilterQuery) -> Result<Self, FilterRefusal> {
        let asked = [
            (Dimension::Kind, read_kind(filled(&query.kind))?),
            (Dimension::Activity, filled(&query.activity)),
            (Dimension::Region, read_region(filled(&query.region))?),
            (Dimension::Year, read_year(filled(&query.year))?),
            (Dimension::Category, filled(&query.category)),
        ];
        let words = query.q.as_deref().unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect();
        let equal = asked.into_iter().filter_map(|(dimension, text)| Some((dimension, text?))).collect();
        Ok(Self { equal, flag: filled(&query.flag).map(read_flag).transpose()?, words })
    }
}

/// A code of a list, or a refusal with the list and the code that was probably meant.
fn read_code<T>(parameter: &'static str, text: &str, code: Option<T>, all: &[&str]) -> Result<T, FilterRefusal> {
    let hint = || nearest(text, all.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
    let shown = || text.chars().take(80).collect::<String>();
    code.ok_or_else(|| wrong(parameter, format!("`{}` is none of its values{}", shown(), hint()), all.iter().copied()))
}

fn read_kind(text: Option<&str>) -> Result<Option<&str>, FilterRefusal> {
    let all: Vec<&str> = kinds().keys().map(String::as_str).collect();
    text.map(|text| read_code("kind", text, all.contains(&text).then_some(text), &all)).transpose()
}

fn read_flag(text: &str) -> Result<&'static str, FilterRefusal> {
    let all: Vec<&str> = crate::factor::flags().keys().map(String::as_str).collect();
    read_code("flag", text, flag_code(text), &all)
}

fn read_region(text: Option<&str>) -> Result<Option<&str>, FilterRefusal> {
    let Some(code) = text.filter(|code| Region::get(code).is_none()) else { return Ok(text) };
    let valid = Region::suggestion(code);
    Err(wrong("region", "it is not GLO, a UN M49 or ISO 3166 code or a named grid (CN-GRID-EAST)", valid.iter().map(String::as_str)))
}

fn read_year(text: Option<&str>) -> Result<Option<&str>, FilterRefusal> {
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if text.is_none_or(is_year) { Ok(text) } else { Err(wrong("year", "it is not a year of four digits", [])) }
}

/// The filters, as codes of one release's columns.
struct Wanted<'a> {
    release: &'a PublishedRelease,
    equal: Vec<(Dimension, u32)>,
    among: Vec<(Dimension, Vec<u32>)>,
    /// Factors that got the asked flag after the release, beside those that carry it.
    later: BTreeSet<usize>,
    words: &'a [String],
}

impl<'a> Wanted<'a> {
    /// Nothing where no factor of the release can match.
    fn new(catalogue: &Catalogue, release: &'a PublishedRelease, asked: &'a Asked<'_>) -> Option<Self> {
        let index = release.data.index();
        let mut wanted = Self { release, equal: Vec::new(), among: Vec::new(), later: BTreeSet::new(), words: &asked.words };
        for (dimension, text) in &asked.equal {
            if let Some(prefix) = text.strip_suffix('*').filter(|_| matches!(dimension, Dimension::Activity | Dimension::Category)) {
                let matching = |code: &u32| index.text(*dimension, *code).is_some_and(|own| own.starts_with(prefix));
                wanted.among.push((*dimension, (1..index.codes(*dimension)).filter(matching).collect()));
            } else {
                wanted.equal.push((*dimension, index.code_of(*dimension, text)?));
            }
        }
        if let Some(flag) = asked.flag {
            let holding = |code: &u32| index.text(Dimension::Flags, *code).is_some_and(|own| own.split(' ').any(|own| own == flag));
            wanted.among.push((Dimension::Flags, (1..index.codes(Dimension::Flags)).filter(holding).collect()));
            wanted.later = flagged_later(catalogue, release, flag);
        }
        Some(wanted)
    }

    fn matches(&self, number: usize) -> bool {
        let index = self.release.data.index();
        self.equal.iter().all(|(dimension, code)| index.code(*dimension, number) == *code)
            && self.among.iter().all(|(dimension, codes)| {
                codes.contains(&index.code(*dimension, number)) || (*dimension == Dimension::Flags && self.later.contains(&number))
            })
            && (self.words.is_empty() || self.holds_words(number))
    }

    fn holds_words(&self, number: usize) -> bool {
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
        let line = self.release.data.line(number);
        let Ok(words) = serde_json::from_slice::<Words>(&line) else { return false };
        let Words { key, activity, name, category, synonyms } = words;
        let all = [
            key,
            activity,
            category,
            name.en.unwrap_or_default(),
            name.zh.unwrap_or_default(),
            synonyms.en.join("\n"),
            synonyms.zh.join("\n"),
        ];
        let text = all.join("\n").to_lowercase();
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}

/// The factors of a release that somebody flagged after it.
fn flagged_later(catalogue: &Catalogue, release: &PublishedRelease, flag: &str) -> BTreeSet<usize> {
    let Ok(releases) = catalogue.dataset(release.dataset.as_str()) else { return BTreeSet::new() };
    let later = |key: &str| {
        let number = release.data.find(key)?;
        let digest = release.data.digest(number)?;
        releases.later_flags(key, &digest).iter().any(|own| own.flag == flag).then_some(number)
    };
    releases.flagged_keys().filter_map(later).collect()
}

fn count_facet(releases: &[Arc<PublishedRelease>], found: &[(usize, usize)], name: &str) -> BTreeMap<String, usize> {
    let dimension = match name {
        "kind" => Dimension::Kind,
        "activity" => Dimension::Activity,
        "region" => Dimension::Region,
        "year" => Dimension::Year,
        "category" => Dimension::Category,
        "flag" => Dimension::Flags,
        _ => return count_datasets(releases, found),
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (position, release) in releases.iter().enumerate() {
        let index = release.data.index();
        let mut by_code = vec![0usize; usize::try_from(index.codes(dimension)).unwrap_or(0)];
        for (_, number) in found.iter().filter(|(of, _)| *of == position) {
            if let Some(count) = by_code.get_mut(usize::try_from(index.code(dimension, *number)).unwrap_or(0)) {
                *count += 1;
            }
        }
        for (code, count) in (0u32..).zip(by_code).filter(|(code, count)| *code > 0 && *count > 0) {
            for value in index.text(dimension, code).unwrap_or_default().split(if name == "flag" { ' ' } else { '\n' }) {
                *counts.entry(value.to_owned()).or_default() += count;
            }
        }
    }
    if counts.len() > FACET_VALUES {
        let mut by_count: Vec<(String, usize)> = counts.into_iter().collect();
        by_count.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts = by_count.into_iter().take(FACET_VALUES).collect();
    }
    counts
}

fn count_datasets(releases: &[Arc<PublishedRelease>], found: &[(usize, usize)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (position, _) in found {
        if let Some(release) = releases.get(*position) {
            *counts.entry(release.dataset.to_string()).or_default() += 1;
        }
    }
    counts
}

fn sort_found(releases: &[Arc<PublishedRelease>], found: &mut [(usize, usize)], sort: &str) {
    let value = |dimension: Dimension, (position, number): &(usize, usize)| {
        releases.get(*position).and_then(|release| release.data.index().value(dimension, *number))
    };
    match sort {
        "year" => found.sort_by_key(|item| value(Dimension::Year, item)),
        "-year" => found.sort_by_key(|item| std::cmp::Reverse(value(Dimension::Year, item))),
        "region" => found.sort_by_key(|item| value(Dimension::Region, item)),
        _ => {}
    }
}
