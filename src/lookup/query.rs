//! What a calculator asks, as it is written and as it is understood.

use serde::{Deserialize, Serialize};

use super::LookupRefusal;
use super::refusal::shown;
use crate::factor::{Basis, Decimal, GwpSet, Metric, Region, Unit, flag_code, flags, kinds, nearest};

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
    /// GHG Protocol scope
    #[arg(long)]
    pub scope: Option<String>,
    /// `parent`: where the region has no factor, ask what it is part of
    #[arg(long)]
    pub region_fallback: Option<String>,
    /// `earlier` or `nearest`: where the year has no factor
    #[arg(long)]
    pub year_fallback: Option<String>,
    /// `newest`: of several matches take the one of the latest data year, if that leaves one
    #[arg(long)]
    pub on_ambiguous: Option<String>,
    /// Blocking flags that are accepted, parted by commas
    #[arg(long)]
    pub allow_flags: Option<String>,
    /// Compute the emission of this amount
    #[arg(long)]
    pub amount: Option<String>,
    /// Unit of the amount (UCUM); the factor's own if left out
    #[arg(long)]
    pub unit: Option<String>,
}

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
#[derive(Debug, Clone)]
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
    /// Equalities on other members: kind, metric, boundary, technology, basis, scope.
    pub equal: Vec<(crate::release::Dimension, String)>,
    /// Unit of the answer.
    pub per: Option<Unit>,
    /// GWP set of the answer.
    pub gwp: Option<&'static GwpSet>,
    /// Region fallback.
    pub region_fallback: Option<RegionFallback>,
    /// Year fallback.
    pub year_fallback: Option<YearFallback>,
    /// Whether the newest of several is wanted.
    pub newest: bool,
    /// Blocking flags accepted.
    pub allow_flags: Vec<&'static str>,
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
            let valid = Region::suggestion(code).into_iter().collect();
            return Err(wrong("region", code, "it is not GLO, a UN M49 or ISO 3166 code or a named grid (CN-GRID-EAST)".into(), valid));
        }
        let year = self.read_year()?;
        let newest =
            one_of("on_ambiguous", filled(&self.on_ambiguous).as_deref(), &["newest", "refuse"])?.is_some_and(|choice| choice == "newest");
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
            newest,
            allow_flags: self.read_flags()?,
            amount: self.read_amount()?,
        })
    }

    fn read_year(&self) -> Result<Option<i32>, LookupRefusal> {
        let Some(text) = filled(&self.year) else { return Ok(None) };
        let year = text.parse::<i32>().ok().filter(|year| (1900..=2100).contains(year));
        year.map(Some).ok_or_else(|| wrong("year", &text, "it is not a year from 1900 to 2100".into(), Vec::new()))
    }

    fn read_equalities(&self) -> Result<Vec<(crate::release::Dimension, String)>, LookupRefusal> {
        use crate::release::Dimension as D;
        let kinds: Vec<&str> = kinds().keys().map(String::as_str).collect();
        let asked = [
            (D::Kind, one_of("kind", filled(&self.kind).as_deref(), &kinds)?),
            (D::Metric, one_of("metric", filled(&self.metric).as_deref(), Metric::CODES)?),
            (D::Basis, one_of("basis", filled(&self.basis).as_deref(), Basis::CODES)?),
            (D::Boundary, filled(&self.boundary)),
            (D::Technology, filled(&self.technology)),
            (D::Scope, filled(&self.scope)),
        ];
        Ok(asked.into_iter().filter_map(|(dimension, value)| Some((dimension, value?))).collect())
    }

    fn read_gwp(&self) -> Result<Option<&'static GwpSet>, LookupRefusal> {
        let Some(id) = filled(&self.gwp) else { return Ok(None) };
        let all = || GwpSet::ids().map(str::to_owned).collect();
        GwpSet::get(&id)
            .map(Some)
            .ok_or_else(|| wrong("gwp", &id, "it is not a GWP set by its full id (report, table, horizon)".into(), all()))
    }

    fn read_flags(&self) -> Result<Vec<&'static str>, LookupRefusal> {
        let names = filled(&self.allow_flags).unwrap_or_default();
        names
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .map(|name| {
                let all = || flags().keys().cloned().collect();
                flag_code(name).ok_or_else(|| wrong("allow_flags", name, format!("`{}` is not a flag", shown(name)), all()))
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
    Unit::parse(&code).map(Some).map_err(|error| wrong(parameter, &code, error.to_string(), Vec::new()))
}
