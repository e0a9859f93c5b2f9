//! Which releases a question looks at, and the parameters that many questions share.

use std::sync::Arc;

use super::ProductRefusal;
use super::refusal::shown;
use crate::dataset::{Act, Principal};
use crate::factor::{Factor, FlagSeverity, Region, flags, kinds};
use crate::lookup::{LookupRefusal, with_metadata};
use crate::release::{Catalogue, PublishedRelease};
use crate::search::{page_limit, read_cursor};

/// The latest release of every dataset, as it was when there were so many public facts.
pub fn latest_releases(catalogue: &Catalogue, facts: i64) -> Vec<Arc<PublishedRelease>> {
    catalogue.datasets().filter_map(|(_, releases)| releases.latest_as_of(facts)).cloned().collect()
}

/// The named release, or the latest of every dataset; before anybody is asked who may read them.
///
/// # Errors
/// [`ProductRefusal::Release`] where it is not there.
pub fn named_or_latest(catalogue: &Catalogue, dataset: Option<&str>, facts: i64) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    match filled(dataset) {
        Some(name) => Ok(vec![catalogue.resolve_as_of(name, facts)?.release]),
        None => Ok(latest_releases(catalogue, facts)),
    }
}

/// The same, of which `who` may read the names; a release that was named and may not be read is a refusal.
pub(super) fn readable(
    catalogue: &Catalogue,
    dataset: Option<&str>,
    facts: i64,
    who: &Principal,
) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    let mut releases = named_or_latest(catalogue, dataset, facts)?;
    if filled(dataset).is_some() {
        releases.iter().try_for_each(|release| release.permit(who, Act::ReadNames))?;
    }
    releases.retain(|release| release.may(who, Act::ReadNames).is_ok());
    Ok(releases)
}

/// A factor of a release, held against its digest.
pub(super) fn read_factor(release: &PublishedRelease, number: usize) -> Result<Factor, ProductRefusal> {
    let damaged = |why: String| ProductRefusal::Damaged(format!("line {} of {}: {why}", number + 1, release.id()));
    release.data.digest(number).ok_or_else(|| damaged("it is not as it was released".to_owned()))?;
    Factor::from_line(&release.data.line(number)).map_err(|error| damaged(error.to_string()))
}

/// Whether `who` may have the numbers of a factor; a refusal tells what the factor is of.
pub(super) fn permit_numbers(release: &PublishedRelease, number: usize, who: &Principal) -> Result<(), ProductRefusal> {
    release.permit(who, Act::ReadNumbers).map_err(|denied| match with_metadata(denied, release, number) {
        LookupRefusal::Denied(denied) => ProductRefusal::Denied(denied),
        other => ProductRefusal::Damaged(other.to_string()),
    })
}

/// The flags that block the use of a factor: those of the release, and those raised later.
pub(super) fn blocking_flags(catalogue: &Catalogue, release: &PublishedRelease, factor: &Factor, number: usize) -> Vec<String> {
    let mut found: Vec<String> = factor.blocking_flags().map(str::to_owned).collect();
    if let (Ok(releases), Some(digest)) = (catalogue.dataset(release.dataset.as_str()), release.data.digest(number)) {
        let blocks = |flag: &str| flags().get(flag).is_some_and(|flag| flag.severity == FlagSeverity::Block);
        let later = releases.later_flags(&factor.key, &digest).into_iter().map(|own| own.flag.clone());
        found.extend(later.filter(|flag| blocks(flag)));
    }
    found.sort();
    found.dedup();
    found
}

/// A parameter that is left blank is left out.
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// How many a page holds.
pub(super) fn limit_of(text: Option<&str>) -> Result<usize, ProductRefusal> {
    page_limit(filled(text)).map_err(|refusal| ProductRefusal::of_filter(refusal, text))
}

/// The size of the log that pages are of, and where the page begins.
pub(super) fn cursor_of(text: Option<&str>, facts: i64) -> Result<(i64, usize), ProductRefusal> {
    read_cursor(filled(text), facts).map_err(|refusal| ProductRefusal::of_filter(refusal, text))
}

/// A region by its code.
pub(super) fn read_region(parameter: &'static str, text: Option<&str>) -> Result<Option<String>, ProductRefusal> {
    let Some(code) = filled(text) else { return Ok(None) };
    if Region::get(code).is_some() {
        return Ok(Some(code.to_owned()));
    }
    let valid = Region::suggestion(code).into_iter().collect();
    let detail = format!("`{}` is not GLO, a UN M49 or ISO 3166 code or a named grid (CN-GRID-EAST)", shown(code));
    Err(ProductRefusal::wrong(parameter, code, detail, valid))
}

/// A year of four digits.
pub(super) fn read_year(text: Option<&str>) -> Result<Option<i32>, ProductRefusal> {
    let Some(text) = filled(text) else { return Ok(None) };
    let year = text.parse::<i32>().ok().filter(|year| (1900..=2100).contains(year) && text.len() == 4);
    year.map(Some).ok_or_else(|| ProductRefusal::wrong("year", text, "it is not a year from 1900 to 2100", Vec::new()))
}

/// A kind of factor.
pub(super) fn read_kind(text: Option<&str>) -> Result<Option<&str>, ProductRefusal> {
    let Some(text) = filled(text) else { return Ok(None) };
    if kinds().contains_key(text) {
        return Ok(Some(text));
    }
    Err(ProductRefusal::none_of("kind", text, &kinds().keys().map(String::as_str).collect::<Vec<_>>()))
}
