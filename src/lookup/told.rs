//! Why this factor, and why not the others: short statements for people, with codes for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Lookup;
use super::select::Stage;
use crate::release::{Dimension, ReleaseData};

/// One statement of why a factor was taken, or another was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable code: the parameter that it is about, or `only`, `unit`, `flag`, `order`.
    pub code: &'static str,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Reason {
    pub(super) fn new(code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
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

/// Others are looked for among so many factors around the one that was taken, so that naming them costs little.
const WINDOW: usize = 500;

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

/// The sets that were left after each rule, in the order in which the rules were applied.
pub(super) struct Left {
    pub(super) named: Vec<usize>,
    pub(super) stages: Vec<(Stage, Vec<usize>)>,
}

impl Left {
    /// The first rule by which a factor fell away, with its place in their order; nothing for one that passed them all.
    fn fell_at(&self, number: usize) -> (usize, Option<Stage>) {
        let at = self.stages.iter().position(|(_, kept)| kept.binary_search(&number).is_err());
        (at.unwrap_or(self.stages.len()), at.and_then(|at| self.stages.get(at)).map(|(stage, _)| *stage))
    }
}

/// The others that came nearest: those that fell away last, then those of the same place, then those that differ in least, then
/// those of the nearest year.
pub(super) fn others(data: &ReleaseData, lookup: &Lookup, left: &Left, taken: usize) -> Vec<Other> {
    if lookup.others == 0 || left.named.len() < 2 {
        return Vec::new();
    }
    let index = data.index();
    let place = left.named.partition_point(|number| *number < taken);
    let start = place.saturating_sub(WINDOW / 2).min(left.named.len().saturating_sub(WINDOW));
    let year = |number: usize| index.value(Dimension::Year, number).and_then(|year| year.parse::<i32>().ok());
    let own_year = year(taken);
    let around = left.named.iter().skip(start).take(WINDOW).copied().filter(|number| *number != taken);
    let mut ranked: Vec<_> = around
        .map(|number| {
            let (stage, _) = left.fell_at(number);
            let differing = TELLING.iter().filter(|dimension| index.code(**dimension, number) != index.code(**dimension, taken)).count();
            let years = year(number).zip(own_year).map_or(i32::MAX, |(own, other)| (own - other).abs());
            let elsewhere = index.code(Dimension::Region, number) != index.code(Dimension::Region, taken);
            (std::cmp::Reverse(stage), elsewhere, differing, years, number)
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(lookup.others).map(|(.., number)| other(data, lookup, left, (number, taken))).collect()
}

fn other(data: &ReleaseData, lookup: &Lookup, left: &Left, (number, taken): (usize, usize)) -> Other {
    let index = data.index();
    let text = |dimension: Dimension, number: usize| index.value(dimension, number).map(str::to_owned);
    let differing = TELLING.into_iter().filter(|dimension| index.code(*dimension, number) != index.code(*dimension, taken));
    let differs = differing.map(|dimension| (dimension.name().to_owned(), text(dimension, number))).collect();
    let reason = match left.fell_at(number).1 {
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
