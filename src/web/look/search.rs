//! What a search found, and the list of a release's factors: both are pages of rows with counts to narrow them by.

use std::collections::BTreeMap;

use askama::Template;

use super::row::{FlagTag, Listed, Row, kind_name, region_name};
use crate::search::{Matched, Told};
use crate::web::address::Address;
use crate::web::typeset::count;
use crate::web::{Frame, Lang};

/// What was found.
pub struct Found<'a> {
    /// The rows of this page.
    pub rows: Vec<Listed<'a>>,
    /// How many match in all.
    pub total: usize,
    /// Counts by facet and value.
    pub facets: BTreeMap<String, BTreeMap<String, usize>>,
    /// How the words were read.
    pub told: Option<Told>,
    /// Titles of datasets by id.
    pub titles: BTreeMap<String, String>,
    /// This page, from 1.
    pub page: usize,
    /// Rows a page.
    pub limit: usize,
    /// How many a download holds.
    pub most: usize,
}

impl Found<'_> {
    /// Where nothing could be looked for.
    pub fn nothing(limit: usize) -> Self {
        let (facets, titles) = (BTreeMap::new(), BTreeMap::new());
        Self { rows: Vec::new(), total: 0, facets, told: None, titles, page: 1, limit, most: 0 }
    }
}

/// A filter that cannot be.
pub struct Wrong {
    /// Which.
    pub parameter: String,
    /// What is wrong.
    pub detail: String,
    /// What it can be.
    pub valid: Vec<String>,
}

/// A value to narrow by.
struct Choice {
    label: String,
    code: String,
    count: String,
    href: String,
    chosen: bool,
}

/// The values of one member.
struct Facet {
    title: String,
    first: Vec<Choice>,
    more: Vec<Choice>,
}

/// An order, and whether it is this one.
struct Sort {
    label: String,
    href: String,
    here: bool,
}

/// A head of a column: its words, the order that a click gives, and how it stands now.
struct Column {
    label: String,
    href: Option<String>,
    sorted: Option<&'static str>,
    number: bool,
}

#[derive(Template)]
#[template(path = "look/search.html")]
struct SearchPage {
    frame: Frame,
    view: View,
    wrong: Option<Wrong>,
    notes: Vec<String>,
    meant: Option<(String, String)>,
    sorts: Vec<Sort>,
    examples: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "look/factors.html")]
struct FactorsPage {
    frame: Frame,
    view: View,
    dataset: String,
    version: String,
    title: String,
    columns: Vec<Column>,
    withdrawn: bool,
}

/// What both pages have.
struct View {
    rows: Vec<Row>,
    total: String,
    /// The same in words.
    counted: String,
    any: bool,
    range: String,
    facets: Vec<Facet>,
    chosen: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
    before: Option<String>,
    after: Option<String>,
    downloads: Vec<(&'static str, String)>,
}

/// How many values of a facet stand open.
const OPEN_VALUES: usize = 8;
/// Beyond these, values are counted and not listed.
const LISTED_VALUES: usize = 60;

const FACETS: [&str; 9] = ["kind", "year", "region", "activity", "dataset", "flag", "dimension", "category", "licence"];

/// Questions that show what can be asked.
pub(super) fn examples(lang: Lang) -> Vec<(String, String)> {
    let all = lang.either(
        ["浙江 电网", "全国电力平均 2023", "光伏发电 碳足迹", "无烟煤", "甲烷 GWP", "天然气 燃烧"],
        ["Zhejiang grid", "China grid average 2023", "photovoltaic footprint", "anthracite", "methane GWP", "natural gas combustion"],
    );
    all.into_iter().map(|words| (words.to_owned(), Address::default().at("/search").with("q", words).to_string())).collect()
}

/// The page of a search; `wrong` is what was wrong with a filter.
///
/// # Errors
/// As the template engine; none is known.
pub fn search_page(frame: Frame, found: &Found<'_>, wrong: Option<Wrong>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let address = Address::of(&frame);
    let meant = found.told.as_ref().and_then(|told| told.did_you_mean.clone());
    let orders = [
        ("relevance", "相关", "relevance"),
        ("-year", "年份（新→旧）", "year, newest first"),
        ("year", "年份（旧→新）", "year, oldest first"),
        ("region", "地区", "region"),
        ("key", "键", "key"),
    ];
    let words = address.get("q").is_some();
    let default = if words { "relevance" } else { "key" };
    let here = address.get("sort").unwrap_or(default).to_owned();
    let sorts = orders.into_iter().filter(|(code, ..)| words || *code != "relevance").map(|(code, zh, en)| Sort {
        label: lang.say(zh, en),
        href: if code == default { address.without("sort") } else { address.with("sort", code) }.to_string(),
        here: code == here,
    });
    let page = SearchPage {
        sorts: sorts.collect(),
        notes: notes(found.told.as_ref(), lang),
        meant: meant.map(|words| (address.with("q", &words).to_string(), words)),
        examples: examples(lang),
        view: View::of(&frame, &address, found, None),
        wrong,
        frame,
    };
    page.render()
}

/// The list of a release's factors.
///
/// # Errors
/// As the template engine; none is known.
pub fn factors_page(
    frame: Frame,
    found: &Found<'_>,
    (dataset, version, withdrawn): (&str, &str, bool),
    title: String,
) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let address = Address::of(&frame);
    let here = address.get("sort").unwrap_or("key").to_owned();
    let column = |zh: &str, en: &str, up: Option<&str>, down: Option<&str>, number: bool| {
        let sorted = match (up, down) {
            (Some(up), _) if up == here => Some("ascending"),
            (_, Some(down)) if down == here => Some("descending"),
            _ => None,
        };
        let next = if sorted == Some("ascending") { down.or(up) } else { up };
        Column { label: lang.say(zh, en), href: next.map(|next| address.with("sort", next).to_string()), sorted, number }
    };
    let columns = vec![
        column("因子", "Factor", Some("key"), None, false),
        column("地区", "Region", Some("region"), None, false),
        column("年份", "Year", Some("year"), Some("-year"), true),
        column("值", "Value", None, None, true),
        column("单位", "Unit", None, None, false),
        column("标记", "Flags", None, None, false),
    ];
    let view = View::of(&frame, &address, found, Some(&format!("{dataset}@{version}")));
    FactorsPage { view, columns, dataset: dataset.to_owned(), version: version.to_owned(), title, withdrawn, frame }.render()
}

