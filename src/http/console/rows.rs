//! Factors of a list, as far as whoever looks may read them.

use std::collections::BTreeMap;

use crate::dataset::{Act, Principal};
use crate::http::Problem;
use crate::lookup::notices;
use crate::release::{Catalogue, PublishedRelease, ReleaseError};
use crate::search::{FilterQuery, FilterRefusal, Page, PageItem, filter, page_cursor};
use crate::web::{Found, Glance, Lang, Listed};

/// The farthest page that is shown; beyond it one narrows, or downloads.
pub(super) const LAST_PAGE: usize = 400;

/// A page of what a query finds: words and filters are the query's, how many and from where is the page's.
pub(super) fn find(
    catalogue: &Catalogue,
    query: &FilterQuery,
    who: &Principal,
    (page, limit): (usize, usize),
    facets: Option<&str>,
) -> Result<Page, FilterRefusal> {
    let cursor = page_cursor(catalogue, (page - 1) * limit);
    let query = FilterQuery { cursor: Some(cursor), limit: Some(limit.to_string()), facets: facets.map(str::to_owned), ..query.clone() };
    filter(catalogue, &query, who)
}

/// The rows of a page, and what stands beside them.
pub(super) fn found<'p>(
    catalogue: &Catalogue,
    page: &'p Page,
    who: &Principal,
    lang: Lang,
    (number, limit, most): (usize, usize, usize),
) -> Result<Found<'p>, Problem> {
    Ok(Found {
        rows: page.items.iter().map(|item| listed(catalogue, item, who)).collect::<Result<_, _>>()?,
        total: page.total,
        facets: page.facets.clone(),
        told: page.search.clone(),
        titles: titles(catalogue, who, lang),
        page: number,
        limit,
        most,
    })
}

fn listed<'p>(catalogue: &Catalogue, item: &'p PageItem, who: &Principal) -> Result<Listed<'p>, Problem> {
    let PageItem { release, number, .. } = item;
    let told = if release.may(who, Act::ReadNumbers).is_ok() {
        let damaged = |why: &str| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, release.id()), why: why.to_owned() };
        release.data.digest(*number).ok_or_else(|| Problem::fault(&damaged("it is not as it was released")))?;
        serde_json::from_slice(release.data.line_bytes(*number)).map_err(|error| Problem::fault(&error))?
    } else {
        release.told_of_factor(*number).map_err(|error| Problem::fault(&error))?.0
    };
    let later = notices(catalogue, release, *number, who).into_iter().map(|notice| notice.flag.to_owned()).collect();
    Ok(Listed { release, key: release.data.key(*number), told, later })
}

/// Counts over the factors of a release, as far as its names may be read.
pub(super) fn glance(catalogue: &Catalogue, release: &PublishedRelease, who: &Principal) -> Result<Glance, Problem> {
    if release.may(who, Act::ReadNames).is_err() {
        return Ok(Glance::default());
    }
    let query = FilterQuery {
        dataset: Some(release.id()),
        limit: Some("1".to_owned()),
        facets: Some("kind,year,region,flag".to_owned()),
        ..FilterQuery::default()
    };
    Ok(Glance { facets: filter(catalogue, &query, who)?.facets, complete: None })
}

/// The titles of datasets whose names may be read.
pub(super) fn titles(catalogue: &Catalogue, who: &Principal, lang: Lang) -> BTreeMap<String, String> {
    let described = catalogue.datasets().filter_map(|(id, releases)| Some((id, releases.latest().or_else(|| releases.all().next_back())?)));
    let named = described.filter(|(_, release)| release.may(who, Act::ReadNames).is_ok());
    named.map(|(id, release)| (id.to_owned(), lang.text(&release.manifest.metadata.title))).collect()
}
