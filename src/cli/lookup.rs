//! `tanyin lookup`: the one factor that fits, with where it is from, or what there is instead.

use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::outcome::{CliError, Refusal};
use super::output::Output;
use super::place::Place;
use super::release::not_found;
use crate::dataset::Principal;
use crate::lookup::{LookupQuery, LookupRefusal, answer, refusal_details};
use crate::release::{Catalogue, ReleaseError};

/// What is asked.
#[derive(Debug, Args)]
pub(super) struct LookupArguments {
    #[command(flatten)]
    pub(super) query: LookupQuery,
}

/// Answers from what is published.
pub(super) fn lookup(place: &Place, arguments: &LookupArguments, output: &mut Output) -> Result<(), CliError> {
    let lookup = arguments.query.understand().map_err(|refusal| refused(&Catalogue::default(), refusal))?;
    let (_, catalogue) = place.catalogue()?;
    let found = answer(&catalogue, &lookup, &Principal::Operator).map_err(|refusal| refused(&catalogue, refusal))?;
    if output.is_json() {
        output.bytes(&found.body)?;
        return output.bytes(b"\n");
    }
    print(&serde_json::from_slice(&found.body)?, output)
}

/// An answer as it is printed.
#[derive(Deserialize)]
struct Shown<'a> {
    factor: Value,
    digest: String,
    release: Value,
    #[serde(rename = "match")]
    matched: Value,
    #[serde(borrow)]
    result: ShownResult<'a>,
    flags: Vec<Value>,
    licence: Value,
    cite: String,
}

#[derive(Deserialize)]
struct ShownResult<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    unit: String,
    metric: String,
    per: Option<String>,
    gwp: Option<String>,
    computed: Vec<Value>,
    #[serde(borrow)]
    amount: Option<ShownAmount<'a>>,
    #[serde(default)]
    uncertainty: Option<Value>,
    #[serde(default)]
    left_out: Vec<Value>,
}

#[derive(Deserialize)]
struct ShownAmount<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    unit: String,
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn print(shown: &Shown<'_>, output: &mut Output) -> Result<(), CliError> {
    let Shown { factor, result, release, licence, .. } = shown;
    // a number that was not computed is shown as it was published, trailing zeros included
    let value = if result.computed.is_empty() { text(factor, "value") } else { result.value.get() };
    let of = match &result.amount {
        Some(amount) => format!("for {} {}", amount.value, amount.unit),
        None => format!("per {}", result.per.as_deref().unwrap_or_default()),
    };
    output.line(format_args!("{value} {} {} {of}", result.unit, result.metric))?;
    let names = factor.get("name").cloned().unwrap_or_default();
    for language in ["en", "zh"].into_iter().filter(|language| !text(&names, language).is_empty()) {
        output.field(if language == "en" { "name" } else { "" }, text(&names, language))?;
    }
    output.field("key", text(factor, "key"))?;
    for member in ["region", "year", "kind", "boundary", "technology", "basis"] {
        match factor.get(member) {
            None | Some(Value::Null) => {}
            Some(Value::String(word)) => output.field(member, word)?,
            Some(other) => output.field(member, other)?,
        }
    }
    if let Some(gwp) = &result.gwp {
        output.field("gwp", gwp)?;
    }
    output.field("source", &shown.cite)?;
    let title = Some(text(licence, "title")).filter(|title| !title.is_empty()).map(|title| format!(", {title}")).unwrap_or_default();
    output.field("licence", format_args!("{}{title}", text(licence, "id")))?;
    let own: Vec<&str> = shown.flags.iter().filter_map(Value::as_str).collect();
    output.field("flags", if own.is_empty() { "none".to_owned() } else { own.join(", ") })?;
    for notice in shown.flags.iter().filter(|flag| flag.is_object()) {
        let [flag, by, at, why] = ["flag", "by", "at", "why"].map(|member| text(notice, member));
        output.field("NOTICE", format_args!("{flag}: {by}, {at}: {why}"))?;
    }
    print_steps(shown, output)?;
    output.field("release", format_args!("{}@{}", text(release, "dataset"), text(release, "version")))?;
    if let Some(why) = release.get("withdrawn").filter(|why| why.is_object()) {
        output.field("WITHDRAWN", format_args!("{}: {}", text(why, "at"), text(why, "reason")))?;
    }
    output.field("digest", &shown.digest)
}

