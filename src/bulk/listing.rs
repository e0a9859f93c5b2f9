//! A difference as it is written: which changes, in which order, as JSON, NDJSON or CSV.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use serde_json::Value;
use tempfile::SpooledTempFile;

use super::{ChangeRow, Sides, Walked, walk};
use crate::dataset::Bump;

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceFormat {
    /// One object: the summary's members and `changes`.
    Json,
    /// One change a line.
    Ndjson,
    /// One changed member a row.
    Csv,
}

/// Changes that wait in memory for the head that stands before them; more wait on disk.
const WAITING_BYTES: usize = 32 << 20;

/// In which order changes are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By key.
    #[default]
    Key,
    /// The largest move of a value first; then by key.
    Magnitude,
}

/// Which changes are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listing {
    /// In which order.
    pub order: Order,
    /// At most this many; all if left out.
    pub limit: Option<usize>,
    /// Those of one class alone: `added`, `number`, …
    pub class: Option<&'static str>,
}

impl Listing {
    /// The orders as they are written.
    pub const ORDERS: [(&'static str, Order); 2] = [("key", Order::Key), ("magnitude", Order::Magnitude)];
}

/// Writes the changes of a listing to `take` in its order.
///
/// Memory holds no more than twice the limit; without one, an order other than that of the keys holds all.
///
/// # Errors
/// As [`walk`].
pub fn list_changes<'a>(sides: &Sides<'a>, listing: Listing, mut take: impl FnMut(ChangeRow) -> io::Result<()>) -> io::Result<Walked<'a>> {
    let limit = listing.limit.unwrap_or(usize::MAX);
    let wanted = |row: &ChangeRow| listing.class.is_none_or(|class| row.change == class);
    if listing.order == Order::Key {
        let mut left = limit;
        return walk(sides, |row| {
            if left == 0 || !wanted(&row) {
                return Ok(());
            }
            left -= 1;
            take(row)
        });
    }
    let mut rows: Vec<ChangeRow> = Vec::new();
    let sort = |rows: &mut Vec<ChangeRow>| {
        rows.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.key.cmp(&b.key)));
        rows.truncate(limit);
    };
    let walked = walk(sides, |row| {
        if !wanted(&row) {
            return Ok(());
        }
        rows.push(row);
        if rows.len() >= limit.saturating_mul(2).saturating_add(1000) {
            sort(&mut rows);
        }
        Ok(())
    })?;
    sort(&mut rows);
    rows.into_iter().try_for_each(take)?;
    Ok(walked)
}

/// Writes a difference in a format.
///
/// # Errors
/// As [`walk`], and those of `out`.
pub fn write_difference(sides: &Sides<'_>, format: DifferenceFormat, listing: Listing, out: &mut impl Write) -> io::Result<()> {
    match format {
        DifferenceFormat::Ndjson => {
            list_changes(sides, listing, |row| {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")
            })?;
        }
        DifferenceFormat::Csv => write_csv(sides, listing, out)?,
        DifferenceFormat::Json => write_json(sides, listing, &Value::Null, out)?,
    }
    Ok(())
}

/// Writes the object of a difference, with the members of `more` before its changes.
///
/// The lines are walked once: the changes, which stand behind the summary, wait in memory, and on disk where they are many.
///
/// # Errors
/// As [`walk`], and those of `out`.
pub fn write_json(sides: &Sides<'_>, listing: Listing, more: &Value, out: &mut impl Write) -> io::Result<()> {
    let mut changes = BufWriter::new(SpooledTempFile::new(WAITING_BYTES));
    let mut first = true;
    let walked = list_changes(sides, listing, |row| {
        if !std::mem::take(&mut first) {
            changes.write_all(b",")?;
        }
        serde_json::to_writer(&mut changes, &row).map_err(io::Error::from)
    })?;
    let mut head = serde_json::to_value(walked.summary(sides)?)?;
    if let (Some(head), Some(more)) = (head.as_object_mut(), more.as_object()) {
        head.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let head = serde_json::to_vec(&head)?;
    out.write_all(head.get(..head.len().saturating_sub(1)).unwrap_or_default())?;
    out.write_all(b",\"changes\":[")?;
    let mut changes = changes.into_inner().map_err(io::IntoInnerError::into_error)?;
    changes.seek(SeekFrom::Start(0))?;
    io::copy(&mut changes, out)?;
    out.write_all(b"]}")
}

fn write_csv(sides: &Sides<'_>, listing: Listing, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    table.write_record(["key", "change", "bump", "field", "from", "to", "percent"]).map_err(io::Error::other)?;
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let word = |bump: Bump| serde_json::to_value(bump).map(|word| text(&word)).unwrap_or_default();
    list_changes(sides, listing, |row| {
        if row.fields.is_empty() {
            let (before, after) = (row.from_value.clone().unwrap_or_default(), row.to_value.clone().unwrap_or_default());
            table.write_record([&row.key, row.change, &word(row.bump), "value", &before, &after, ""]).map_err(io::Error::other)?;
        }
        for change in &row.fields {
            let percent = row.percent.as_ref().filter(|_| change.field == "value").map(ToString::to_string).unwrap_or_default();
            let cells = [&row.key, row.change, &word(change.bump), &change.field, &text(&change.from), &text(&change.to), &percent];
            table.write_record(cells).map_err(io::Error::other)?;
        }
        Ok(())
    })?;
    table.flush()
}
