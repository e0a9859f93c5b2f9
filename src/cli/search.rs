//! `tanyin search`: factors by words and filters, the most relevant first.

use clap::Args;
use serde_json::{Value, json};

use super::outcome::{CliError, Refusal};
use super::output::{Output, counted};
use super::place::Place;
use super::release::not_found;
use crate::dataset::Principal;
use crate::release::{Catalogue, ReleaseError, ResolveError};
use crate::search::{FilterQuery, FilterRefusal, answer};

/// What is looked for.
#[derive(Debug, Args)]
pub(super) struct SearchArguments {
    /// Words in Chinese or English: 浙江 电力 2022, "natural gas"
    words: Vec<String>,
    #[command(flatten)]
    query: FilterQuery,
}

/// Finds factors among what is published.
pub(super) fn search(place: &Place, arguments: &SearchArguments, output: &mut Output) -> Result<(), CliError> {
    let words = arguments.words.join(" ");
    let mut query = FilterQuery { q: Some(words).filter(|words| !words.trim().is_empty()), ..arguments.query.clone() };
    if !output.is_json() {
        query.limit = query.limit.or_else(|| Some("20".to_owned()));
        query.facets = Some("none".to_owned());
    }
    let (_, catalogue) = place.catalogue()?;
    let body = answer(&catalogue, &query, &Principal::Operator).map_err(|refusal| refused(&catalogue, refusal))?;
    if output.is_json() {
        output.bytes(&body)?;
        return output.bytes(b"\n");
    }
    print(&serde_json::from_slice(&body)?, output)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn print(page: &Value, output: &mut Output) -> Result<(), CliError> {
    let factors = page["factors"].as_array().cloned().unwrap_or_default();
    let row = |item: &Value| {
        let factor = &item["factor"];
        let year = factor["year"].as_i64().map(|year| year.to_string()).unwrap_or_default();
        let value = format!("{} kg {} per {}", text(factor, "/value"), text(factor, "/metric"), text(factor, "/per"));
        let name = [text(factor, "/name/zh"), text(factor, "/name/en")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let release = format!("{}@{}", text(item, "/release/dataset"), text(item, "/release/version"));
        vec![format!("{release}#{}", text(factor, "/key")), text(factor, "/region").to_owned(), year, value, name.to_owned()]
    };
    output.table(&factors.iter().map(row).collect::<Vec<_>>())?;
    let total = page["total"].as_u64().unwrap_or(0);
    output.line(format_args!("{}, {} shown", counted(total, "factor", "factors"), factors.len()))?;
    match (text(page, "/search/read_as"), text(page, "/search/did_you_mean"), text(page, "/search/matched")) {
        ("", "", "" | "exact" | "nothing") => Ok(()),
        ("", "", step) => output.field("matched", step),
        ("", meant, _) => output.field("did you mean", meant),
        (read, ..) => output.field("read as", read),
    }
}

fn refused(catalogue: &Catalogue, refusal: FilterRefusal) -> CliError {
    let detail = refusal.to_string();
    match refusal {
        FilterRefusal::Damaged(why) => ReleaseError::Damaged { what: "what is searched".into(), why }.into(),
        FilterRefusal::Release(error) => {
            let dataset = match &error {
                ResolveError::NoVersion { dataset, .. } => dataset.clone(),
                _ => String::new(),
            };
            not_found(catalogue, &dataset, &error)
        }
        FilterRefusal::Denied(denied) => Refusal::new(denied.code(), denied.detail.clone()).into(),
        FilterRefusal::Parameter { parameter, valid, .. } => {
            let hint = if valid.is_empty() { Vec::new() } else { vec![format!("it can be {}", valid.join(", "))] };
            Refusal::new("invalid-parameter", detail).with(json!({"parameter": parameter, "valid": valid})).hints(hint).into()
        }
    }
}
