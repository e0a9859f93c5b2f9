//! The charts of a factor's page, each with its finding in words.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::factor::{Factor, GwpSet, Metric, Region, Score, StageCode, Uncertainty, counted_stages};
use crate::product::{Kin, Relative};
use crate::web::Lang;
use crate::web::charts::{
    BarRow, Bars, Chart, Number, Part, Point, Series, Span, Spread, Tile, Told, bar_chart, is_province, score_chart, series_chart,
    span_chart, spread_chart, tile_map, waterfall_chart,
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

fn told(matter: Matter<'_>, id: &str, title: String, finding: String) -> Told {
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

fn interval(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    let stated = factor.uncertainty.as_ref()?;
    let value = Number::from(&factor.value);
    let (low, high) = stated.interval(&value.exact, &BigRational::from(num_bigint::BigInt::from(1)));
    // published bounds stand as they were written; computed ones get one digit more than the value
    let digits = factor.value.scale().saturating_add(1).min(12);
    let computed = |exact: BigRational| Number::rounded(exact, digits);
    let (low, high) = match stated {
        Uncertainty::Range { low, high, .. } | Uncertainty::Triangular { low, high, .. } => (Number::from(low), Number::from(high)),
        _ => (computed(low), computed(high)),
    };
    let level = |level: &Option<crate::factor::Decimal>| match level {
        Some(level) => lang.say(format!("，置信水平 {level}\u{202f}%"), format!(", {level}\u{202f}% confidence")),
        None => lang.say("，来源未说明置信水平", ", confidence level not stated"),
    };
    let how = match stated {
        Uncertainty::Range { level: own, .. } => lang.say("来源给出的区间", "Bounds as stated by the source") + &level(own),
        Uncertainty::Percent { percent, level: own } => format!("±\u{202f}{percent}\u{202f}%{}", level(own)),
        Uncertainty::Lognormal { gsd } => lang.say(
            format!("对数正态分布，几何标准差 {gsd}；图示 95\u{202f}% 区间（÷\u{202f}GSD²，×\u{202f}GSD²）"),
            format!(
                "Lognormal with geometric standard deviation {gsd}; the 95\u{202f}% interval (÷\u{202f}GSD² to ×\u{202f}GSD²) is drawn"
            ),
        ),
        Uncertainty::Normal { sd } => lang.say(
            format!("正态分布，标准差 {sd}；图示 95\u{202f}% 区间（±\u{202f}1.96 个标准差）"),
            format!("Normal with standard deviation {sd}; the 95\u{202f}% interval (± 1.96 standard deviations) is drawn"),
        ),
        Uncertainty::Triangular { mode, .. } => lang.say(format!("三角分布，最可能值 {mode}"), format!("Triangular, likeliest {mode}")),
    };
    let finding = format!("{} – {}{}{how}", low.text, high.text, lang.say("；", "; "));
    Some(span_chart(told(matter, "uncertainty", lang.say("不确定度", "Uncertainty"), finding), &Span { low, value, high }, lang))
}

/// A stage in words, with its code.
pub(in crate::web) fn stage_name(code: &str, lang: Lang) -> String {
    StageCode::named(code).map_or_else(|| code.to_owned(), |stage| format!("{} {}", stage.code, lang.text(&stage.name)))
}

fn stages(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    if factor.stages.is_empty() {
        return None;
    }
    let counted: Vec<&str> = counted_stages(&factor.stages).map(|own| own.stage.as_str()).collect();
    let parts: Vec<Part> = factor
        .stages
        .iter()
        .map(|own| Part {
            name: stage_name(&own.stage, lang),
            value: Number::from(&own.value),
            counted: counted.contains(&own.stage.as_str()),
        })
        .collect();
    let total = Number::from(&factor.value);
    let largest = parts.iter().filter(|part| part.counted).max_by(|a, b| a.value.exact.cmp(&b.value.exact));
    let finding = largest.filter(|_| total.exact.is_positive()).map(|part| {
        let share = Number::rounded(&part.value.exact / &total.exact * BigRational::from(num_bigint::BigInt::from(100)), 1).text;
        lang.say(
            format!("最大的阶段是{}，占 {share}\u{202f}%。", part.name),
            format!("The largest stage is {}: {share}\u{202f}%.", part.name),
        )
    });
    let told = told(matter, "stages", lang.say("生命周期各阶段", "Life-cycle stages"), finding.unwrap_or_default());
    Some(waterfall_chart(told, &parts, &total, lang))
}

fn gases(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    if factor.gases.is_empty() && factor.gases_co2e.is_empty() {
        return None;
    }
    let set = factor.gwp.as_deref().and_then(GwpSet::get).filter(|_| factor.metric == Metric::Co2e);
    let mut rows = Vec::new();
    for amount in &factor.gases {
        let figure = set.and_then(|set| set.figure(&amount.gas, amount.origin).ok().flatten());
        let origin = amount.origin.map(|origin| match origin.code() {
            "fossil" => lang.say("（化石源）", " (fossil)"),
            _ => lang.say("（生物源）", " (biogenic)"),
        });
        let kg = format!("{}\u{202f}kg", amount.kg);
        let beside = figure.map_or_else(|| kg.clone(), |figure| format!("{kg} × {figure}"));
        // biogenic CO2 counts nothing in a set
        let value = match set {
            Some(set) => set.potential(&amount.gas, amount.origin).ok().map(|own| Number::computed(amount.kg.to_rational() * own)),
            None => (amount.gas == "CO2").then(|| Number::from(&amount.kg)),
        };
        rows.push(BarRow { name: super::gas_sign(&amount.gas) + &origin.unwrap_or_default(), value, beside, ..BarRow::default() });
    }
    for part in &factor.gases_co2e {
        let beside = lang.say("来源只给出 CO₂e", "known in CO₂e alone");
        rows.push(BarRow { name: super::gas_sign(&part.gas), value: Some(Number::from(&part.co2e)), beside, ..BarRow::default() });
    }
    rows.sort_by(|a, b| b.value.as_ref().map(|value| &value.exact).cmp(&a.value.as_ref().map(|value| &value.exact)));
    let most = rows.first().filter(|_| rows.len() > 1).and_then(|row| Some((row.name.clone(), row.value.clone()?)));
    let finding = match (most, &factor.gwp) {
        (Some((name, _)), Some(gwp)) => {
            lang.say(format!("按 {gwp} 折算后，{name} 占比最大。"), format!("Under {gwp}, {name} contributes most."))
        }
        _ => String::new(),
    };
    let bars = Bars {
        told: told(matter, "gases", lang.say("各温室气体的贡献", "What each gas contributes"), finding),
        name: lang.say("气体", "gas"),
        value: lang.say("折合", "contributes"),
        beside: lang.say("气体质量 × GWP", "mass of the gas × GWP"),
        rows,
    };
    Some(bar_chart(bars, lang))
}

fn scores(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    let quality = factor.quality.as_ref()?;
    let number = |score: &Score| match score {
        Score::Whole(score) => Number::count(usize::from(*score)),
        Score::Part(score) => Number::from(score),
    };
    let mut rows: Vec<BarRow> = quality
        .scores
        .iter()
        .map(|(name, score)| BarRow { name: indicator(name, lang), value: Some(number(score)), ..BarRow::default() })
        .collect();
    rows.extend(quality.dqr.as_ref().map(|dqr| BarRow {
        name: "DQR".into(),
        value: Some(Number::from(dqr)),
        own: true,
        ..BarRow::default()
    }));
    if rows.is_empty() {
        return None;
    }
    let scheme = quality.scheme.to_uppercase();
    let finding = quality
        .dqr
        .as_ref()
        .map(|dqr| lang.say(format!("综合评分 DQR = {dqr}（{scheme}）。"), format!("The aggregate DQR is {dqr} ({scheme}).")));
    let told = Told {
        id: "dqr".into(),
        title: lang.say("数据质量评分", "Data quality rating"),
        finding: finding.unwrap_or_else(|| scheme.clone()),
        unit: String::new(),
    };
    let bars = Bars { told, name: lang.say("指标", "indicator"), value: lang.say("得分", "score"), beside: String::new(), rows };
    Some(score_chart(bars, lang))
}

fn indicator(code: &str, lang: Lang) -> String {
    let (zh, en) = match code {
        "TeR" | "technologicalDQR" | "technological" => ("技术代表性", "technological"),
        "GR" | "geographicalDQR" | "geographical" => ("地理代表性", "geographical"),
        "TiR" | "temporalDQR" | "temporal" => ("时间代表性", "temporal"),
        "P" => ("精度", "precision"),
        "completenessDQR" | "completeness" => ("完整性", "completeness"),
        "reliabilityDQR" | "reliability" => ("可靠性", "reliability"),
        other => (other, other),
    };
    if zh == code { code.to_owned() } else { format!("{} {code}", lang.say(zh, en)) }
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
