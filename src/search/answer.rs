//! A page as JSON, the same over HTTP and on the command line.

use serde_json::json;

use super::page::{PageItem, filter};
use super::query::{FilterQuery, FilterRefusal};
use crate::dataset::{Act, Principal};
use crate::lookup::{ReleaseRef, envelope};
use crate::release::Catalogue;

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
        body.extend(one(item, who)?);
    }
    let mut rest = json!({"total": page.total, "next": page.next, "facets": page.facets});
    if let Some(search) = page.search {
        rest["search"] = json!(search);
    }
    body.extend_from_slice(b"],");
    body.extend_from_slice(rest.to_string().as_bytes().get(1..).unwrap_or_default());
    Ok(body)
}

fn one(item: &PageItem, who: &Principal) -> Result<Vec<u8>, FilterRefusal> {
    if item.release.may(who, Act::ReadNumbers).is_err() {
        return without_numbers(item);
    }
    let line = item.release.data.line(item.number);
    let digest = item.release.data.digest(item.number).ok_or_else(|| damaged(item))?;
    let around = json!({"digest": digest, "release": ReleaseRef::of(&item.release)});
    envelope(&line, &around).map_err(|error| FilterRefusal::Damaged(error.to_string()))
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
