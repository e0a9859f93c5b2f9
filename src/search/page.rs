//! Pages of what matches, in an order, with cursors that outlive publications.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::facets::{self, Facets, read_facets};
use super::find::{Matches, Part, Told, matches};
use super::query::{FilterQuery, FilterRefusal, filled, read_code, wrong};
use crate::dataset::Principal;
use crate::release::{Catalogue, Dimension, PublishedRelease};

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
    pub facets: Facets,
    /// How the words were read; nothing where none were looked for.
    pub search: Option<Told>,
}

/// Finds factors, in the releases whose names `who` may read; a dataset that is named and may not be read is a refusal.
///
/// # Errors
/// The [`FilterRefusal`] that says what is wrong or missing.
pub fn filter(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Result<Page, FilterRefusal> {
    let (facts, offset) = read_cursor(filled(&query.cursor), catalogue.facts())?;
    let limit = page_limit(filled(&query.limit))?;
    let sort = read_sort(filled(&query.sort), filled(&query.q).is_some())?;
    let facet_names = read_facets(filled(&query.facets))?;
    let matches = matches(catalogue, query, who, facts)?;
    let facets = facets::count(catalogue, &matches, &facet_names);
    let found = sorted(&matches, sort);
    let total = found.len();
    let item =
        |(place, number, _): &Item| matches.parts.get(*place).map(|part| PageItem { release: part.release.clone(), number: *number });
    let items: Vec<PageItem> = found.iter().skip(offset).take(limit).filter_map(item).collect();
    let next = (offset.saturating_add(items.len()) < total).then(|| write_cursor(facts, offset.saturating_add(items.len())));
    Ok(Page { items, total, next, facets, search: matches.told })
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

const SORTS: [&str; 5] = ["relevance", "key", "year", "-year", "region"];

/// The order that is asked for; with words the most relevant first, if nothing else is.
fn read_sort(sort: Option<&str>, words: bool) -> Result<&'static str, FilterRefusal> {
    let sort = sort.unwrap_or(if words { "relevance" } else { "key" });
    let sort = read_code("sort", sort, SORTS.into_iter().find(|own| *own == sort), &SORTS)?;
    if sort == "relevance" && !words {
        return Err(wrong("sort", "`relevance` is the order of a search for words: give `q` too", SORTS.into_iter().skip(1)));
    }
    Ok(sort)
}

/// One match: the place of its release, its number there, its score.
type Item = (usize, usize, u64);

/// All matches in the order asked for; equal ones by dataset and key.
fn sorted(matches: &Matches, sort: &str) -> Vec<Item> {
    let items = |(place, part): (usize, &Part)| {
        let scores = part.scores.iter().copied().chain(std::iter::repeat(0));
        part.numbers.iter().copied().zip(scores).map(move |(number, score)| (place, number, score)).collect::<Vec<Item>>()
    };
    let mut found: Vec<Item> = matches.parts.iter().enumerate().flat_map(items).collect();
    let value = |dimension: Dimension, (place, number, _): &Item| {
        matches.parts.get(*place).and_then(|part| part.release.data.index().value(dimension, *number))
    };
    match sort {
        "relevance" => found.sort_by_key(|(.., score)| std::cmp::Reverse(*score)),
        "year" => found.sort_by_key(|item| value(Dimension::Year, item)),
        "-year" => found.sort_by_key(|item| std::cmp::Reverse(value(Dimension::Year, item))),
        "region" => found.sort_by_key(|item| value(Dimension::Region, item)),
        _ => {}
    }
    found
}
