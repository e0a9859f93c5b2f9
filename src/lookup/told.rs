//! Why this factor, and why not the others: short statements for people, with codes for programs.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::select::{Like, Named, Stage};
use crate::release::Dimension;

/// One statement of why a factor was taken, or another was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable code: the parameter that it is about, or `only`, `unit`, `flag`, `order`.
    pub code: &'static str,
    /// In English.
    pub en: Cow<'static, str>,
    /// In Chinese.
    pub zh: Cow<'static, str>,
}

impl Reason {
    pub(super) fn new(code: &'static str, en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self { code, en: en.into(), zh: zh.into() }
    }
}

/// A factor that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Other {
    /// Its key.
    pub key: String,
    /// What it is where it differs from the one that was taken; null where it has no value.
    pub differs: BTreeMap<String, Option<String>>,
    /// The first rule by which it fell away.
    pub reason: Reason,
}

/// Others are looked for among so many factors around the one that was taken, and among so many of the same place, so that naming
/// them costs little.
const WINDOW: usize = 128;
const OF_PLACE: usize = 32;

/// What tells one factor from another.
pub(super) const TELLING: [Dimension; 11] = [
    Dimension::Kind,
    Dimension::Region,
    Dimension::Year,
    Dimension::Metric,
    Dimension::Per,
    Dimension::Basis,
    Dimension::Gwp,
    Dimension::Boundary,
    Dimension::Technology,
    Dimension::Scope,
    Dimension::PriceYear,
];

/// The sets that were left after each rule from the place on, in the order in which the rules were applied.
pub(super) struct Left {
    pub(super) named: Named,
    pub(super) stages: [(Stage, Vec<usize>); 5],
}

/// The place of the first of those rules among all.
const PLACE: usize = 3;

impl Left {
    /// The first rule by which a factor fell away, with its place in their order; nothing for one that passed them all.
    fn fell_at(&self, like: &Like<'_>, number: usize) -> (usize, Option<Stage>) {
        let first = [(Stage::Equal, like.equal(number)), (Stage::Published, like.published(number)), (Stage::Aside, like.aside(number))];
        let rest = self.stages.iter().map(|(stage, kept)| (*stage, kept.binary_search(&number).is_ok()));
        let fell = first.into_iter().chain(rest).enumerate().find(|(_, (_, kept))| !kept);
        fell.map_or((usize::MAX, None), |(at, (stage, _))| (at, Some(stage)))
    }
}

/// The others that came nearest: those that fell away last, then those of the same place, then those that differ in least, then
/// those of the nearest year.
pub(super) fn others(like: &Like<'_>, left: &Left, taken: usize) -> Vec<Other> {
    let (data, wanted) = (like.data, like.lookup.others);
    let Named::Activity(activity) = left.named else { return Vec::new() };
    if wanted == 0 {
        return Vec::new();
    }
    let index = data.index();
    let region = index.code(Dimension::Region, taken);
    let telling: Vec<(Dimension, u32)> =
        TELLING.into_iter().filter(|own| index.codes(*own) > 1).map(|own| (own, index.code(own, taken))).collect();
    let own_year = like.year(taken);
    let rank = |number: usize| {
        let (stage, _) = left.fell_at(like, number);
        let differing = telling.iter().filter(|(dimension, code)| index.code(*dimension, number) != *code).count();
        let years = like.year(number).zip(own_year).map_or(i32::MAX, |(own, other)| (own - other).abs());
        let elsewhere = index.code(Dimension::Region, number) != region;
        (Reverse(stage), elsewhere, differing, years, number)
    };
    let here = index.of_place(activity, region).around(taken, OF_PLACE);
    let mut ranked: Vec<_> = here.iter().filter(|number| *number != taken).map(rank).collect();
    // where a place is asked for, whatever is elsewhere falls away no later than by that, and comes behind what is here
    let near = ranked.iter().filter(|(stage, ..)| stage.0 >= PLACE).count();
    if like.lookup.region.is_none() || near < wanted {
        let around = index.of_activity(activity).around(taken, WINDOW).iter();
        ranked.extend(around.filter(|number| *number != taken && !here.holds(*number)).map(rank));
    }
    if let Some(last) = wanted.checked_sub(1).filter(|last| *last < ranked.len()) {
        ranked.select_nth_unstable(last);
        ranked.truncate(wanted);
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(.., number)| other(like, left, (number, taken))).collect()
}

fn other(like: &Like<'_>, left: &Left, (number, taken): (usize, usize)) -> Other {
    let (data, lookup, index) = (like.data, like.lookup, like.data.index());
    let text = |dimension: Dimension, number: usize| index.value(dimension, number).map(str::to_owned);
    let differing = TELLING.into_iter().filter(|dimension| index.code(*dimension, number) != index.code(*dimension, taken));
    let differs = differing.map(|dimension| (dimension.name().to_owned(), text(dimension, number))).collect();
    let reason = match left.fell_at(like, number).1 {
        Some(stage) => stage.against(data, lookup, (number, taken)),
        None => Reason::new("order", "it matches as well, and the order asked for puts it behind", "同样匹配，按所选次序排在其后"),
    };
    Other { key: data.key(number).to_owned(), differs, reason }
}

/// `none` in words.
pub(super) fn or_none(text: Option<&str>) -> (&str, &str) {
    (text.unwrap_or("not stated"), text.unwrap_or("未说明"))
}

/// The name of a member in Chinese; its own where it has none.
pub(super) fn in_chinese(name: &str) -> &str {
    match name {
        "activity" => "活动",
        "kind" => "类型",
        "region" => "地区",
        "year" => "数据年份",
        "metric" => "指标",
        "per" => "单位",
        "basis" => "热值基准",
        "gwp" => "GWP 组",
        "boundary" => "系统边界",
        "technology" => "技术",
        "scope" => "范围",
        "price_year" => "价格年份",
        "price_basis" => "价格口径",
        "source_level" => "来源级别",
        other => other,
    }
}
