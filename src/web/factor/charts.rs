//! The charts of a factor's page, each with its finding in words.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::parts::{gases, interval, scores, stages};
use crate::factor::{Factor, Region};
use crate::product::{Kin, Relative};
use crate::web::Lang;
use crate::web::charts::{
    BarRow, Bars, Chart, Number, Point, Series, Spread, Tile, Told, bar_chart, is_province, series_chart, spread_chart, tile_map,
};
use crate::web::typeset;

/// The most regions that stand as bars.
const BARS: usize = 45;

/// What charts of a factor are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matter<'a> {
    pub(super) factor: &'a Factor,
    pub(super) kin: &'a Kin,
    /// Path of the release's page.
    pub(super) release: &'a str,
    pub(super) lang: Lang,
}

/// The charts of a page by its sections.
#[derive(Debug, Default)]
pub(super) struct Charts {
    pub(super) interval: Option<Chart>,
    pub(super) parts: Vec<Chart>,
    pub(super) quality: Option<Chart>,
    pub(super) standing: Vec<Chart>,
    pub(super) years: Option<Chart>,
}

impl Charts {
    pub(super) fn of(matter: Matter<'_>) -> Self {
        Self {
            interval: interval(matter),
            parts: [stages(matter), gases(matter)].into_iter().flatten().collect(),
            quality: scores(matter),
            standing: standing(matter),
            years: years(matter),
        }
    }

    /// The chart with this name.
    pub(super) fn named(self, id: &str) -> Option<Chart> {
        let all = self.interval.into_iter().chain(self.parts).chain(self.quality).chain(self.standing).chain(self.years);
        all.into_iter().find(|chart| chart.told.id == id)
    }
}

fn unit(matter: Matter<'_>) -> String {
    typeset::unit(matter.factor.metric.code(), &matter.factor.per, matter.lang)
}

pub(super) fn told(matter: Matter<'_>, id: &str, title: String, finding: String) -> Told {
    Told { id: id.to_owned(), title, finding, unit: unit(matter) }
}

