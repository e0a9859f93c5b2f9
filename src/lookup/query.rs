//! What a calculator asks, as it is written and as it is understood.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::LookupRefusal;
use super::refusal::shown;
use super::tie::TieBreak;
use crate::factor::exact::to_plain_decimal;
use crate::factor::{
    Basis, Decimal, FlagSeverity, GwpSet, Metric, PriceBasis, Region, SourceLevel, Unit, UnitError, flag_code, flags, kinds, nearest,
};
use crate::release::Dimension;

/// The parameters of a lookup, as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookupQuery {
    /// Dataset id, with a version or range behind `@` if wanted: `cn-electricity-co2`, `cn-electricity-co2@^1`
    #[arg(long)]
    pub dataset: Option<String>,
    /// Key of one factor; or give `activity`
    #[arg(long)]
    pub key: Option<String>,
    /// What is done or made, without place and time: `electricity/grid-average`
    #[arg(long)]
    pub activity: Option<String>,
    /// ISO 3166, UN M49, GLO or a named grid: `CN-ZJ`
    #[arg(long)]
    pub region: Option<String>,
    /// Data year
    #[arg(long)]
    pub year: Option<String>,
    /// Kind of factor: `electricity-direct`
    #[arg(long)]
    pub kind: Option<String>,
    /// `CO2` or `CO2e`
    #[arg(long)]
    pub metric: Option<String>,
    /// Unit that the answer is wanted per (UCUM): `MJ`
    #[arg(long)]
    pub per: Option<String>,
    /// GWP set by its full id
    #[arg(long)]
    pub gwp: Option<String>,
    /// System boundary
    #[arg(long)]
    pub boundary: Option<String>,
    /// Technology, process route or sector
    #[arg(long)]
    pub technology: Option<String>,
    /// `net_cv`, `gross_cv`, `dry`, `wet`, `per_declared_unit`
    #[arg(long)]
    pub basis: Option<String>,
    /// GHG Protocol scope: `1`, `2`, `3`, `3.1` to `3.15`, `outside`
    #[arg(long)]
    pub scope: Option<String>,
    /// Year of the prices of a factor per money
    #[arg(long)]
    pub price_year: Option<String>,
    /// `basic`, `producer`, `purchaser`
    #[arg(long)]
    pub price_basis: Option<String>,
    /// Who stands behind the document that was read: `official_national`, `secondary`, …
    #[arg(long)]
    pub source_level: Option<String>,
    /// A day on which the factor must be valid, `2025-06-30`; factors that state no validity are kept
    #[arg(long)]
    pub valid_at: Option<String>,
    /// Year in which the source published it (the data year is `year`)
    #[arg(long)]
    pub published_year: Option<String>,
    /// Published by this day, month or year: `2025-06-30`, `2025-06`, `2025`
    #[arg(long)]
    pub published_until: Option<String>,
    /// `parent`: where the region has no factor, ask what it is part of
    #[arg(long)]
    pub region_fallback: Option<String>,
    /// `earlier` or `nearest`: where the year has no factor
    #[arg(long)]
    pub year_fallback: Option<String>,
    /// What to do with several matches: `refuse`, or orders parted by commas: `newest`, `published`, `highest`
    #[arg(long)]
    pub on_ambiguous: Option<String>,
    /// Blocking flags that are accepted, parted by commas
    #[arg(long)]
    pub allow_flags: Option<String>,
    /// Warnings that are tolerated, parted by commas; `none`, or `all` as when left out
    #[arg(long)]
    pub tolerate: Option<String>,
    /// How many of the nearest other factors the answer names, 0 to 20; 3 if left out
    #[arg(long)]
    pub others: Option<String>,
    /// Compute the emission of this amount
    #[arg(long)]
    pub amount: Option<String>,
    /// Unit of the amount (UCUM); the factor's own if left out
    #[arg(long)]
    pub unit: Option<String>,
}