impl View {
    fn of(frame: &Frame, address: &Address, found: &Found<'_>, release: Option<&str>) -> Self {
        let lang = frame.lang;
        let words = words(address.get("q").unwrap_or_default(), found.told.as_ref(), lang);
        let first = (found.page - 1) * found.limit;
        let page = |number: usize| {
            let own = if number == 1 { address.clone() } else { address.with("page", &number.to_string()) };
            own.to_string()
        };
        let last = first + found.rows.len();
        let names = FACETS.iter().filter(|name| release.is_none() || !["dataset", "licence"].contains(*name));
        let query = release.map_or_else(|| address.clone(), |release| address.with("dataset", release)).without("sort");
        let formats = ["csv", "xlsx", "parquet", "ndjson"];
        let download = |format: &'static str| (format, query.at("/v1/factors/download").with("format", format).to_string());
        Self {
            rows: found.rows.iter().map(|row| Row::of(row, lang, &words, found.told.as_ref())).collect(),
            counted: lang.say(format!("{} 个因子", count(found.total as u64)), format!("{} factors", count(found.total as u64))),
            total: count(found.total as u64),
            any: found.total > 0,
            range: if found.total > found.limit { format!("{}–{}", count(first as u64 + 1), count(last as u64)) } else { String::new() },
            facets: names.filter_map(|name| facet(name, address, found, lang)).collect(),
            chosen: chosen(address, found, lang),
            hidden: address.pairs().iter().filter(|(name, _)| name != "q").cloned().collect(),
            before: (found.page > 1).then(|| page(found.page - 1)),
            after: (last < found.total).then(|| page(found.page + 1)),
            downloads: if found.total == 0 || found.total > found.most { Vec::new() } else { formats.map(download).to_vec() },
        }
    }
}

