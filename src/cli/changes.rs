//! A difference on the command line: one screen that explains the version, then the changes, or one JSON object.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::findings::named_counts;
use super::outcome::CliError;
use super::output::{Output, counted, grouped};
use crate::bulk::{ChangeRow, DifferenceFormat, Listing, Order, Sides, Summary, list_changes, write_difference, write_json};
use crate::dataset::{Bump, RANGES};
use crate::release::ReleaseError;

/// Changes that are shown where no number is asked for.
const LISTED_CHANGES: usize = 100;

/// Members and possible renames that are shown; --json lists all.
const LISTED_MEMBERS: usize = 8;

/// How a difference is shown.
#[derive(Debug, Args)]
pub(super) struct DifferenceArguments {
    /// Order of the changes: by key, or the largest move of a value first
    #[arg(long, value_name = "ORDER", default_value = "key")]
    sort: SortWish,
    /// Show this many changes [default: 100; with --json or --format all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Write all of it as data
    #[arg(long, value_name = "FORMAT")]
    format: Option<FormatWish>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SortWish {
    /// By key.
    Key,
    /// The largest move first.
    Magnitude,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatWish {
    /// One object.
    Json,
    /// One change a line.
    Ndjson,
    /// One changed member a row.
    Csv,
}

impl DifferenceArguments {
    /// Whether people read it: neither JSON nor another form of data was asked for.
    pub(super) fn is_text(&self, output: &Output) -> bool {
        self.format.is_none() && !output.is_json()
    }

    fn listing(&self) -> Listing {
        let order = match self.sort {
            SortWish::Key => Order::Key,
            SortWish::Magnitude => Order::Magnitude,
        };
        Listing { order, limit: self.limit, class: None }
    }
}

/// Shows a difference; `more` are members of the JSON object beside its own.
pub(super) fn show_difference(
    sides: &Sides<'_>,
    arguments: &DifferenceArguments,
    more: &Value,
    output: &mut Output,
) -> Result<(), CliError> {
    let listing = arguments.listing();
    let format = match arguments.format {
        Some(FormatWish::Ndjson) => Some(DifferenceFormat::Ndjson),
        Some(FormatWish::Csv) => Some(DifferenceFormat::Csv),
        Some(FormatWish::Json) => Some(DifferenceFormat::Json),
        None => output.is_json().then_some(DifferenceFormat::Json),
    };
    match format {
        Some(DifferenceFormat::Json) => {
            write_json(sides, listing, more, output).map_err(damaged)?;
            output.bytes(b"\n")
        }
        Some(format) => Ok(write_difference(sides, format, listing, output).map_err(damaged)?),
        None => print(sides, listing, output),
    }
}

fn print(sides: &Sides<'_>, listing: Listing, output: &mut Output) -> Result<(), CliError> {
    let limit = listing.limit.unwrap_or(LISTED_CHANGES);
    let mut rows = Vec::new();
    let walked = list_changes(sides, Listing { limit: Some(limit), ..listing }, |row| {
        rows.push(row);
        Ok(())
    });
    let summary = walked.and_then(|walked| Ok(walked.summary(sides)?)).map_err(damaged)?;
    explain(&summary, output)?;
    if !rows.is_empty() {
        output.line("")?;
    }
    for row in &rows {
        output.line(change_line(row))?;
    }
    let counts = &summary.counts;
    let all = counts.added + counts.removed + counts.renamed + counts.meaning + counts.number + counts.text;
    match all.saturating_sub(rows.len() as u64) {
        0 => Ok(()),
        more => output.line(format_args!("… and {} more; --limit shows more of them, --json lists all", grouped(more))),
    }
}

/// One screen: classes, what demands the version, members, magnitudes, possible renames.
fn explain(summary: &Summary, output: &mut Output) -> Result<(), CliError> {
    let from = summary.from.as_deref().unwrap_or("nothing (a first release)");
    output.line(format_args!("from {from} to {}", summary.to))?;
    let named = named_counts(&summary.counts);
    output.field("factors", if named.is_empty() { "none".to_owned() } else { named.join(", ") })?;
    let reasons: Vec<String> =
        summary.reasons.iter().take(LISTED_MEMBERS).map(|reason| reason_words(&reason.what, reason.factors)).collect();
    let because = if reasons.is_empty() {
        "nothing differs, so there is nothing to release".to_owned()
    } else {
        format!("because of {}", reasons.join(", "))
    };
    output.field("version", format_args!("{}: {because}", bump_word(summary.bump)))?;
    if !summary.members.is_empty() {
        let members = summary
            .members
            .iter()
            .take(LISTED_MEMBERS)
            .map(|member| format!("{}: {} ({})", member.member, grouped(member.factors), bump_word(member.bump)));
        output.field("members", members.collect::<Vec<_>>().join(", "))?;
    }
    if summary.counts.number > 0 {
        let buckets = summary.magnitude.buckets.iter().filter(|bucket| bucket.factors > 0);
        output.field(
            "moves",
            buckets.map(|bucket| format!("{}: {}", range_word(bucket.range), grouped(bucket.factors))).collect::<Vec<_>>().join(", "),
        )?;
        if let (Some(median), Some(max), Some(key)) =
            (&summary.magnitude.median_percent, &summary.magnitude.max_percent, &summary.magnitude.largest)
        {
            output.field("", format_args!("median {median} %, largest {max} % ({key})"))?;
        }
    }
    match summary.possible_renames_total {
        None => output.field("renames", "too many factors came and went to be compared")?,
        Some(0) => {}
        Some(total) => {
            output.field(
                "renames",
                format_args!("{} among what came and went", counted(total as u64, "possible rename", "possible renames")),
            )?;
            for pair in summary.possible_renames.iter().take(3) {
                output.field("", format_args!("{} → {} ({} of 1000: {})", pair.from, pair.to, pair.score, pair.reasons.join("; ")))?;
            }
        }
    }
    Ok(())
}

fn reason_words(what: &str, factors: u64) -> String {
    match what {
        "metadata" => "title, licences, sources or contributors".to_owned(),
        "added" | "removed" | "renamed" => format!("{} {what}", grouped(factors)),
        member => format!("{member} in {}", grouped(factors)),
    }
}

fn bump_word(bump: Bump) -> &'static str {
    match bump {
        Bump::None => "none",
        Bump::Patch => "PATCH",
        Bump::Minor => "MINOR",
        Bump::Major => "MAJOR",
    }
}

/// A range in words: every one of [`RANGES`].
fn range_word(range: &str) -> String {
    debug_assert!(RANGES.contains(&range));
    match range {
        "over-100" => "over 100 %".to_owned(),
        "sign" => "sign changed".to_owned(),
        "from-zero" => "from zero".to_owned(),
        "to-zero" => "to zero".to_owned(),
        "same" => "value stayed".to_owned(),
        percent => format!("{percent} %"),
    }
}

fn damaged(error: std::io::Error) -> CliError {
    match error.kind() {
        std::io::ErrorKind::InvalidData => ReleaseError::Damaged { what: "a stored line".into(), why: error.to_string() }.into(),
        _ => error.into(),
    }
}

fn change_line(row: &ChangeRow) -> String {
    if row.fields.is_empty() {
        let value = row.to_value.as_ref().or(row.from_value.as_ref()).map(String::as_str).unwrap_or_default();
        return format!("{:<8} {}  {value} {}", row.change, row.key, row.unit);
    }
    let percent = row.percent.as_ref().map(|percent| percent.to_string()).filter(|percent| percent != "0");
    let told = |field: &crate::dataset::FieldChange| {
        let percent =
            percent.as_ref().filter(|_| field.field == "value").map(|percent| format!(" ({} %)", cut_percent(percent))).unwrap_or_default();
        format!("{} {} → {}{percent}", field.field, short(&field.from), short(&field.to))
    };
    let fields: Vec<String> = row.fields.iter().filter(|field| field.field != "source" || row.fields.len() == 1).map(told).collect();
    format!("{:<8} {}  {}", row.change, row.key, fields.join("; "))
}

/// `-4.98765` as `-4.98`: cut, not rounded.
fn cut_percent(percent: &str) -> String {
    match percent.split_once('.') {
        Some((whole, part)) if !percent.contains('e') => format!("{whole}.{}", part.chars().take(2).collect::<String>()),
        _ => percent.to_owned(),
    }
}

/// A member's value on one line, cut where it is long.
pub(super) fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.replace('\n', " "),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_one_line() {
        let line = |key: &str, rest: &str| format!(r#"{{"activity":"a","key":"{key}","kind":"process","metric":"CO2",{rest}}}"#);
        let old = [line("a", r#""per":"kg","value":"1""#), line("b", r#""per":"kg","value":"2""#), line("c", r#""per":"kg","value":"3""#)];
        let new = [
            line("b", r#""per":"kg","value":"2.5""#),
            line("c", r#""name":{"zh":"煤"},"per":"kg","value":"3""#),
            line("d", r#""per":"t","value":"4""#),
        ];
        let text = |lines: [String; 3]| lines.map(|line| line + "\n").concat();
        let (old, new) = (text(old), text(new));
        let sides = Sides {
            from: None,
            to: "x".into(),
            old: old.as_bytes(),
            new: new.as_bytes(),
            words: Bump::None,
            renames: Default::default(),
            denied: Default::default(),
            kept: 0,
        };
        let mut lines = Vec::new();
        list_changes(&sides, Listing::default(), |row| {
            lines.push(change_line(&row));
            Ok(())
        })
        .unwrap();
        assert_eq!(
            lines,
            [
                "removed  a  1 kg CO2 per kg",
                "number   b  value 2 → 2.5 (25 %)",
                r#"text     c  name (none) → {"zh":"煤"}"#,
                "added    d  4 kg CO2 per t"
            ]
        );
    }
}
