//! The lines of a draft, a page at a time.

use super::DeskError;
use super::import::read_state;
use crate::dataset::{DatasetId, Lines, key_of};
use crate::draft::{Place, PrepareError};
use crate::factor::Factor;
use crate::release::{Ground, ReleaseError};

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct GridFilter {
    /// Every word stands in the line, whatever its case.
    pub words: Vec<String>,
    /// Only lines that the latest release does not have as they are.
    pub changed: bool,
    /// Only lines with a flag.
    pub flagged: bool,
}

/// One line.
#[derive(Debug, Clone)]
pub struct GridRow {
    /// The factor.
    pub factor: Factor,
    /// `added`, `changed`, or nothing where it is as in the latest release.
    pub change: Option<&'static str>,
}

/// Some of the lines.
#[derive(Debug, Clone)]
pub struct GridPage {
    /// In order of key.
    pub rows: Vec<GridRow>,
    /// How many the filter leaves.
    pub found: usize,
    /// How many there are.
    pub total: usize,
    /// The draft's revision.
    pub revision: i64,
}

/// The lines of the dataset's draft that a filter leaves.
///
/// # Errors
/// When there is no draft, or files fail.
pub fn draft_grid(ground: &Ground, dataset: &DatasetId, filter: &GridFilter, offset: usize, limit: usize) -> Result<GridPage, DeskError> {
    let (draft, base, _) = read_state(ground, dataset)?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let lines = ground.blobs().map(draft.lines_digest)?;
    let before = base.as_ref().map(|base| &*base.lines).unwrap_or_default();
    let words: Vec<String> = filter.words.iter().map(|word| word.to_lowercase()).collect();
    let mut page = GridPage { rows: Vec::new(), found: 0, total: 0, revision: draft.revision };
    for line in Lines::new(&lines) {
        page.total += 1;
        if filter.flagged && memchr::memmem::find(line, b"\"flags\":[").is_none() {
            continue;
        }
        if !words.is_empty() {
            let text = String::from_utf8_lossy(line).to_lowercase();
            if !words.iter().all(|word| text.contains(word)) {
                continue;
            }
        }
        if filter.changed && change(before, line)?.is_none() {
            continue;
        }
        page.found += 1;
        if page.found > offset && page.rows.len() < limit {
            let factor = Factor::from_line(line)
                .map_err(|error| ReleaseError::Damaged { what: "a line of the draft".into(), why: error.to_string() })?;
            page.rows.push(GridRow { factor, change: change(before, line)? });
        }
    }
    Ok(page)
}

/// What a line is beside those before.
fn change(before: &[u8], line: &[u8]) -> Result<Option<&'static str>, DeskError> {
    let key = key_of(line).map_err(PrepareError::from)?;
    Ok(match Place::of(before, key)?.line(before) {
        None => Some("added"),
        Some(old) if old == line => None,
        Some(_) => Some("changed"),
    })
}