/// The GHG Protocol's scopes, the categories of scope 3, and `outside` for biogenic CO2.
const SCOPES: [&str; 19] = [
    "1", "2", "3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "outside",
];

/// The UN M49 numbers of countries that are asked for most; a country is written by its two letters here.
const COUNTRY_NUMBERS: [(&str, &str); 20] = [
    ("156", "CN"),
    ("344", "HK"),
    ("446", "MO"),
    ("158", "TW"),
    ("840", "US"),
    ("826", "GB"),
    ("276", "DE"),
    ("250", "FR"),
    ("392", "JP"),
    ("410", "KR"),
    ("356", "IN"),
    ("643", "RU"),
    ("124", "CA"),
    ("036", "AU"),
    ("076", "BR"),
    ("704", "VN"),
    ("764", "TH"),
    ("458", "MY"),
    ("702", "SG"),
    ("360", "ID"),
];

/// How many other factors an answer names, unless the caller says otherwise.
const OTHERS: usize = 3;

/// The most other factors that an answer names.
const MOST_OTHERS: usize = 20;

/// What to do where a region has no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionFallback {
    /// Climb: subdivision, country, macro-regions, world.
    Parent,
}

/// What to do where a year has no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearFallback {
    /// The latest year before.
    Earlier,
    /// The nearest year; of two equally near the earlier.
    Nearest,
}

/// A lookup as it is understood: every code is known, every unit exists.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// `id`, `id@version`, `id@range`.
    pub dataset: String,
    /// Key of one factor.
    pub key: Option<String>,
    /// Activity; exactly one of key and activity is there.
    pub activity: Option<String>,
    /// Region code.
    pub region: Option<String>,
    /// Data year.
    pub year: Option<i32>,
    /// Equalities on other members: kind, metric, boundary, technology, basis, scope, price year.
    pub equal: Vec<(Dimension, String)>,
    /// Which price is counted.
    pub price_basis: Option<PriceBasis>,
    /// Who stands behind the document.
    pub source_level: Option<SourceLevel>,
    /// Day on which the factor must be valid (ISO 8601).
    pub valid_at: Option<String>,
    /// Year of publication.
    pub published_year: Option<i32>,
    /// Last day by which it must be published (ISO 8601).
    pub published_until: Option<String>,
    /// Unit of the answer.
    pub per: Option<Unit>,
    /// GWP set of the answer.
    pub gwp: Option<&'static GwpSet>,
    /// Region fallback.
    pub region_fallback: Option<RegionFallback>,
    /// Year fallback.
    pub year_fallback: Option<YearFallback>,
    /// Orders by which one of several is taken, one after the other; without any, several are refused.
    pub orders: Vec<TieBreak>,
    /// Blocking flags accepted.
    pub allow_flags: Vec<&'static str>,
    /// Warnings accepted; every one where nothing is said.
    pub tolerate: Option<Vec<&'static str>>,
    /// How many of the other factors are named.
    pub others: usize,
    /// The amount whose emission is wanted.
    pub amount: Option<Amount>,
}

/// An amount of activity.
#[derive(Debug, Clone)]
pub struct Amount {
    /// How many units.
    pub number: Decimal,
    /// Of which unit; the factor's own where none is given.
    pub unit: Option<Unit>,
}

fn wrong(parameter: &'static str, given: &str, detail: String, valid: Vec<String>) -> LookupRefusal {
    LookupRefusal::Parameter { parameter, given: shown(given), detail, valid }
}

/// A region that is none here: the code to write where the place is certain, else the nearest.
fn wrong_region(text: &str) -> LookupRefusal {
    let numeric = COUNTRY_NUMBERS.iter().find(|(number, _)| *number == text).map(|(_, code)| *code);
    if let Some(code) = numeric.or_else(|| Region::named(text).map(|place| place.code.as_str())) {
        let detail = format!("countries and places are written by one code each here: write `{code}` for `{}`", shown(text));
        return wrong("region", text, detail, vec![code.to_owned()]);
    }
    let near = Region::suggestion(text);
    let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let detail = format!(
        "it is not GLO, the M49 number of a part of the world (142), ISO 3166 (CN, CN-ZJ; not CHN or 156) or a named grid (CN-GRID-EAST){hint}"
    );
    wrong("region", text, detail, near.into_iter().collect())
}

