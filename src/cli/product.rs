//! `tanyin cbam`, `compare`, `benchmark`, `rules`: questions about goods and products, without a server.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::outcome::{CliError, Refusal};
use super::output::Output;
use super::place::Place;
use crate::dataset::Principal;
use crate::product::{
    BenchmarkQuery, CbamQuery, CompareQuery, Grading, ProductRefusal, RulesQuery, benchmark, cbam_defaults, compare, list_rules,
};

/// What is compared with, and by which bands.
#[derive(Debug, Args)]
pub(super) struct BenchmarkArguments {
    #[command(flatten)]
    pub(super) query: BenchmarkQuery,
    /// A file with named schemes of bands (JSON, or TOML by its name)
    #[arg(long, value_name = "FILE")]
    pub(super) grading_file: Option<PathBuf>,
}

fn refused(refusal: ProductRefusal) -> CliError {
    if let ProductRefusal::Damaged(_) = refusal {
        return CliError::fault(refusal);
    }
    let details = refusal.details();
    let list = |member: &str| -> Vec<String> {
        let items = details.get(member).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let hint =
        |member: &str, label: &str| Some(list(member)).filter(|own| !own.is_empty()).map(|own| format!("{label}: {}", own.join(", ")));
    let hints = [hint("valid", "what it can be"), hint("nearest", "nearest")].into_iter().flatten().collect::<Vec<_>>();
    Refusal::new(refusal.code(), refusal.to_string()).hints(hints).with(details).into()
}

/// The bands of a file, or those that ship.
///
/// # Errors
/// Where the file cannot be read, or what is wrong in it.
pub(super) fn read_grading(path: Option<&PathBuf>) -> Result<Grading, CliError> {
    let Some(path) = path else { return Ok(Grading::shipped().clone()) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| CliError::Usage(format!("{shown}: {error}")))?;
    let toml = path.extension().is_some_and(|extension| extension == "toml");
    Grading::read(&text, toml).map_err(|why| CliError::Usage(format!("{shown}: {why}")))
}

/// A member as it is printed: a text without its quotation marks, a number as it is written.
fn said(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn at(value: &Value, place: &str) -> String {
    said(value.pointer(place))
}

fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// As JSON; or as a value whose numbers stand as they were written.
fn shown(body: &impl Serialize, output: &mut Output) -> Result<Option<Value>, CliError> {
    if output.is_json() {
        output.json(body)?;
        return Ok(None);
    }
    Ok(Some(serde_json::to_value(body)?))
}

/// Which default value applies.
pub(super) fn cbam(place: &Place, query: &CbamQuery, output: &mut Output) -> Result<(), CliError> {
    let (_, catalogue) = place.catalogue()?;
    let found = cbam_defaults(&catalogue, query, &Principal::Operator).map_err(refused)?;
    let Some(body) = shown(&found.body, output)? else { return Ok(()) };
    for dataset in list(&body, "datasets") {
        output.line(format_args!("{}@{} holds CBAM default values", at(dataset, "/dataset"), at(dataset, "/version")))?;
    }
    for step in list(&body, "steps") {
        output.field("step", format_args!("{} is read as {}: {}", at(step, "/asked"), at(step, "/used"), at(step, "/rule")))?;
    }
    for good in list(&body, "goods") {
        let (name, code) = (at(good, "/name/en"), at(good, "/cn"));
        output.line(format_args!(
            "CN {code}  {} kg {} per {}  {name}",
            at(good, "/default/value"),
            at(good, "/default/metric"),
            at(good, "/default/per")
        ))?;
        for part in ["total", "direct", "indirect"] {
            let value = at(good, &format!("/unmarked/{part}/value"));
            if !value.is_empty() {
                output.field(part, value)?;
            }
        }
        let percent = at(good, "/mark_up/percent");
        if !percent.is_empty() {
            output.field("mark-up", format_args!("{percent} %"))?;
        }
        for step in list(good, "steps") {
            output.field("step", format_args!("{} was asked, {} is used: {}", at(step, "/asked"), at(step, "/used"), at(step, "/rule")))?;
        }
        for member in ["route", "cite"].into_iter().filter(|member| !said(good.get(*member)).is_empty()) {
            output.field(member, said(good.get(member)))?;
        }
    }
    if list(&body, "goods").len() > 1 {
        output.line("several goods stand under this code: give all eight digits, or a word of the name as --goods")?;
    }
    Ok(())
}

/// Factors side by side.
pub(super) fn comparison(place: &Place, query: &CompareQuery, output: &mut Output) -> Result<(), CliError> {
    let (_, catalogue) = place.catalogue()?;
    let found = compare(&catalogue, query, &Principal::Operator).map_err(refused)?;
    let Some(body) = shown(&found, output)? else { return Ok(()) };
    let mut rows = vec![vec![format!("kg per {}", at(&body, "/per")), "%".into(), "region".into(), "year".into(), "factor".into()]];
    for row in list(&body, "rows") {
        let factor = format!("{}@{}#{}", at(row, "/release/dataset"), at(row, "/release/version"), at(row, "/key"));
        rows.push(vec![at(row, "/value"), at(row, "/difference_percent"), at(row, "/region"), at(row, "/year"), factor]);
    }
    output.table(&rows)?;
    for stage in list(&body, "stages") {
        let values: Vec<String> = list(stage, "values").iter().map(|value| said(Some(value))).collect();
        output.field(&at(stage, "/stage"), values.join("  "))?;
    }
    for warning in list(&body, "warnings") {
        output.field("WARNING", format_args!("{}: {}", at(warning, "/dimension"), at(warning, "/note")))?;
    }
    for missing in list(&body, "missing") {
        output.field("missing", format_args!("{}: {}", at(missing, "/region"), at(missing, "/detail")))?;
    }
    Ok(())
}

/// Where a footprint stands.
pub(super) fn stand(place: &Place, arguments: &BenchmarkArguments, output: &mut Output) -> Result<(), CliError> {
    let grading = read_grading(arguments.grading_file.as_ref())?;
    let (_, catalogue) = place.catalogue()?;
    let found = benchmark(&catalogue, &arguments.query, &grading, &Principal::Operator).map_err(refused)?;
    let Some(body) = shown(&found, output)? else { return Ok(()) };
    output.line(format_args!("percentile {} of {} factors", at(&body, "/percentile"), at(&body, "/population/factors")))?;
    output.field(
        "rank",
        format_args!("{} below, {} equal, {} above", at(&body, "/rank/below"), at(&body, "/rank/equal"), at(&body, "/rank/above")),
    )?;
    let grade = at(&body, "/grading/grade");
    let official = if body.pointer("/grading/official") == Some(&Value::Bool(true)) { "" } else { ", not official" };
    output
        .field("grade", format_args!("{} ({}{official})", if grade.is_empty() { "none" } else { &grade }, at(&body, "/grading/scheme")))?;
    for (name, value) in body.pointer("/distribution/quantiles").and_then(Value::as_object).into_iter().flatten() {
        output.field(name, value)?;
    }
    for (reason, count) in body.pointer("/population/left_out").and_then(Value::as_object).into_iter().flatten() {
        output.field("left out", format_args!("{count} by {reason}"))?;
    }
    for own in list(&body, "nearest") {
        output.field("near", format_args!("{}  {}@{}#{}", at(own, "/value"), at(own, "/dataset"), at(own, "/version"), at(own, "/key")))?;
    }
    Ok(())
}

/// Accounting rules.
pub(super) fn rules(place: &Place, query: &RulesQuery, output: &mut Output) -> Result<(), CliError> {
    let (_, catalogue) = place.catalogue()?;
    let body = list_rules(&catalogue, query, &Principal::Operator).map_err(refused)?;
    let Some(body) = shown(&body, output)? else { return Ok(()) };
    let rows = list(&body, "rules").iter().map(|rule| {
        let title = Some(at(rule, "/title/en")).filter(|text| !text.is_empty()).unwrap_or_else(|| at(rule, "/title/zh"));
        vec![at(rule, "/number"), at(rule, "/level"), at(rule, "/kind"), at(rule, "/status"), at(rule, "/factors"), title]
    });
    output.table(&rows.collect::<Vec<_>>())?;
    for year in ["2027", "2030"] {
        let of = |member: &str| at(&body, &format!("/targets/{year}/{member}"));
        output.field(year, format_args!("{} of {} ({})", of("counted"), of("wanted"), of("definition")))?;
    }
    Ok(())
}
