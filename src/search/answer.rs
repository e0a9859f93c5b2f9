//! A page as JSON, the same over HTTP and on the command line.

use std::collections::BTreeMap;

use serde_json::json;
use serde_json::value::RawValue;

use super::find::{Sought, Told};
use super::page::{Page, PageItem, Paging, filter};
use super::query::{FilterQuery, FilterRefusal};
use crate::canon::Digest;
use crate::dataset::{Act, Principal};
use crate::lookup::{Notice, notices, write_envelope};
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
    write_page(catalogue, filter(catalogue, query, who)?, who)
}

/// The same where it takes little to find them: no words, and few factors to look at. Nothing where it takes more.
///
/// # Errors
/// As [`answer`].
pub fn answer_at_once(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Result<Option<Vec<u8>>, FilterRefusal> {
    let paging = Paging::read(catalogue, query)?;
    let sought = Sought::new(catalogue, query, who, paging.facts)?;
    if sought.cost().is_none_or(|cost| cost > AT_ONCE) {
        return Ok(None);
    }
    write_page(catalogue, paging.page(catalogue, sought.find()?), who).map(Some)
}

/// So many factors are looked at while others wait.
const AT_ONCE: usize = 5_000;

/// About as many bytes as a factor of a page takes.
const FACTOR_BYTES: usize = 1024;

fn write_page(catalogue: &Catalogue, page: Page, who: &Principal) -> Result<Vec<u8>, FilterRefusal> {
    let mut body = Vec::with_capacity(FACTOR_BYTES * (page.items.len() + 2));
    body.extend_from_slice(b"{\"factors\":[");
    for (position, item) in page.items.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        if item.release.may(who, Act::ReadNumbers).is_err() {
            body.extend(without_numbers(item)?);
            continue;
        }
        write(catalogue, item, who, &mut body)?;
    }
    let rest = Rest { total: page.total, next: page.next, facets: page.facets, search: page.search };
    body.push(b']');
    let brace = body.len();
    serde_json::to_writer(&mut body, &rest).map_err(unwritten)?;
    if let Some(opening) = body.get_mut(brace) {
        *opening = b',';
    }
    Ok(body)
}

/// What stands behind the factors of a page.
#[derive(serde::Serialize)]
struct Rest {
    total: usize,
    next: Option<String>,
    facets: BTreeMap<String, BTreeMap<String, usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<Told>,
}

fn unwritten(error: impl std::fmt::Display) -> FilterRefusal {
    FilterRefusal::Damaged(error.to_string())
}

fn write(catalogue: &Catalogue, item: &PageItem, who: &Principal, body: &mut Vec<u8>) -> Result<(), FilterRefusal> {
    let data = &item.release.data;
    let around = Around {
        digest: data.digest(item.number).ok_or_else(|| damaged(item))?,
        release: item.release.reference(),
        notices: notices(catalogue, &item.release, item.number, who),
    };
    write_envelope(data.line_bytes(item.number), &around, body).map_err(unwritten)
}

/// What stands beside a factor of a page.
#[derive(serde::Serialize)]
struct Around<'a> {
    digest: Digest,
    release: &'a RawValue,
    /// What became known of it after its release.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Notice>,
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