/// Where the answer departs from the question, and what was computed.
fn print_steps(shown: &Shown<'_>, output: &mut Output) -> Result<(), CliError> {
    for step in shown.matched.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let asked = step.get("asked").and_then(Value::as_str).map(|asked| format!("{asked} was asked, ")).unwrap_or_default();
        output
            .field("step", format_args!("{}: {asked}{} is used ({})", text(step, "dimension"), text(step, "used"), text(step, "rule")))?;
    }
    for step in &shown.result.computed {
        let words = match text(step, "step") {
            "unit" => format!("{} to {}: times {}", text(step, "from"), text(step, "to"), text(step, "factor")),
            "amount" => format!("times {}", text(step, "factor")),
            "gwp" => format!("CO2e summed from its gases under {}; published under {}", text(step, "set"), text(step, "from")),
            _ => step.to_string(),
        };
        output.field("computed", words)?;
    }
    if let Some(stated) = &shown.result.uncertainty {
        output.field("uncertain", uncertain(stated))?;
    }
    for left in &shown.result.left_out {
        output.field("left out", format_args!("{}: {}", text(left, "member"), text(left, "why")))?;
    }
    for (position, why) in shown.matched.get("why").and_then(Value::as_array).into_iter().flatten().enumerate() {
        output.field(if position == 0 { "why" } else { "" }, text(why, "en"))?;
    }
    for (position, other) in shown.matched.get("others").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let reason = other.get("reason").map(|reason| text(reason, "en")).unwrap_or_default();
        output.field(if position == 0 { "not" } else { "" }, format_args!("{}: {reason}", text(other, "key")))?;
    }
    Ok(())
}

/// An uncertainty in words: from, to, how sure.
fn uncertain(stated: &Value) -> String {
    let bounds = stated.get("interval").unwrap_or(stated);
    let number = |name: &str| bounds.get(name).map(ToString::to_string).unwrap_or_default();
    let level = bounds.get("level").and_then(Value::as_str).map(|level| format!(", {level} %")).unwrap_or_default();
    format!("{} to {} ({}{level})", number("low"), number("high"), text(stated, "type"))
}

/// A refusal with everything that would help.
fn refused(catalogue: &Catalogue, refusal: LookupRefusal) -> CliError {
    match &refusal {
        LookupRefusal::Damaged(why) => return ReleaseError::Damaged { what: "a stored line".into(), why: why.clone() }.into(),
        LookupRefusal::Release(error) => {
            let dataset = match error {
                crate::release::ResolveError::NoVersion { dataset, .. } => dataset,
                _ => "",
            };
            return not_found(catalogue, dataset, error);
        }
        _ => {}
    }
    let details = refusal_details(&refusal);
    let hints = hints(&details);
    Refusal::new(refusal.code(), refusal.to_string()).with(details).hints(hints).into()
}

/// A parameter of the route (`region_fallback=parent gives …`) as an option of the command.
fn as_option(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, rest)) => format!("--{} {rest}", name.replace('_', "-")),
        None => parameter.to_owned(),
    }
}

/// What exists, as lines.
fn hints(details: &Value) -> Vec<String> {
    let list = |name: &str| -> Vec<String> {
        let values = details.get(name).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut lines = Vec::new();
    for (dimension, values) in details.get("exists").and_then(Value::as_object).into_iter().flatten() {
        let values: Vec<&str> = values.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let there = if values.is_empty() { "none".to_owned() } else { values.join(", ") };
        lines.push(format!("{dimension} that there is: {there}"));
    }
    lines.extend(list("fallbacks").iter().map(|fallback| format!("this would answer: {}", as_option(fallback))));
    for (name, words) in [("nearest", "nearest"), ("elsewhere", "in other datasets"), ("valid", "it can be")] {
        let values = list(name);
        if !values.is_empty() {
            lines.push(format!("{words}: {}", values.join(", ")));
        }
    }
    for candidate in details.get("candidates").and_then(Value::as_array).into_iter().flatten() {
        let differs = candidate.get("differs").and_then(Value::as_object).into_iter().flatten();
        let differs: Vec<String> = differs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or("(none)"))).collect();
        lines.push(format!("{}: {}", text(candidate, "key"), differs.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_says_what_there_is() {
        let details = json!({"exists": {"region": ["CN", "CN-ZJ"]}, "fallbacks": ["region_fallback=parent"], "nearest": [], "elsewhere": ["a-b: x/y"]});
        let lines = ["region that there is: CN, CN-ZJ", "this would answer: --region-fallback parent", "in other datasets: a-b: x/y"];
        assert_eq!(hints(&details), lines);
        let several = json!({"count": 2, "candidates": [{"key": "k", "differs": {"year": "2022", "basis": null}}]});
        assert_eq!(hints(&several), ["k: year=2022, basis=(none)"]);
    }
}