fn one_of(parameter: &'static str, given: Option<&str>, valid: &[&str]) -> Result<Option<String>, LookupRefusal> {
    match given {
        Some(text) if !valid.contains(&text) => {
            let hint = nearest(text, valid.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
            let detail = format!("`{}` is none of its values{hint}", shown(text));
            Err(wrong(parameter, text, detail, valid.iter().map(|code| (*code).to_owned()).collect()))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

impl LookupQuery {
    /// Understands the parameters, or names the first that is wrong, with its valid values.
    pub fn understand(&self) -> Result<Lookup, LookupRefusal> {
        let dataset = filled(&self.dataset)
            .ok_or(LookupRefusal::Missing { parameter: "dataset", detail: "name the dataset, such as dataset=cn-electricity-co2" })?;
        let (key, activity) = (filled(&self.key), filled(&self.activity));
        if key.is_some() == activity.is_some() {
            return Err(LookupRefusal::Missing { parameter: "activity", detail: "give either `activity` or `key`, one of the two" });
        }
        let region = filled(&self.region);
        if let Some(code) = &region
            && Region::get(code).is_none()
        {
            return Err(wrong_region(code));
        }
        let year = read_year("year", &self.year)?;
        let region_fallback = one_of("region_fallback", filled(&self.region_fallback).as_deref(), &["parent", "none"])?
            .filter(|choice| choice == "parent")
            .map(|_| RegionFallback::Parent);
        let year_fallback =
            match one_of("year_fallback", filled(&self.year_fallback).as_deref(), &["earlier", "nearest", "none"])?.as_deref() {
                Some("earlier") => Some(YearFallback::Earlier),
                Some("nearest") => Some(YearFallback::Nearest),
                _ => None,
            };
        Ok(Lookup {
            dataset,
            key,
            activity,
            region,
            year,
            equal: self.read_equalities()?,
            per: read_unit("per", &self.per)?,
            gwp: self.read_gwp()?,
            region_fallback,
            year_fallback,
            price_basis: one_of("price_basis", filled(&self.price_basis).as_deref(), PriceBasis::CODES)?
                .and_then(|code| PriceBasis::from_code(&code)),
            source_level: one_of("source_level", filled(&self.source_level).as_deref(), SourceLevel::CODES)?
                .and_then(|code| SourceLevel::from_code(&code)),
            valid_at: filled(&self.valid_at).map(|text| read_day("valid_at", &text)).transpose()?,
            published_year: read_year("published_year", &self.published_year)?,
            published_until: filled(&self.published_until).map(|text| read_last_day("published_until", &text)).transpose()?,
            orders: self.read_orders()?,
            allow_flags: self.read_flags()?,
            tolerate: self.read_tolerated()?,
            others: self.read_others()?,
            amount: self.read_amount()?,
        })
    }

    fn read_equalities(&self) -> Result<Vec<(Dimension, String)>, LookupRefusal> {
        use Dimension as D;
        let kind = match filled(&self.kind) {
            Some(kind) => one_of("kind", Some(&kind), &kinds().keys().map(String::as_str).collect::<Vec<_>>())?,
            None => None,
        };
        let asked = [
            (D::Kind, kind),
            (D::Metric, one_of("metric", filled(&self.metric).as_deref(), Metric::CODES)?),
            (D::Basis, one_of("basis", filled(&self.basis).as_deref(), Basis::CODES)?),
            (D::Boundary, filled(&self.boundary)),
            (D::Technology, filled(&self.technology)),
            (D::Scope, one_of("scope", filled(&self.scope).as_deref(), &SCOPES)?),
            (D::PriceYear, read_year("price_year", &self.price_year)?.map(|year| year.to_string())),
        ];
        Ok(asked.into_iter().filter_map(|(dimension, value)| Some((dimension, value?))).collect())
    }

    /// The orders of a tie-break, each once; `refuse` stands alone.
    fn read_orders(&self) -> Result<Vec<TieBreak>, LookupRefusal> {
        let Some(text) = filled(&self.on_ambiguous) else { return Ok(Vec::new()) };
        if text == "refuse" {
            return Ok(Vec::new());
        }
        let mut orders = Vec::new();
        for name in text.split(',').map(str::trim) {
            one_of("on_ambiguous", Some(name), &["newest", "published", "highest", "refuse"])?;
            match TieBreak::from_code(name).filter(|order| !orders.contains(order)) {
                Some(order) => orders.push(order),
                None => {
                    let detail = format!("`{}` stands twice, or beside `refuse`, which stands alone", shown(name));
                    return Err(wrong("on_ambiguous", &text, detail, TieBreak::CODES.map(str::to_owned).to_vec()));
                }
            }
        }
        Ok(orders)
    }

    /// The tolerated warnings: each a flag that warns, or `all`, or `none`.
    fn read_tolerated(&self) -> Result<Option<Vec<&'static str>>, LookupRefusal> {
        let text = filled(&self.tolerate).unwrap_or_default();
        match text.as_str() {
            "" | "all" => return Ok(None),
            "none" => return Ok(Some(Vec::new())),
            _ => {}
        }
        let warns = |code: &str| flags().get(code).is_some_and(|flag| flag.severity == FlagSeverity::Warning);
        let mut valid: Vec<&str> = flags().keys().map(String::as_str).filter(|code| warns(code)).collect();
        valid.extend(["all", "none"]);
        let names = text.split([',', ' ']).filter(|name| !name.is_empty());
        let read = names.map(|name| match flag_code(name) {
            Some(code) if warns(code) => Ok(code),
            Some(code) => {
                let other = match flags().get(code).map(|flag| flag.severity) {
                    Some(FlagSeverity::Block) => "blocks: it is accepted by `allow_flags`",
                    _ => "only informs, and excludes nothing",
                };
                let all = valid.iter().map(|code| (*code).to_owned()).collect();
                Err(wrong("tolerate", name, format!("`{code}` {other}"), all))
            }
            None => one_of("tolerate", Some(name), &valid).map(|_| ""),
        });
        read.collect::<Result<Vec<_>, _>>().map(Some)
    }

    fn read_others(&self) -> Result<usize, LookupRefusal> {
        let Some(text) = filled(&self.others) else { return Ok(OTHERS) };
        let count = text.parse::<usize>().ok().filter(|count| *count <= MOST_OTHERS && text.bytes().all(|byte| byte.is_ascii_digit()));
        count.ok_or_else(|| wrong("others", &text, format!("it is not a whole number from 0 to {MOST_OTHERS}"), Vec::new()))
    }

    fn read_gwp(&self) -> Result<Option<&'static GwpSet>, LookupRefusal> {
        let Some(id) = filled(&self.gwp) else { return Ok(None) };
        let all = || GwpSet::ids().map(str::to_owned).collect();
        let hint = || nearest(&id, GwpSet::ids()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        let detail = || format!("`{}` is not a GWP set by its full id (report, table, horizon){}", shown(&id), hint());
        GwpSet::get(&id).map(Some).ok_or_else(|| wrong("gwp", &id, detail(), all()))
    }

    fn read_flags(&self) -> Result<Vec<&'static str>, LookupRefusal> {
        let names = filled(&self.allow_flags).unwrap_or_default();
        names
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .map(|name| {
                let all: Vec<&str> = flags().keys().map(String::as_str).collect();
                match flag_code(name) {
                    Some(code) => Ok(code),
                    None => one_of("allow_flags", Some(name), &all).map(|_| ""),
                }
            })
            .collect()
    }

    fn read_amount(&self) -> Result<Option<Amount>, LookupRefusal> {
        let unit = read_unit("unit", &self.unit)?;
        let Some(text) = filled(&self.amount) else {
            return match unit {
                None => Ok(None),
                Some(_) => Err(LookupRefusal::Missing {
                    parameter: "amount",
                    detail: "`unit` is the unit of `amount`; for an answer per another unit give `per`",
                }),
            };
        };
        let number: Decimal = text.parse().map_err(|error| wrong("amount", &text, format!("the amount {error}"), Vec::new()))?;
        Ok(Some(Amount { number, unit }))
    }
}

fn filled(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn read_unit(parameter: &'static str, text: &Option<String>) -> Result<Option<Unit>, LookupRefusal> {
    let Some(code) = filled(text) else { return Ok(None) };
    Unit::parse(&code).map(Some).map_err(|error| {
        let near = match &error {
            UnitError::Unknown { hint, .. } => hint.iter().cloned().collect(),
            UnitError::NotLinear(_) => Vec::new(),
        };
        wrong(parameter, &code, error.to_string(), near)
    })
}

fn read_year(parameter: &'static str, text: &Option<String>) -> Result<Option<i32>, LookupRefusal> {
    let Some(text) = filled(text) else { return Ok(None) };
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse::<i32>().ok().filter(|year| digits && (1900..=2100).contains(year));
    year.map(Some).ok_or_else(|| wrong(parameter, &text, "it is not a year from 1900 to 2100, in four digits".into(), Vec::new()))
}

/// A calendar day (ISO 8601, `2025-06-30`).
fn read_day(parameter: &'static str, text: &str) -> Result<String, LookupRefusal> {
    day(text).ok_or_else(|| wrong(parameter, text, "it is not a day of the calendar, such as 2025-06-30".into(), Vec::new()))
}

/// The last day of a day, a month or a year.
fn read_last_day(parameter: &'static str, text: &str) -> Result<String, LookupRefusal> {
    last_day(text).ok_or_else(|| {
        let detail = "it is not a day, a month or a year of the calendar, such as 2025-06-30, 2025-06 or 2025";
        wrong(parameter, text, detail.into(), Vec::new())
    })
}

fn day(text: &str) -> Option<String> {
    let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse::<jiff::civil::Date>().ok().filter(|_| shape).map(|date| date.to_string())
}

/// The last day of what a date names: itself, or the end of its month or year.
pub(super) fn last_day(text: &str) -> Option<String> {
    match text.len() {
        4 => day(&format!("{text}-12-31")),
        7 => day(&format!("{text}-01"))
            .and_then(|first| first.parse::<jiff::civil::Date>().ok())
            .map(|date| date.last_of_month().to_string()),
        _ => day(text),
    }
}

/// A JSON number as a plain decimal, an exponent worked in exactly; nothing where it is none, or has too many digits.
pub(crate) fn plain_number(text: &str) -> Option<String> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return text.parse::<Decimal>().ok().map(|number| number.to_string());
    };
    let mantissa: Decimal = mantissa.parse().ok()?;
    let exponent = exponent.parse::<i32>().ok().filter(|own| own.abs() <= 40)?;
    let power = BigRational::from(BigInt::from(10)).pow(exponent);
    let plain = to_plain_decimal(&(mantissa.to_rational() * power))?;
    plain.parse::<Decimal>().ok().map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_end_with_their_last_day() {
        let table = [
            ("2024", Some("2024-12-31")),
            ("2024-02", Some("2024-02-29")),
            ("2023-02", Some("2023-02-28")),
            ("2024-06-30", Some("2024-06-30")),
            ("2023-02-29", None),
            ("2024-13", None),
            ("20240630", None),
            ("2024-6-30", None),
            ("", None),
        ];
        for (text, last) in table {
            assert_eq!(last_day(text).as_deref(), last, "{text}");
        }
    }
}
