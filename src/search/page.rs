//! Pages of what matches, in an order, with cursors that outlive publications.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::facets::{self, Facets, read_facets};
use super::find::{Matches, Part, Sought, Told};
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
    /// How well it fits the words, where words were looked for; comparable within one page's query alone.
    pub score: u64,
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
    let paging = Paging::read(catalogue, query)?;
    let matches = Sought::new(catalogue, query, who, paging.facts)?.find()?;
    Ok(paging.page(catalogue, matches))
}

/// Which of all that matches stands on a page, in which order, and what is counted.
pub(super) struct Paging {
    /// How many public facts the first page saw.
    pub(super) facts: i64,
    offset: usize,
    limit: usize,
    sort: &'static str,
    facets: Vec<&'static str>,
}

impl Paging {
    /// Reads it from a query.
    pub(super) fn read(catalogue: &Catalogue, query: &FilterQuery) -> Result<Self, FilterRefusal> {
        let (facts, offset) = read_cursor(filled(&query.cursor), catalogue.facts())?;
        Ok(Self {
            facts,
            offset,
            limit: page_limit(filled(&query.limit))?,
            sort: read_sort(filled(&query.sort), filled(&query.q).is_some())?,
            facets: read_facets(filled(&query.facets))?,
        })
    }

    /// The page of what matches.
    pub(super) fn page(&self, catalogue: &Catalogue, matches: Matches) -> Page {
        let facets = facets::count(catalogue, &matches, &self.facets);
        let found = sorted(&matches, self.sort);
        let total = found.len();
        let item = |(place, number, score): &Item| {
            matches.parts.get(*place).map(|part| PageItem { release: part.release.clone(), number: *number, score: *score })
        };
        let items: Vec<PageItem> = found.iter().skip(self.offset).take(self.limit).filter_map(item).collect();
        let next = self.offset.saturating_add(items.len());
        let next = (next < total).then(|| write_cursor(self.facts, next));
        Page { items, total, next, facets, search: matches.told }
    }
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

/// The order that is asked for; with words the most relevant first, if nothing else is, and without them by key.
fn read_sort(sort: Option<&str>, words: bool) -> Result<&'static str, FilterRefusal> {
    let sort = sort.unwrap_or("relevance");
    let sort = read_code("sort", sort, SORTS.into_iter().find(|own| *own == sort), &SORTS)?;
    Ok(if sort == "relevance" && !words { "key" } else { sort })
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
