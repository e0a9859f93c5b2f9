//! What `tanyin lock` says: pins, what moved, and sums.

use std::path::Path;

use serde_json::{Number, Value, json};

use super::outcome::CliError;
use super::output::{Output, counted};
use super::tell;
use crate::audit::lock::{Emission, FactorState, LockedFactor, Lockfile, Move, Moved, Outdated, Total, emission};
use crate::dataset::{Bump, Changes};
use crate::factor::Factor;
use crate::factor::exact::to_json_number;

fn read(factor: &LockedFactor) -> Option<Factor> {
    Factor::from_line(factor.line().ok()?.as_bytes()).ok()
}

/// What was pinned, with everything that speaks against it.
pub(super) fn print_pinned(
    file: &Lockfile,
    path: &Path,
    pinned: &[(&LockedFactor, Vec<Value>)],
    first_use: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    let mut list = Vec::new();
    for (locked, warnings) in pinned {
        let Some(factor) = read(locked) else { continue };
        let counted = locked.amount.as_ref().and_then(|amount| emission(&factor, amount).ok()).map(|exact| to_json_number(&exact));
        for warning in warnings {
            let text = |member: &str| warning.get(member).and_then(Value::as_str).unwrap_or_default();
            let by = [text("flag"), text("by")].into_iter().find(|text| !text.is_empty()).map(|by| format!(" ({by})")).unwrap_or_default();
            tell(format_args!("WARNING {}: {}{by}: {}", locked.id(), text("warning"), text("why")));
        }
        if output.is_json() {
            let number = counted.and_then(|text| serde_json::from_str::<Number>(&text).ok());
            list.push(json!({"dataset": locked.dataset, "key": locked.key, "label": locked.label, "requirement": locked.requirement,
                "version": locked.version, "digest": locked.digest, "value": factor.value, "metric": factor.metric, "per": factor.per,
                "amount": locked.amount, "emission": number, "warnings": warnings}));
            continue;
        }
        output.line(format_args!("pinned {}", locked.id()))?;
        output.field("value", format_args!("{} kg {} per {}", factor.value, factor.metric.code(), factor.per))?;
        if let (Some(amount), Some(number)) = (&locked.amount, counted) {
            output.field("emission", format_args!("{number} kg {} for {} {}", factor.metric.code(), amount.value, amount.unit))?;
        }
        output.field("requirement", &locked.requirement)?;
        output.field("digest", locked.digest)?;
    }
    let size = file.log.seen().map_or(0, |seen| seen.size);
    if output.is_json() {
        let log = json!({"origin": file.log.origin, "keys": file.log.keys, "size": size, "first_use": first_use});
        return output.json(&json!({"file": path, "pinned": list, "factors": file.factors.len(), "log": log}));
    }
    let factors = counted(u64::try_from(file.factors.len()).unwrap_or(0), "factor", "factors");
    output.line(format_args!("{} holds {factors}, proved under checkpoint {size} of {}", path.display(), file.log.origin))
}

/// What moved, factor by factor, and the sums.
pub(super) fn print_outdated(today: &Outdated, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(today);
    }
    today.factors.iter().try_for_each(|factor| print_factor(factor, output))?;
    today.totals.iter().try_for_each(|total| print_total(total, output))
}

fn print_factor(factor: &FactorState, output: &mut Output) -> Result<(), CliError> {
    let label = factor.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let state = match (&factor.wanted, factor.moved) {
        (Some(wanted), _) => format!("{} -> {}", factor.version, wanted.version),
        (None, _) => factor.version.to_string(),
    };
    output.line(format_args!("{}#{}{label}  {state}", factor.dataset, factor.key))?;
    if let Some(own) = &factor.withdrawn {
        output.field("WITHDRAWN", format_args!("{}: {}", own.at, own.reason))?;
    }
    if let Some(own) = &factor.superseded {
        output.field("SUPERSEDED", format_args!("by {}, {}: {}", own.by, own.at, own.reason))?;
    }
    for own in &factor.notices {
        output.field("NOTICE", format_args!("{}: {}, {}: {}", own.flag, own.by, own.at, own.why))?;
    }
    match (&factor.wanted, &factor.newest) {
        (None, None) if !factor.moved => output.field("state", "unchanged, and there is no newer release")?,
        (None, _) if factor.withdrawn.is_some() => {
            output.field("state", format_args!("nothing that stands is within {}", factor.requirement))?
        }
        _ => {}
    }
    if let Some(wanted) = &factor.wanted {
        print_move("state", wanted, output)?;
    }
    if let Some(newest) = &factor.newest {
        output.field("beyond", format_args!("{} is the newest, outside the requirement {}", newest.version, factor.requirement))?;
        print_move("there", newest, output)?;
    }
    factor.emission.as_ref().map_or(Ok(()), |emission| print_emission(emission, output))
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn bump(bump: Bump) -> &'static str {
    match bump {
        Bump::None => "no change",
        Bump::Patch => "PATCH",
        Bump::Minor => "MINOR",
        Bump::Major => "MAJOR",
    }
}

