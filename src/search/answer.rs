//! A page as JSON, the same over HTTP and on the command line.

use std::collections::BTreeMap;

use serde_json::json;

use super::find::Told;
use super::page::{PageItem, filter};
use super::query::{FilterQuery, FilterRefusal};
use crate::dataset::{Act, Principal};
use crate::factor::Factor;
use crate::lookup::{Notice, ReleaseRef, envelope, notices};
use crate::release::Catalogue;

/// A page of factors.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FactorPage {
    /// Each factor with its digest and its release; without numbers where their licence does not let them be passed on. Flags that
    /// were raised after the release, and withdrawn releases that a factor is built on, stand beside it as `notices`.
    #[schema(value_type = Vec<Object>)]
    pub factors: Vec<serde_json::Value>,
    /// How many match in all.
    pub total: usize,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Counts by facet and value over all matches.
    pub facets: BTreeMap<String, BTreeMap<String, usize>>,
    /// How the words were read, where words were looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Told>,
}

/// Finds factors and writes the page: the factors inside are canonical lines, byte for byte, where `who` may read their numbers.
///
/// # Errors
/// As [`filter`]; [`FilterRefusal::Damaged`] where a stored line is not as it was released.
pub fn answer(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Result<Vec<u8>, FilterRefusal> {
    let page = filter(catalogue, query, who)?;
    let mut body = b"{\"factors\":[".to_vec();
    for (position, item) in page.items.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend(one(catalogue, item, who)?);
    }
    let mut rest = json!({"total": page.total, "next": page.next, "facets": page.facets});
    if let Some(search) = page.search {
        rest["search"] = json!(search);
    }
    body.extend_from_slice(b"],");
    body.extend_from_slice(rest.to_string().as_bytes().get(1..).unwrap_or_default());
    Ok(body)
}

fn one(catalogue: &Catalogue, item: &PageItem, who: &Principal) -> Result<Vec<u8>, FilterRefusal> {
    if item.release.may(who, Act::ReadNumbers).is_err() {
        return without_numbers(item);
    }
    let line = item.release.data.line(item.number);
    let digest = item.release.data.digest(item.number).ok_or_else(|| damaged(item))?;
    let mut around = json!({"digest": digest, "release": ReleaseRef::of(&item.release)});
    let later = later_notices(catalogue, item, &line, who)?;
    if !later.is_empty() {
        around["notices"] = json!(later);
    }
    envelope(&line, &around).map_err(|error| FilterRefusal::Damaged(error.to_string()))
}

/// What became known of a factor after its release; its line is read only where there may be something.
fn later_notices(catalogue: &Catalogue, item: &PageItem, line: &[u8], who: &Principal) -> Result<Vec<Notice>, FilterRefusal> {
    const INPUTS: &[u8] = b"\"derived_from\":[{";
    let releases = catalogue.dataset(item.release.dataset.as_str()).ok();
    let flagged = releases.is_some_and(|releases| releases.is_flagged(item.release.data.key(item.number)));
    if !flagged && !line.windows(INPUTS.len()).any(|part| part == INPUTS) {
        return Ok(Vec::new());
    }
    let factor = Factor::from_line(line).map_err(|_| damaged(item))?;
    Ok(notices(catalogue, &item.release, &factor, who))
}

/// A factor of a page whose numbers may not be passed on: what it is of, under which licences, and where its numbers are.
fn without_numbers(item: &PageItem) -> Result<Vec<u8>, FilterRefusal> {
    let release = &item.release;
    let (factor, cite) = release.told_of_factor(item.number).map_err(|error| FilterRefusal::Damaged(error.to_string()))?;
    let named = json!({"dataset": release.dataset, "version": release.version.to_string(), "withdrawn": release.withdrawn});
    let licences: Vec<&str> = release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect();
    let told = json!({"factor": factor, "release": named, "redistribution": release.redistribution(), "licences": licences, "cite": cite});
    Ok(told.to_string().into_bytes())
}

/// A stored line that is not as it was released.
fn damaged(item: &PageItem) -> FilterRefusal {
    FilterRefusal::Damaged(format!("line {} of {} is not as it was released", item.number + 1, item.release.id()))
}
