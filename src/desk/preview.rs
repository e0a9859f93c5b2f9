//! What a file would become, before anything of it is kept.

use std::collections::BTreeMap;
use std::path::Path;

use super::import::read_state;
use super::jobs::{named_format, with_unpacked};
use super::reading::made_for;
use super::{DeskError, Reading, check};
use crate::dataset::DatasetId;
use crate::factor::Factor;
use crate::release::{Ground, ReleaseError};
use crate::validate::{Report, Sinks};

/// How many rows are shown.
pub const PREVIEW_ROWS: usize = 50;

/// Larger files are not read twice.
pub const MAX_PREVIEW_BYTES: u64 = 64 << 20;

/// A factor that a row becomes.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// The row of the source table.
    pub row: u64,
    /// The factor.
    pub factor: Factor,
}

/// What a file would become.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The first rows, in order of row.
    pub rows: Vec<PreviewRow>,
    /// What became of all rows.
    pub report: Report,
    /// The formats that the file looks made for.
    pub fitting: Vec<&'static str>,
    /// Why it cannot be read at all.
    pub refused: Option<String>,
}

/// Reads a file under a format (the dataset's package or table where none is named); keeps nothing.
///
/// # Errors
/// When files or the database fail.
pub fn preview(ground: &Ground, dataset: &DatasetId, folder: &Path, file_name: &str, profile: Option<&str>) -> Result<Preview, DeskError> {
    let (_, base, _) = read_state(ground, dataset)?;
    let (format, facts) = match profile {
        Some(named) => {
            let (format, facts) = named_format(named).map_err(|error| DeskError::NothingNamed(error.to_string()))?;
            (Some(format), facts)
        }
        None => (None, BTreeMap::new()),
    };
    let upload = super::upload_file(folder, file_name);
    let fitting = made_for(&upload);
    let nothing = |why: String| Preview { rows: Vec::new(), report: Report::default(), fitting: fitting.clone(), refused: Some(why) };
    let path = match with_unpacked(folder, file_name, profile.is_some()) {
        Ok(path) => path,
        Err(error) if error.is_refusal() => return Ok(nothing(error.to_string())),
        Err(error) => return Err(error),
    };
    let reading = Reading { format: format.as_ref(), file_name: Some(file_name).filter(|_| format.is_some()), facts: Some(&facts) };
    let mut first: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let mut take = |line: crate::import::KeyedLine| {
        let full = first.len() >= PREVIEW_ROWS;
        if full && first.last_key_value().is_some_and(|(last, _)| *last < line.row) {
            return Ok(());
        }
        first.insert(line.row, line.line);
        if full {
            first.pop_last();
        }
        Ok(())
    };
    let known = base.as_ref().map(|base| &base.metadata);
    let checked = check(&path, &reading, known, &mut Sinks { line: &mut take, progress: &mut |_| {} })?;
    let mut rows = Vec::new();
    for (row, line) in first {
        let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: "a line just made".into(), why: error.to_string() };
        rows.push(PreviewRow { row, factor: Factor::from_line(&line).map_err(damaged)? });
    }
    let wordless = checked.package.is_none() && checked.words.is_none() && known.is_none();
    let refused = (wordless && !checked.report.has_errors())
        .then(|| DeskError::NoDescription { dataset: dataset.to_string(), fits: fitting.clone() }.to_string());
    Ok(Preview { rows, report: checked.report, fitting, refused })
}