/// A region in words.
pub(in crate::web) fn place(code: &str, lang: Lang) -> String {
    Region::get(code).map(|region| lang.text(&region.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| code.to_owned())
}

/// By how many percent a number is above another, as words say it: `高 4.1 %`, `4.1 % higher`.
pub(super) fn apart(own: &BigRational, other: &BigRational, lang: Lang) -> Option<String> {
    if other.is_zero() || other.is_negative() != own.is_negative() && !own.is_zero() {
        return None;
    }
    let change = (own - other) / other.abs() * BigRational::from(num_bigint::BigInt::from(100));
    if change.is_zero() {
        return Some(lang.say("相同", "the same"));
    }
    let size = Number::rounded(change.abs(), 1).text;
    let size = if size == "0.0" { "<\u{202f}0.1".to_owned() } else { size };
    Some(match change.is_positive() {
        true => lang.say(format!("高 {size}\u{202f}%"), format!("{size}\u{202f}% higher")),
        false => lang.say(format!("低 {size}\u{202f}%"), format!("{size}\u{202f}% lower")),
    })
}

/// The address of the page of a relative.
fn leads(matter: Matter<'_>, own: &Relative) -> Option<String> {
    (own.key != matter.factor.key).then(|| format!("{}/factors/{}", matter.release, super::path_of(&own.key)))
}

/// Where the value stands among regions, or among its category.
fn standing(matter: Matter<'_>) -> Vec<Chart> {
    let Matter { factor, kin, lang, .. } = matter;
    let mut charts = Vec::new();
    let provinces: Vec<&Relative> = kin.regions.iter().filter(|own| is_province(&own.region)).collect();
    if provinces.len() >= 5 {
        charts.push(map(matter, &provinces));
    }
    // provinces stand on the map: beside it only what has no tile, and the own one
    let mapped = !charts.is_empty();
    let beside: Vec<&Relative> = kin.regions.iter().filter(|own| !mapped || own.key == factor.key || !is_province(&own.region)).collect();
    if (2..=BARS).contains(&beside.len()) {
        charts.push(regions(matter, beside));
    } else if kin.regions.len() > BARS {
        let title = lang.say("与其他地区相比", "Beside other regions");
        charts.push(spread(matter, "regions", title, &kin.regions));
    }
    // others of the category are told where they are more than the same in other regions
    if kin.category.len() >= 3 && kin.category.len() > kin.regions.len() {
        let title = match &factor.category {
            Some(category) => lang.say(format!("在“{category}”类别中的位置"), format!("Within “{category}”")),
            None => lang.say("在同类因子中的位置", "Among factors of its kind"),
        };
        charts.push(spread(matter, "category", title, &kin.category));
    }
    charts
}

fn rank(own: &BigRational, all: &[&Relative]) -> usize {
    all.iter().filter(|other| other.value.to_rational() > *own).count() + 1
}

fn map(matter: Matter<'_>, provinces: &[&Relative]) -> Chart {
    let Matter { factor, lang, .. } = matter;
    let year = factor.year.map(|year| year.to_string()).unwrap_or_default();
    let tiles: Vec<Tile> = provinces
        .iter()
        .map(|own| Tile {
            region: own.region.clone(),
            value: Number::from(&own.value),
            own: own.key == factor.key,
            href: leads(matter, own),
        })
        .collect();
    let finding = extremes(provinces, lang);
    let finding = match provinces.iter().find(|own| own.key == factor.key) {
        Some(own) => {
            let (name, count) = (place(&own.region, lang), provinces.len());
            let rank = rank(&own.value.to_rational(), provinces);
            lang.say(
                format!("{name} {}，在有数值的 {count} 个省级行政区中从高到低排第 {rank}。{finding}", own.value),
                format!("{name} is at {}: number {rank} of {count} provinces from the highest. {finding}", own.value),
            )
        }
        None => finding,
    };
    tile_map(told(matter, "provinces", lang.say(format!("{year} 年各省"), format!("Provinces in {year}")), finding), &tiles, lang)
}

/// The highest and the lowest in words.
pub(in crate::web) fn extremes(all: &[&Relative], lang: Lang) -> String {
    let by = |a: &&&Relative, b: &&&Relative| a.value.to_rational().cmp(&b.value.to_rational());
    let (Some(low), Some(high)) = (all.iter().min_by(by), all.iter().max_by(by)) else { return String::new() };
    let name = |own: &Relative| place(&own.region, lang);
    lang.say(
        format!("最高：{} {}；最低：{} {}。", name(high), high.value, name(low), low.value),
        format!("Highest: {} {}; lowest: {} {}.", name(high), high.value, name(low), low.value),
    )
}

fn regions(matter: Matter<'_>, mut ranked: Vec<&Relative>) -> Chart {
    let Matter { factor, kin, lang, .. } = matter;
    ranked.sort_by(|a, b| b.value.to_rational().cmp(&a.value.to_rational()).then_with(|| a.region.cmp(&b.region)));
    let rows = ranked.iter().map(|own| BarRow {
        name: place(&own.region, lang),
        value: Some(Number::from(&own.value)),
        own: own.key == factor.key,
        href: leads(matter, own),
        beside: own.region.clone(),
    });
    let rows = rows.collect();
    let own = factor.value.to_rational();
    let above = kin.above.iter().find(|other| other.year == factor.year && other.region != factor.region);
    let against =
        above.and_then(|other| Some((place(&other.region, lang), other.value.to_string(), apart(&own, &other.value.to_rational(), lang)?)));
    let finding = match against {
        Some((name, value, apart)) => {
            lang.say(format!("与{name}（{value}）相比：{apart}。"), format!("Against {name} ({value}): {apart}."))
        }
        None => extremes(&ranked, lang),
    };
    let bars = Bars {
        told: told(matter, "regions", lang.say("与其他地区相比", "Beside other regions"), finding),
        name: lang.say("地区", "region"),
        value: lang.say("数值", "value"),
        beside: lang.say("代码", "code"),
        rows,
    };
    bar_chart(bars, lang)
}

fn spread(matter: Matter<'_>, id: &str, title: String, all: &[Relative]) -> Chart {
    let Matter { factor, lang, .. } = matter;
    let name = |own: &Relative| {
        let name = lang.text(&own.name);
        if id == "regions" {
            place(&own.region, lang)
        } else if name.is_empty() {
            own.key.clone()
        } else {
            name
        }
    };
    let numbers = all.iter().map(|own| (name(own), Number::from(&own.value))).collect();
    let own = all.iter().position(|own| own.key == factor.key).unwrap_or(usize::MAX);
    let spread = Spread { numbers, own };
    let (below, others) = (spread.below(), all.len().saturating_sub(1));
    let finding = lang
        .say(format!("高于其余 {others} 个因子中的 {below}\u{202f}%。"), format!("Higher than {below}\u{202f}% of the other {others}."));
    spread_chart(told(matter, id, title, finding), &spread, lang)
}

fn years(matter: Matter<'_>) -> Option<Chart> {
    let Matter { factor, kin, lang, .. } = matter;
    if kin.years.len() < 2 {
        return None;
    }
    let line = |all: &[Relative], name: String| Series {
        name,
        points: all
            .iter()
            .filter_map(|own| {
                let (value, is_own) = (Number::from(&own.value), own.key == factor.key);
                Some(Point { year: own.year?, value, own: is_own, href: leads(matter, own) })
            })
            .collect(),
    };
    let mut lines = vec![line(&kin.years, place(&factor.region, lang))];
    if let Some(above) = kin.above.first().filter(|above| above.region != factor.region) {
        lines.push(line(&kin.above, place(&above.region, lang)));
    }
    let (first, last) = (kin.years.first()?, kin.years.last()?);
    let change = apart(&last.value.to_rational(), &first.value.to_rational(), lang);
    let (from, to) = (first.year.unwrap_or_default(), last.year.unwrap_or_default());
    let finding = change.map(|change| {
        lang.say(
            format!("{from} 年 {}，{to} 年 {}：{change}。", first.value, last.value),
            format!("{} in {from}, {} in {to}: {change}.", first.value, last.value),
        )
    });
    let told = told(matter, "years", lang.say("各数据年份", "Over data years"), finding.unwrap_or_default());
    Some(series_chart(told, &lines, lang))
}