fn by(percent: Option<&Number>) -> String {
    let Some(percent) = percent.map(ToString::to_string) else { return String::new() };
    let sign = if percent.starts_with('-') || percent == "0" { "" } else { "+" };
    // people read two decimals of a percentage; --json has all
    let short = percent.split_once('.').map(|(whole, rest)| format!("{whole}.{}", rest.chars().take(2).collect::<String>()));
    let exponent = percent.contains('e');
    format!(" ({sign}{}%)", if exponent { percent.clone() } else { short.unwrap_or(percent) })
}

fn print_move(field: &str, there: &Move, output: &mut Output) -> Result<(), CliError> {
    match there.state {
        Moved::Unchanged => output.field(field, "unchanged: the same digest")?,
        Moved::Removed => output.field(field, format_args!("REMOVED: {} does not have it", there.version))?,
        Moved::Changed => {
            output.field(field, format_args!("changed, {}", bump(there.bump)))?;
            for change in &there.fields {
                let percent = if change.field == "value" { by(there.percent.as_ref()) } else { String::new() };
                output.field("", format_args!("{}: {} -> {}{percent}", change.field, words(&change.from), words(&change.to)))?;
            }
        }
    }
    for note in [&there.note.en, &there.note.zh].into_iter().flatten() {
        output.field("note", note)?;
    }
    if let Some(why) = there.blocked.as_ref().filter(|_| there.state != Moved::Removed) {
        output.field("STAYS", why)?;
    }
    output.field("release", format_args!("{}: {}", there.version, release(&there.release)))
}

/// `MINOR: 2 added, 1 changed in number`.
fn release(changes: &Changes) -> String {
    let counts = &changes.counts;
    let parts = [
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.meaning, "changed in meaning"),
        (counts.number, "changed in number"),
        (counts.text, "changed in words"),
    ];
    let told: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let told = if told.is_empty() { "no factor changed".to_owned() } else { told.join(", ") };
    format!("{}: {told}", bump(changes.bump))
}

fn amount(number: Option<&Number>) -> String {
    number.map_or_else(|| "?".to_owned(), ToString::to_string)
}

fn print_emission(emission: &Emission, output: &mut Output) -> Result<(), CliError> {
    let (from, to) = (amount(emission.from.as_ref()), amount(emission.to.as_ref()));
    let moved = if from == to { from } else { format!("{from} -> {to}{}", by(emission.percent.as_ref())) };
    let of = format!("{} {}", emission.amount.value, emission.amount.unit);
    output.field("emission", format_args!("{moved} kg {} for {of}", emission.metric))
}

fn print_total(total: &Total, output: &mut Output) -> Result<(), CliError> {
    let (from, to) = (amount(total.from.as_ref()), amount(total.to.as_ref()));
    let moved = if from == to { from } else { format!("{from} -> {to}{}", by(total.percent.as_ref())) };
    let set = match (&total.gwp, total.metric) {
        (Some(set), _) => format!(" under {set}"),
        (None, "CO2e") => ", GWP set not stated".to_owned(),
        (None, _) => String::new(),
    };
    let factors = counted(u64::try_from(total.factors).unwrap_or(0), "factor", "factors");
    output.line(format_args!("total {}{set}: {moved} kg, of {factors}", total.metric))
}
