//! The page of a factor whose number the reader may not have: what it is of, and where to get it.

use askama::Template;
use serde_json::{Map, Value};

use super::place;
use crate::release::{Denied, PublishedRelease};
use crate::web::{Frame, Lang};

/// A factor without its number.
#[derive(Clone, Copy)]
pub struct Sealed<'a> {
    /// Its release.
    pub release: &'a PublishedRelease,
    /// Its key.
    pub key: &'a str,
    /// What may be told of it.
    pub told: &'a Map<String, Value>,
    /// How it is cited.
    pub cite: &'a str,
    /// Why the number is not shown.
    pub denied: &'a Denied,
}

#[derive(Template)]
#[template(path = "factor/sealed.html")]
struct Page<'a> {
    frame: Frame,
    dataset: String,
    version: String,
    dataset_title: String,
    key: &'a str,
    name: String,
    licence: bool,
    detail: &'a str,
    facts: Vec<[String; 2]>,
    cite: &'a str,
    sign_in: bool,
}

/// The page.
///
/// # Errors
/// As the template engine; none is known.
pub fn sealed_page(frame: Frame, sealed: Sealed<'_>) -> Result<String, askama::Error> {
    let Sealed { release, key, told, cite, denied } = sealed;
    let lang = frame.lang;
    let page = Page {
        dataset: release.dataset.to_string(),
        version: release.version.to_string(),
        dataset_title: lang.text(&release.manifest.metadata.title),
        key,
        name: name_in(told, lang).unwrap_or_else(|| key.to_owned()),
        licence: denied.code() == "not-redistributable",
        detail: &denied.detail,
        facts: facts(told, lang),
        cite,
        sign_in: frame.signed.is_none(),
        frame,
    };
    page.render()
}

fn name_in(told: &Map<String, Value>, lang: Lang) -> Option<String> {
    let name = told.get("name")?;
    let of = |code: &str| name.get(code).and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    of(lang.name()).or_else(|| of(lang.other().name()))
}

fn facts(told: &Map<String, Value>, lang: Lang) -> Vec<[String; 2]> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let names = [
        ("region", "地区", "Region"),
        ("year", "数据年份", "Data year"),
        ("kind", "类型", "Kind"),
        ("activity", "活动", "Activity"),
        ("metric", "计入", "Counts"),
        ("per", "单位", "Per"),
        ("boundary", "边界", "Boundary"),
        ("technology", "技术或行业", "Technology"),
        ("category", "类别", "Category"),
        ("gwp", "GWP", "GWP set"),
    ];
    names
        .into_iter()
        .filter_map(|(member, zh, en)| {
            let own = text(told.get(member)?)?;
            let own = if member == "region" { place(&own, lang) } else { own };
            Some([lang.say(zh, en), own])
        })
        .collect()
}
