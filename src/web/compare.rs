//! Factors side by side: what they have in common, what they differ in, and how far apart their numbers are.

use askama::Template;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::address::path_of_key;
use super::charts::{BarRow, Bars, Chart, Number, Told, bar_chart};
use super::factor::{gas_sign, place, stage_name};
use super::{Frame, Lang, typeset, words};
use crate::factor::Factor;
use crate::product::Comparison;
use crate::release::PublishedRelease;

/// The most factors side by side.
pub const MOST_COMPARED: usize = 10;

/// One of the factors.
pub struct Compared<'a> {
    /// As it is written in the address.
    pub pin: &'a str,
    /// Its release.
    pub release: &'a PublishedRelease,
    /// Itself.
    pub factor: &'a Factor,
}

/// What the page shows.
pub struct CompareView<'a> {
    /// The factors, the one that the others are held against first.
    pub sides: &'a [Compared<'a>],
    /// Their numbers in one unit; nothing where they have none in common, or there is one factor alone.
    pub comparison: Option<&'a Comparison>,
    /// Factors that could not be shown, and why.
    pub refused: &'a [(String, String)],
    /// Words that were searched for.
    pub words: &'a str,
    /// What may be added: pin, name, value with unit.
    pub found: &'a [(String, String, String)],
}

struct Head {
    name: String,
    href: String,
    pin: String,
    without: String,
    withdrawn: bool,
}

struct RowView {
    label: String,
    cells: Vec<String>,
    differs: bool,
    number: bool,
}

struct Offer {
    name: String,
    value: String,
    pin: String,
    add: String,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Page<'a> {
    frame: Frame,
    heads: Vec<Head>,
    rows: Vec<RowView>,
    stages: Vec<RowView>,
    gases: Vec<RowView>,
    warnings: Vec<String>,
    verdict: String,
    good: bool,
    charts: Vec<Chart>,
    refused: &'a [(String, String)],
    offers: Vec<Offer>,
    words: &'a str,
    pins: Vec<&'a str>,
    full: bool,
}

/// The page.
///
/// # Errors
/// As the template engine; none is known.
pub fn compare_page(frame: Frame, view: &CompareView<'_>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let pins: Vec<&str> = view.sides.iter().map(|side| side.pin).collect();
    let address = |pins: &[&str]| {
        let pairs = pins.iter().map(|pin| ("factor", *pin));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        if query.is_empty() { "/compare".to_owned() } else { format!("/compare?{query}") }
    };
    let heads = view.sides.iter().map(|side| {
        let others: Vec<&str> = pins.iter().copied().filter(|pin| *pin != side.pin).collect();
        Head {
            name: name_of(side.factor, lang),
            href: format!("/datasets/{}/releases/{}/factors/{}", side.release.dataset, side.release.version, path_of_key(&side.factor.key)),
            pin: format!("{}@{}", side.release.dataset, side.release.version),
            without: address(&others),
            withdrawn: side.release.withdrawn.is_some(),
        }
    });
    let heads = heads.collect();
    let offers = view.found.iter().filter(|(pin, ..)| !pins.contains(&pin.as_str())).map(|(pin, name, value)| {
        let mut more = pins.clone();
        more.push(pin);
        Offer { name: name.clone(), value: value.clone(), pin: pin.clone(), add: address(&more) }
    });
    let offers = offers.collect();
    let (verdict, good) = verdict(view, lang);
    let page = Page {
        heads,
        rows: rows(view, lang),
        stages: stages(view, lang),
        gases: gases(view, lang),
        warnings: view.comparison.map(|own| own.warnings.iter().map(|own| warning(own.dimension, lang)).collect()).unwrap_or_default(),
        verdict,
        good,
        charts: compare_chart(view, lang).into_iter().collect(),
        refused: view.refused,
        offers,
        words: view.words,
        full: view.sides.len() >= MOST_COMPARED,
        pins,
        frame,
    };
    page.render()
}

