//! The difference of two releases, factor by factor: JSON, NDJSON or CSV.

use std::io::{self, Write};

use serde::Serialize;

use crate::dataset::{Bump, ChangeCounts, FieldChange, Lines, Merged, Metadata, key_of, merge_lines, percent_change};
use crate::factor::Decimal;
use crate::factor::exact::to_json_number;
use crate::release::PublishedRelease;

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceFormat {
    /// One object: `{"from":…,"to":…,"counts":{…},"bump":…,"changes":[…]}`.
    Json,
    /// One change a line.
    Ndjson,
    /// One changed member a row.
    Csv,
}

/// One factor that differs.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ChangeRow {
    /// Its key.
    pub key: String,
    /// `added`, `removed`, `meaning`, `number`, `text`.
    pub change: &'static str,
    /// What this factor alone demands of the version.
    pub bump: Bump,
    /// The value before.
    pub from_value: Option<String>,
    /// The value after.
    pub to_value: Option<String>,
    /// By how many percent the value moved, where unit and metric stayed.
    #[schema(value_type = Option<f64>)]
    pub percent: Option<serde_json::Number>,
    /// Member by member.
    pub fields: Vec<FieldChange>,
}

/// The head of a difference.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// `dataset@version` before.
    pub from: String,
    /// `dataset@version` after.
    pub to: String,
    /// How many factors changed, and how.
    pub counts: ChangeCounts,
    /// What the difference of the factors demands of the version.
    pub bump: Bump,
    /// Whether titles, licences, sources or contributors differ.
    pub metadata: bool,
}

/// One side of a difference: a release, or what a draft would release.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    /// `dataset@version`, or another name that tells what it is.
    pub id: String,
    /// Its lines.
    pub lines: &'a [u8],
    /// Its words.
    pub metadata: &'a Metadata,
}

impl<'a> From<&'a PublishedRelease> for Side<'a> {
    fn from(release: &'a PublishedRelease) -> Self {
        Self { id: release.id(), lines: release.data.lines(), metadata: &release.manifest.metadata }
    }
}

/// Walks two releases and hands out each factor that differs, in order of key.
pub fn difference<'a>(
    from: impl Into<Side<'a>>,
    to: impl Into<Side<'a>>,
    mut take: impl FnMut(ChangeRow) -> io::Result<()>,
) -> io::Result<Summary> {
    let (from, to) = (from.into(), to.into());
    let mut counts = ChangeCounts::default();
    merge_lines(Lines::new(from.lines), Lines::new(to.lines), io::Error::other, |merged| {
        counts.count(&merged);
        match row(&merged)? {
            Some(row) => take(row),
            None => Ok(()),
        }
    })?;
    let words = to.metadata.bump_from(from.metadata);
    Ok(Summary { from: from.id, to: to.id, counts, bump: counts.bump().max(words), metadata: words > Bump::None })
}

fn row(merged: &Merged<'_>) -> io::Result<Option<ChangeRow>> {
    let whole = |line: &[u8], change, bump| -> io::Result<ChangeRow> {
        let key = key_of(line)?.to_owned();
        Ok(ChangeRow { key, change, bump, from_value: None, to_value: None, percent: None, fields: Vec::new() })
    };
    Ok(match merged {
        Merged::Unchanged(_) | Merged::ProvenanceOnly { .. } => None,
        Merged::Added(line) => Some(ChangeRow { to_value: Some(value_of(line)?), ..whole(line, "added", Bump::Minor)? }),
        Merged::Removed(line) => Some(ChangeRow { from_value: Some(value_of(line)?), ..whole(line, "removed", Bump::Major)? }),
        Merged::Changed { old, new, fields, bump } => {
            let change = match bump {
                Bump::Major => "meaning",
                Bump::Minor => "number",
                _ => "text",
            };
            let (from_value, to_value) = (value_of(old)?, value_of(new)?);
            let comparable = !fields.iter().any(|change| matches!(change.field.as_str(), "per" | "metric"));
            let percent = if comparable { percent(&from_value, &to_value) } else { None };
            Some(ChangeRow {
                from_value: Some(from_value),
                to_value: Some(to_value),
                percent,
                fields: fields.clone(),
                ..whole(new, change, *bump)?
            })
        }
    })
}

fn value_of(line: &[u8]) -> io::Result<String> {
    #[derive(serde::Deserialize)]
    struct ValueOnly {
        value: String,
    }
    Ok(serde_json::from_slice::<ValueOnly>(line)?.value)
}

fn percent(from: &str, to: &str) -> Option<serde_json::Number> {
    let (from, to): (Decimal, Decimal) = (from.parse().ok()?, to.parse().ok()?);
    serde_json::from_str(&to_json_number(&percent_change(&from, &to)?)).ok()
}

/// Writes a difference in a format.
pub fn write_difference<'a>(
    from: impl Into<Side<'a>>,
    to: impl Into<Side<'a>>,
    format: DifferenceFormat,
    out: &mut impl Write,
) -> io::Result<()> {
    let (from, to) = (from.into(), to.into());
    match format {
        DifferenceFormat::Ndjson => {
            difference(from, to, |row| {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")
            })?;
        }
        DifferenceFormat::Csv => write_csv(from, to, out)?,
        DifferenceFormat::Json => {
            let mut changes = Vec::new();
            let summary = difference(from, to, |row| {
                changes.push(row);
                Ok(())
            })?;
            let mut object = serde_json::to_value(summary)?;
            if let Some(members) = object.as_object_mut() {
                members.insert("changes".to_owned(), serde_json::to_value(changes)?);
            }
            serde_json::to_writer(out, &object)?;
        }
    }
    Ok(())
}

fn write_csv(from: Side<'_>, to: Side<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    table.write_record(["key", "change", "bump", "field", "from", "to", "percent"]).map_err(io::Error::other)?;
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let word = |bump: Bump| serde_json::to_value(bump).map(|word| text(&word)).unwrap_or_default();
    difference(from, to, |row| {
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