/// The words of a query one by one, as they are marked in names.
fn words(q: &str, told: Option<&Told>, lang: Lang) -> Vec<String> {
    let mut words: Vec<String> = q.split(|c: char| c.is_whitespace() || "，。、；,;".contains(c)).map(str::to_lowercase).collect();
    let regions = told.map(|told| told.regions.as_slice()).unwrap_or_default();
    words.extend(regions.iter().map(|region| region_name(region, lang).to_lowercase()));
    words.extend(told.map(|told| told.years.as_slice()).unwrap_or_default().iter().map(ToString::to_string));
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

fn facet_title(name: &str, lang: Lang) -> String {
    match name {
        "kind" => lang.say("类型", "Kind"),
        "year" => lang.say("数据年份", "Data year"),
        "region" => lang.say("地区", "Region"),
        "dataset" => lang.say("数据集", "Dataset"),
        "flag" => lang.say("标记", "Flag"),
        "dimension" => lang.say("计量", "Measured per"),
        "category" => lang.say("类别", "Category"),
        "licence" => lang.say("许可", "Licence"),
        "activity" => lang.say("活动", "Activity"),
        "source" => lang.say("来源", "Source"),
        "per" => lang.say("单位", "Unit"),
        "metric" => lang.say("指标", "Metric"),
        other => other.to_owned(),
    }
}

fn value_label(name: &str, value: &str, found: &Found<'_>, lang: Lang) -> String {
    match name {
        "kind" => kind_name(value, lang),
        "region" => region_name(value, lang),
        "flag" => FlagTag::of(value, lang).name,
        "dataset" => found.titles.get(value.split('@').next().unwrap_or(value)).cloned().unwrap_or_else(|| value.to_owned()),
        "dimension" => dimension_label(value, lang),
        _ => value.to_owned(),
    }
}

fn dimension_label(value: &str, lang: Lang) -> String {
    let words = [
        ("energy", "能量"),
        ("power", "功率"),
        ("mass", "质量"),
        ("volume", "体积"),
        ("length", "距离"),
        ("freight", "货运量"),
        ("passenger-distance", "客运量"),
        ("vehicle-distance", "车辆里程"),
        ("container-distance", "标准箱里程"),
        ("count", "件数"),
        ("room-time", "间夜"),
        ("person-time", "人时"),
        ("area", "面积"),
        ("area-time", "面积·时间"),
        ("time", "时间"),
        ("data", "数据量"),
        ("money", "金额"),
        ("other", "其他"),
    ];
    let zh = words.iter().find(|(code, _)| *code == value).map_or(value, |(_, zh)| zh);
    lang.say(zh, value.replace('-', " "))
}

fn facet(name: &str, address: &Address, found: &Found<'_>, lang: Lang) -> Option<Facet> {
    let counts = found.facets.get(name)?;
    let own = address.listed(name);
    let mut values: Vec<(&String, usize)> = counts.iter().map(|(value, count)| (value, *count)).collect();
    if name == "year" {
        values.sort_by(|a, b| b.0.cmp(a.0));
    } else {
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    }
    // one value that all share narrows nothing
    if values.is_empty() || (values.len() == 1 && own.is_empty() && values.iter().all(|(_, count)| *count == found.total)) {
        return None;
    }
    let choice = |(value, number): (&String, usize)| {
        let label = value_label(name, value, found, lang);
        Choice {
            code: if ["region", "dataset"].contains(&name) && label != *value { value.clone() } else { String::new() },
            label,
            count: count(number as u64),
            href: address.toggled(name, value).to_string(),
            chosen: own.contains(&value.as_str()),
        }
    };
    let mut first: Vec<Choice> = values.into_iter().take(LISTED_VALUES).map(choice).collect();
    first.sort_by_key(|choice| !choice.chosen);
    let more = if first.len() > OPEN_VALUES + 2 { first.split_off(OPEN_VALUES) } else { Vec::new() };
    Some(Facet { title: facet_title(name, lang), first, more })
}

/// What is narrowed by, each with the page without it.
fn chosen(address: &Address, found: &Found<'_>, lang: Lang) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, _) in address.pairs().iter().filter(|(name, _)| !["q", "sort"].contains(&name.as_str())) {
        for value in address.listed(name) {
            let words = format!("{}{}{}", facet_title(name, lang), lang.say("：", ": "), value_label(name, value, found, lang));
            all.push((words, address.toggled(name, value).to_string()));
        }
    }
    all
}

/// How the words were read, where that was not to the letter.
fn notes(told: Option<&Told>, lang: Lang) -> Vec<String> {
    let Some(told) = told else { return Vec::new() };
    let mut notes = Vec::new();
    if let Some(read) = &told.read_as {
        notes.push(lang.say(
            format!("没有与原词完全相同的结果，已按“{read}”查找。"),
            format!("Nothing has these very words; searched for “{read}” instead."),
        ));
    }
    match told.matched {
        Matched::Loose => notes.push(
            lang.say("没有完整包含这些词的因子，以下按相近文字匹配。", "No factor has these words whole; what follows is close to them."),
        ),
        Matched::Any => notes.push(lang.say(
            "没有同时包含所有词的因子，以下至少包含一半的词。",
            "No factor has all of these words; what follows has half of them or more.",
        )),
        _ => {}
    }
    if !told.regions_without.is_empty() {
        let names: Vec<String> = told.regions_without.iter().map(|code| region_name(code, lang)).collect();
        notes.push(lang.say(
            format!("没有{}的因子，以下是上级地区或其他地区的结果。", names.join("、")),
            format!("There is no factor of {}; wider regions stand in, or it was left out.", names.join(", ")),
        ));
    }
    if !told.years_without.is_empty() {
        let years: Vec<String> = told.years_without.iter().map(ToString::to_string).collect();
        notes.push(lang.say(format!("没有 {} 年的因子。", years.join("、")), format!("There is no factor of {}.", years.join(", "))));
    }
    notes
}
