//! A difference, factor by factor: lines for people, or one JSON object written as it is found.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::CliError;
use super::output::{Output, grouped};
use crate::dataset::{Bump, FieldChange, Lines, Merged, key_of, merge_lines};
use crate::desk::Difference;
use crate::release::ReleaseError;

/// Changes beyond this many are counted, not shown.
const LISTED_CHANGES: u64 = 100;

/// One factor that differs.
#[derive(Debug, Serialize)]
struct Change<'a> {
    key: &'a str,
    change: &'static str,
    fields: Vec<FieldChange>,
    #[serde(skip)]
    line: &'a [u8],
}

/// What a line says of its number.
#[derive(Deserialize)]
struct Number {
    value: String,
    metric: String,
    per: String,
}

/// Prints each factor that differs, up to a limit.
pub(super) fn print_changes(old: &[u8], new: &[u8], output: &mut Output) -> Result<(), CliError> {
    let mut found = 0;
    walk(old, new, |change| {
        found += 1;
        if found <= LISTED_CHANGES { output.line(change_line(&change)?) } else { Ok(()) }
    })?;
    match found.saturating_sub(LISTED_CHANGES) {
        0 => Ok(()),
        more => output.line(format_args!("… and {} more; --json lists all", grouped(more))),
    }
}

/// Writes `{"difference":…,"changes":[…]}` without holding the changes in memory.
pub(super) fn write_changes(difference: &Difference, old: &[u8], new: &[u8], output: &mut Output) -> Result<(), CliError> {
    output.bytes(b"{\"difference\":")?;
    output.bytes(&serde_json::to_vec(difference)?)?;
    output.bytes(b",\"changes\":[")?;
    let mut first = true;
    walk(old, new, |change| {
        if !std::mem::take(&mut first) {
            output.bytes(b",")?;
        }
        output.bytes(&serde_json::to_vec(&change)?)
    })?;
    output.bytes(b"]}\n")
}

fn walk<'a>(old: &'a [u8], new: &'a [u8], mut take: impl FnMut(Change<'a>) -> Result<(), CliError>) -> Result<(), CliError> {
    merge_lines(Lines::new(old), Lines::new(new), damaged, |merged| {
        let (line, change, fields) = match merged {
            Merged::Unchanged(_) | Merged::ProvenanceOnly { .. } => return Ok(()),
            Merged::Added(line) => (line, "added", Vec::new()),
            Merged::Removed(line) => (line, "removed", Vec::new()),
            Merged::Changed { new, fields, bump, .. } => {
                let change = match bump {
                    Bump::Major => "meaning",
                    Bump::Minor => "number",
                    _ => "text",
                };
                (new, change, fields)
            }
        };
        take(Change { key: key_of(line).map_err(damaged)?, change, fields, line })
    })
}

fn damaged(error: serde_json::Error) -> CliError {
    ReleaseError::Damaged { what: "a stored line".into(), why: error.to_string() }.into()
}

fn change_line(change: &Change<'_>) -> Result<String, CliError> {
    if change.fields.is_empty() {
        let number: Number = serde_json::from_slice(change.line).map_err(damaged)?;
        return Ok(format!("{:<8} {}  {} kg {} per {}", change.change, change.key, number.value, number.metric, number.per));
    }
    let fields: Vec<String> =
        change.fields.iter().map(|field| format!("{} {} → {}", field.field, short(&field.from), short(&field.to))).collect();
    Ok(format!("{:<8} {}  {}", change.change, change.key, fields.join("; ")))
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
        let old = concat!(
            r#"{"key":"a","metric":"CO2","per":"kg","value":"1"}"#,
            "\n",
            r#"{"key":"b","metric":"CO2","per":"kg","value":"2"}"#,
            "\n",
            r#"{"key":"c","metric":"CO2","per":"kg","value":"3"}"#,
            "\n"
        );
        let new = concat!(
            r#"{"key":"b","metric":"CO2","per":"kg","value":"2.5"}"#,
            "\n",
            r#"{"key":"c","metric":"CO2","name":{"zh":"煤"},"per":"kg","value":"3"}"#,
            "\n",
            r#"{"key":"d","metric":"CO2","per":"t","value":"4"}"#,
            "\n"
        );
        let mut lines = Vec::new();
        walk(old.as_bytes(), new.as_bytes(), |change| {
            lines.push(change_line(&change)?);
            Ok(())
        })
        .unwrap();
        assert_eq!(
            lines,
            [
                "removed  a  1 kg CO2 per kg",
                "number   b  value 2 → 2.5",
                r#"text     c  name (none) → {"zh":"煤"}"#,
                "added    d  4 kg CO2 per t"
            ]
        );
    }
}