fn name_of(factor: &Factor, lang: Lang) -> String {
    Some(lang.text(&factor.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| factor.key.clone())
}

fn verdict(view: &CompareView<'_>, lang: Lang) -> (String, bool) {
    match (view.sides.len(), view.comparison) {
        (0 | 1, _) => (String::new(), true),
        (_, None) => (
            lang.say(
                "单位不能互相换算，因此只并列，不比较大小。",
                "Their units measure different things: they stand side by side, and their numbers are not compared.",
            ),
            false,
        ),
        (_, Some(own)) if own.comparable => (
            lang.say(
                "口径一致，数值可以直接比较；差异以第一个因子为基准。",
                "They count the same, so their numbers can be compared; differences are against the first.",
            ),
            true,
        ),
        (_, Some(_)) => (
            lang.say(
                "口径不同，数值不宜直接比较，因此不给出差异：",
                "They do not count the same, so no difference between their numbers is given:",
            ),
            false,
        ),
    }
}

fn warning(dimension: &str, lang: Lang) -> String {
    let (zh, en) = match dimension {
        "metric" => {
            ("只计 CO₂ 与计入全部温室气体（CO₂e）是两回事。", "CO₂ alone and all greenhouse gases (CO₂e) are different quantities.")
        }
        "kind" => ("因子类型不同，例如直接排放与全生命周期。", "Their kinds differ, such as direct emissions and a life cycle."),
        "boundary" => ("系统边界不同，或有的没有说明。", "Their boundaries differ, or some state none."),
        "gwp" => ("采用的 GWP 版本不同，或有的没有说明。", "They count under different GWP sets, or some state none."),
        "basis" => ("计量基础不同，例如高位与低位发热量。", "Their units count different things, such as net and gross calorific value."),
        "price_year" => ("价格年份不同。", "Their prices are of different years."),
        "flags" => ("有的带有“不宜使用”标记，其数值不参与比较。", "Some are flagged “do not use”; their values are left out."),
        other => (other, other),
    };
    lang.say(zh, en)
}

/// A difference in percent with as many digits as the roundness of both published numbers allows.
fn percent(exact: &BigRational, own: &Factor, first: &Factor) -> String {
    let hundred = BigRational::from(num_bigint::BigInt::from(100));
    let base = first.value.to_rational().abs();
    if base.is_zero() {
        return String::new();
    }
    let ratio = own.value.to_rational().abs() / &base;
    let error = (own.value.rounding_error() / &base + first.value.rounding_error() / &base * ratio) * hundred;
    let half =
        |digits: u32| BigRational::new(num_bigint::BigInt::from(1), num_bigint::BigInt::from(2) * num_bigint::BigInt::from(10).pow(digits));
    let digits = (0..=2).rev().find(|digits| half(*digits) >= error).unwrap_or(0);
    let text = Number::rounded(exact.clone(), digits).text;
    let zero = text.bytes().all(|byte| b"0.".contains(&byte));
    let sign = if exact.is_positive() && !zero { "+" } else { "" };
    format!("{sign}{}\u{202f}%", text.replace('-', "−"))
}

fn rows(view: &CompareView<'_>, lang: Lang) -> Vec<RowView> {
    let unstated = lang.say("未说明", "not stated");
    let all = |told: &dyn Fn(&Compared<'_>) -> Option<String>| -> Vec<String> {
        view.sides.iter().map(|side| told(side).unwrap_or_else(|| unstated.clone())).collect()
    };
    let row = |zh: &str, en: &str, told: &dyn Fn(&Compared<'_>) -> Option<String>| RowView {
        label: lang.say(zh, en),
        cells: all(told),
        differs: false,
        number: false,
    };
    // what makes numbers incomparable is marked where it differs
    let measure = |zh: &str, en: &str, told: &dyn Fn(&Compared<'_>) -> Option<String>| {
        let cells = all(told);
        let differs = cells.iter().any(|cell| Some(cell) != cells.first());
        RowView { label: lang.say(zh, en), cells, differs, number: false }
    };
    let published = view.sides.iter().map(|side| match side.factor.blocking_flags().next() {
        Some(_) => lang.say("不宜使用，数值从略", "withheld: do not use"),
        None => value_words(side.factor, lang),
    });
    let published = published.collect();
    let mut rows = vec![RowView { label: lang.say("公布的数值", "As published"), cells: published, differs: false, number: true }];
    if let Some(own) = view.comparison {
        let converted = view.sides.iter().any(|side| side.factor.per != own.per);
        if converted {
            let cells = own.rows.iter().map(|row| row.value.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string)).collect();
            let per = typeset::per_unit(&own.per, lang);
            rows.push(RowView {
                label: lang.say(format!("换算为每 {per}"), format!("Per {per}")), cells, differs: false, number: true
            });
        }
        if own.comparable && view.sides.len() > 1 {
            let first = view.sides.first();
            let cell =
                |(number, (side, row)): (usize, (&Compared<'_>, &crate::product::Row))| match (number, first, &row.difference_percent) {
                    (0, ..) => lang.say("基准", "base"),
                    (_, Some(first), Some(exact)) => percent(&exact.0, side.factor, first.factor),
                    _ => "–".to_owned(),
                };
            let cells = view.sides.iter().zip(&own.rows).enumerate().map(cell).collect();
            rows.push(RowView { label: lang.say("与第一个相差", "Against the first"), cells, differs: false, number: true });
        }
    }
    rows.extend([
        row("地区", "Region", &|side| Some(place(&side.factor.region, lang))),
        row("数据年份", "Data year", &|side| side.factor.year.map(|year| year.to_string())),
        measure("计入", "Counts", &|side| Some(lang.pick(words::metric(side.factor.metric)))),
        measure("类型", "Kind", &|side| Some(lang.pick(words::kind(&side.factor.kind)))),
        measure("边界", "Boundary", &|side| side.factor.boundary.clone()),
    ]);
    let any = |told: &dyn Fn(&Compared<'_>) -> Option<String>| view.sides.iter().any(|side| told(side).is_some());
    let gwp = |side: &Compared<'_>| side.factor.gwp.clone();
    let basis = |side: &Compared<'_>| side.factor.basis.map(|basis| lang.pick(words::basis(basis)));
    rows.extend(any(&gwp).then(|| measure("GWP", "GWP set", &gwp)));
    rows.extend(any(&basis).then(|| measure("计量基础", "Basis", &basis)));
    let mut where_any = |zh: &str, en: &str, told: &dyn Fn(&Compared<'_>) -> Option<String>| {
        if any(told) {
            rows.push(row(zh, en, told));
        }
    };
    where_any("技术或行业", "Technology", &|side| side.factor.technology.clone());
    where_any("数据质量 DQR", "Data quality, DQR", &|side| side.factor.quality.as_ref()?.dqr.as_ref().map(ToString::to_string));
    where_any("标记", "Flags", &|side| {
        let flags: Vec<String> = side.factor.flags.iter().map(|code| lang.pick(words::flag(code))).collect();
        (!flags.is_empty()).then(|| flags.join(lang.either("；", "; ")))
    });
    where_any("来源", "Source", &|side| Some(side.release.manifest.metadata.citation(&side.factor.source.id)));
    rows
}

fn stages(view: &CompareView<'_>, lang: Lang) -> Vec<RowView> {
    let Some(own) = view.comparison else { return Vec::new() };
    own.stages
        .iter()
        .map(|stage| {
            let cells = stage.values.iter().zip(&stage.shares).map(|(value, share)| match (value, share) {
                (Some(value), Some(share)) if stage.counted => {
                    format!("{value} ({}\u{202f}%)", Number::rounded(share.0.clone(), 1).text)
                }
                (Some(value), _) => value.to_string(),
                (None, _) => "–".to_owned(),
            });
            RowView { cells: cells.collect(), label: stage_name(&stage.stage, lang), differs: false, number: true }
        })
        .collect()
}

fn gases(view: &CompareView<'_>, lang: Lang) -> Vec<RowView> {
    let mut names: Vec<(&str, Option<&'static str>)> = Vec::new();
    for amount in view.sides.iter().flat_map(|side| &side.factor.gases) {
        let name = (amount.gas.as_str(), amount.origin.map(crate::factor::Origin::code));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let cells = |(gas, origin): (&str, Option<&str>)| {
        let amount = |side: &Compared<'_>| {
            let own = side.factor.gases.iter().find(|own| own.gas == gas && own.origin.map(crate::factor::Origin::code) == origin);
            own.map_or_else(|| "–".to_owned(), |own| format!("{}\u{202f}kg/{}", own.kg, typeset::per_unit(&side.factor.per, lang)))
        };
        view.sides.iter().map(amount).collect()
    };
    let origin = |origin: Option<&str>| match origin {
        Some("fossil") => lang.say("（化石源）", " (fossil)"),
        Some(_) => lang.say("（生物源）", " (biogenic)"),
        None => String::new(),
    };
    names
        .into_iter()
        .map(|name| RowView { label: gas_sign(name.0) + &origin(name.1), cells: cells(name), differs: false, number: true })
        .collect()
}

/// The bars of the page, where the numbers can be compared.
pub fn compare_chart(view: &CompareView<'_>, lang: Lang) -> Option<Chart> {
    let own = view.comparison.filter(|own| own.comparable && view.sides.len() > 1)?;
    let first = view.sides.first()?;
    let rows = view.sides.iter().zip(&own.rows).enumerate().map(|(number, (side, row))| {
        let same = side.factor.per == own.per;
        let value = row.value.as_ref().map(|value| match same {
            true => Number::from(&side.factor.value),
            false => Number::computed(value.0.clone()),
        });
        BarRow {
            name: name_of(side.factor, lang),
            value,
            own: number == 0,
            href: None,
            beside: row
                .difference_percent
                .as_ref()
                .filter(|_| number > 0)
                .map(|own| percent(&own.0, side.factor, first.factor))
                .unwrap_or_default(),
        }
    });
    let told = Told {
        id: "values".into(),
        title: lang.say("数值", "Values"),
        finding: lang.say(format!("以 {} 为基准。", name_of(first.factor, lang)), format!("Held against {}.", name_of(first.factor, lang))),
        unit: typeset::unit(first.factor.metric.code(), &own.per, lang),
    };
    let bars = Bars {
        told,
        name: lang.say("因子", "factor"),
        value: lang.say("数值", "value"),
        beside: lang.say("与第一个相差", "against the first"),
        rows: rows.collect(),
    };
    Some(bar_chart(bars, lang))
}

/// A value with its unit, as pages set it.
pub fn value_words(factor: &Factor, lang: Lang) -> String {
    format!("{}\u{202f}{}", factor.value, typeset::unit(factor.metric.code(), &factor.per, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(value: &str) -> Factor {
        let line = serde_json::json!({"key": "k", "activity": "a", "kind": "spend", "name": {"en": "n"}, "region": "CN", "value": value,
            "metric": "CO2e", "per": "kW.h", "source": {"id": "s"}});
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn differences_have_as_many_digits_as_the_numbers_allow() {
        let of = |own: &str, first: &str| {
            let (own, first) = (factor(own), factor(first));
            let base = first.value.to_rational();
            let exact = (own.value.to_rational() - &base) / &base * BigRational::from(num_bigint::BigInt::from(100));
            percent(&exact, &own, &first)
        };
        // half a unit in the last place of 0.5366 is 0.009 %: one digit; of 0.5 it is 10 %: none
        for (own, first, shown) in [
            ("0.5153", "0.5366", "−4.0\u{202f}%"),
            ("0.6", "0.5", "+20\u{202f}%"),
            ("0.50000000", "0.40000000", "+25\u{202f}%"),
            ("1", "0", ""),
        ] {
            if first == "0" {
                assert_eq!(percent(&BigRational::zero(), &factor(own), &factor(first)), shown);
            } else {
                assert!(of(own, first).starts_with(shown.split(['.', '\u{202f}']).next().unwrap()), "{own} {first}: {}", of(own, first));
            }
        }
    }
}
