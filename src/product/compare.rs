//! Factors side by side: values in one unit, what they differ in, and their life-cycle stages aligned.
//!
//! Factors that differ in what makes numbers comparable are shown with a warning and without a difference between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ProductRefusal;
use super::number::{Number, hundred};
use super::refusal::shown;
use super::scope::{blocking_flags, filled, permit_numbers, read_factor, read_region, read_year};
use crate::dataset::Principal;
use crate::factor::{Factor, StageCode, Text, Unit, counted_stages, parts_of_stage};
use crate::lookup::{LookupQuery, answer};
use crate::release::{Catalogue, PublishedRelease, ReleaseRef};

/// The most factors side by side.
const MOST: usize = 10;
/// The most regions side by side.
const REGIONS: usize = 40;

/// The parameters of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    /// A factor as `dataset@version#key` (write `#` as `%23`); given 2 to 10 times, the first is what the others are held against
    #[arg(long)]
    #[serde(default)]
    pub factor: Vec<String>,
    /// Or an activity of one `dataset`, by `regions`
    #[arg(long)]
    pub activity: Option<String>,
    /// Dataset of the activity, with a version or range behind `@` if wanted
    #[arg(long)]
    pub dataset: Option<String>,
    /// Regions side by side, parted by commas: `CN,CN-ZJ`; the first is what the others are held against
    #[arg(long)]
    pub regions: Option<String>,
    /// Data year of the activity
    #[arg(long)]
    pub year: Option<String>,
    /// Kind of factor of the activity
    #[arg(long)]
    pub kind: Option<String>,
    /// System boundary of the activity
    #[arg(long)]
    pub boundary: Option<String>,
    /// Technology of the activity
    #[arg(long)]
    pub technology: Option<String>,
    /// Unit of all values (UCUM); that of the first factor if left out
    #[arg(long)]
    pub per: Option<String>,
}

/// Factors side by side.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The unit of all values.
    pub per: String,
    unit: &'static str,
    /// Whether nothing that makes numbers comparable differs.
    pub comparable: bool,
    /// What they differ in that makes numbers comparable.
    pub warnings: Vec<Warning>,
    /// The factors.
    pub rows: Vec<Row>,
    /// Their stages, in the order of the life cycle.
    pub stages: Vec<StageRow>,
    /// Regions that have no factor, and why.
    missing: Vec<Value>,
}

/// Something that the factors differ in.
#[derive(Debug, Serialize)]
pub struct Warning {
    /// `metric`, `kind`, `boundary`, `gwp`, `basis`, `price_year` or `flags`.
    pub dimension: &'static str,
    values: Vec<Option<String>>,
    note: &'static str,
}

/// A factor of a comparison.
#[derive(Debug, Serialize)]
pub struct Row {
    key: String,
    name: Text,
    region: String,
    year: Option<i32>,
    kind: String,
    metric: String,
    boundary: Option<String>,
    gwp: Option<String>,
    published: Published,
    /// Per the unit of all; null where a flag blocks the factor.
    pub value: Option<Number>,
    /// Against the first; null where they cannot be compared.
    difference: Option<Number>,
    /// The same in percent of the first.
    pub difference_percent: Option<Number>,
    flags: Vec<String>,
    release: ReleaseRef,
    digest: Option<crate::canon::Digest>,
    cite: String,
}

#[derive(Debug, Serialize)]
struct Published {
    value: String,
    per: String,
}

/// One stage of all factors.
#[derive(Debug, Serialize)]
pub struct StageRow {
    /// Its code.
    pub stage: String,
    scheme: Option<&'static str>,
    /// Its name, where it is listed.
    pub name: Option<&'static Text>,
    /// Whether the stage counts into the value.
    pub counted: bool,
    /// What falls to it, of each factor.
    pub values: Vec<Option<Number>>,
    /// Of each factor's value, in percent.
    pub shares: Vec<Option<Number>>,
}

/// A factor with its value in the unit of all.
struct Side {
    release: Arc<PublishedRelease>,
    number: usize,
    factor: Factor,
    ratio: BigRational,
    blocking: Vec<String>,
}

impl Side {
    fn value(&self) -> BigRational {
        self.factor.value.to_rational() * &self.ratio
    }
}

/// The releases that a comparison looks at, before anybody is asked who may read them.
///
/// # Errors
/// Where a dataset or release is not there, or a factor is not written as it should be.
pub fn compare_scope(catalogue: &Catalogue, query: &CompareQuery) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    let mut releases = Vec::new();
    for text in &query.factor {
        releases.push(catalogue.resolve(split_reference(text)?.0)?.release);
    }
    if let Some(dataset) = filled(query.dataset.as_deref()) {
        releases.push(catalogue.resolve(dataset)?.release);
    }
    Ok(releases)
}

fn split_reference(text: &str) -> Result<(&str, &str), ProductRefusal> {
    let shape = || {
        let detail = format!("`{}` is not DATASET@VERSION#KEY, such as cn-electricity-co2@1.2.0#grid-average/cn/2023", shown(text));
        ProductRefusal::wrong("factor", text, format!("{detail}; in an address write # as %23"), Vec::new())
    };
    let (release, key) = text.trim().split_once('#').ok_or_else(shape)?;
    if release.is_empty() || key.is_empty() { Err(shape()) } else { Ok((release, key)) }
}

/// One factor that is written as `dataset@version#key`, for whom its number may be read.
///
/// # Errors
/// The [`ProductRefusal`] that says what is wrong or missing.
pub fn named_factor(catalogue: &Catalogue, text: &str, who: &Principal) -> Result<(Arc<PublishedRelease>, Factor), ProductRefusal> {
    let (release, number) = find_named(catalogue, text, who)?;
    permit_numbers(&release, number, who)?;
    let factor = read_factor(&release, number)?;
    Ok((release, factor))
}

fn find_named(catalogue: &Catalogue, text: &str, who: &Principal) -> Result<(Arc<PublishedRelease>, usize), ProductRefusal> {
    let (name, key) = split_reference(text)?;
    let release = catalogue.resolve(name)?.release;
    release.permit(who, crate::dataset::Act::ReadNames)?;
    let number = release.data.find(key).ok_or_else(|| {
        let start = release.data.first_from(key).saturating_sub(2);
        let near: Vec<&str> = (start..release.data.index().len()).take(5).map(|number| release.data.key(number)).collect();
        let detail = format!("{} has no factor `{}`", release.id(), shown(key));
        ProductRefusal::Absent { code: "no-factor", detail, members: json!({"nearest": near}) }
    })?;
    Ok((release, number))
}

/// Puts factors side by side.
///
/// # Errors
/// The [`ProductRefusal`] that says what is wrong or missing.
pub fn compare(catalogue: &Catalogue, query: &CompareQuery, who: &Principal) -> Result<Comparison, ProductRefusal> {
    let mut missing = Vec::new();
    let found = if query.factor.is_empty() { by_region(catalogue, query, who, &mut missing)? } else { by_name(catalogue, query, who)? };
    let mut sides = Vec::new();
    let mut per = match filled(query.per.as_deref()) {
        Some(text) => Some(Unit::parse(text).map_err(|error| ProductRefusal::wrong("per", text, error.to_string(), Vec::new()))?),
        None => None,
    };
    for (release, number) in found {
        permit_numbers(&release, number, who)?;
        let factor = read_factor(&release, number)?;
        let own = Unit::parse(&factor.per).map_err(|error| ProductRefusal::Damaged(error.to_string()))?;
        let wanted = per.get_or_insert_with(|| own.clone());
        // a value per A is a value per B times (how many A one B is)
        let ratio = wanted.in_terms_of(&own)?;
        let blocking = blocking_flags(catalogue, &release, &factor, number);
        sides.push(Side { release, number, factor, ratio, blocking });
    }
    let warnings = warnings(&sides);
    let comparable = warnings.is_empty();
    let rows = rows(&sides, comparable);
    let per = per.map(|unit| unit.code().to_owned()).unwrap_or_default();
    Ok(Comparison { per, unit: "kg", comparable, warnings, rows, stages: stages(&sides), missing })
}

fn by_name(catalogue: &Catalogue, query: &CompareQuery, who: &Principal) -> Result<Vec<(Arc<PublishedRelease>, usize)>, ProductRefusal> {
    let also = [("activity", &query.activity), ("regions", &query.regions), ("dataset", &query.dataset), ("year", &query.year)];
    if let Some((name, text)) = also.into_iter().find(|(_, text)| filled(text.as_deref()).is_some()) {
        let detail = "a factor is named whole: leave it out, or ask by `activity` and `regions` without `factor`";
        return Err(ProductRefusal::wrong(name, text.as_deref().unwrap_or_default(), detail, Vec::new()));
    }
    if !(2..=MOST).contains(&query.factor.len()) {
        let detail = format!("{} factors are given; 2 to {MOST} stand side by side", query.factor.len());
        return Err(ProductRefusal::wrong("factor", &query.factor.join(", "), detail, Vec::new()));
    }
    query.factor.iter().map(|text| find_named(catalogue, text, who)).collect()
}

fn by_region(
    catalogue: &Catalogue,
    query: &CompareQuery,
    who: &Principal,
    missing: &mut Vec<Value>,
) -> Result<Vec<(Arc<PublishedRelease>, usize)>, ProductRefusal> {
    let lacks = |parameter, detail: &str| ProductRefusal::Missing { parameter, detail: detail.to_owned() };
    let activity = filled(query.activity.as_deref())
        .ok_or_else(|| lacks("factor", "give `factor` 2 to 10 times, or `activity` with `dataset` and `regions`"))?;
    let dataset = filled(query.dataset.as_deref()).ok_or_else(|| lacks("dataset", "name the dataset of the activity"))?;
    let regions = filled(query.regions.as_deref()).ok_or_else(|| lacks("regions", "name the regions, such as regions=CN,CN-ZJ"))?;
    read_year(query.year.as_deref())?;
    let regions: Vec<&str> = regions.split([',', '，']).map(str::trim).filter(|region| !region.is_empty()).collect();
    let distinct: BTreeSet<&&str> = regions.iter().collect();
    if !(2..=REGIONS).contains(&regions.len()) || distinct.len() != regions.len() {
        let detail = format!("{} regions are given; 2 to {REGIONS} different ones stand side by side", regions.len());
        return Err(ProductRefusal::wrong("regions", &regions.join(","), detail, Vec::new()));
    }
    let mut found = Vec::new();
    let mut first = None;
    for region in regions {
        let region = read_region("regions", Some(region))?;
        let text = |text: &Option<String>| filled(text.as_deref()).map(str::to_owned);
        let lookup = LookupQuery {
            dataset: Some(dataset.to_owned()),
            activity: Some(activity.to_owned()),
            region: region.clone(),
            year: text(&query.year),
            kind: text(&query.kind),
            boundary: text(&query.boundary),
            technology: text(&query.technology),
            ..LookupQuery::default()
        };
        let answered = lookup.understand().and_then(|lookup| answer(catalogue, &lookup, who));
        match answered {
            Ok(answered) => {
                let body: Value = serde_json::from_slice(&answered.body).map_err(|error| ProductRefusal::Damaged(error.to_string()))?;
                let key = body.pointer("/factor/key").and_then(Value::as_str).unwrap_or_default();
                let release = answered.resolved.release;
                if let Some(number) = release.data.find(key) {
                    found.push((release, number));
                }
            }
            Err(crate::lookup::LookupRefusal::Denied(denied)) => return Err(ProductRefusal::Denied(denied)),
            Err(crate::lookup::LookupRefusal::Release(error)) => return Err(ProductRefusal::Release(error)),
            Err(refusal) => {
                missing.push(json!({"region": region, "code": refusal.code(), "detail": refusal.to_string()}));
                first.get_or_insert(refusal);
            }
        }
    }
    match (found.is_empty(), first) {
        (true, Some(refusal)) => {
            let detail = format!("no region has one factor: {refusal}");
            Err(ProductRefusal::Absent { code: "no-match", detail, members: json!({"missing": missing}) })
        }
        _ => Ok(found),
    }
}

/// What makes numbers incomparable where it differs.
fn warnings(sides: &[Side]) -> Vec<Warning> {
    type Told = fn(&Factor) -> Option<String>;
    const DIMENSIONS: [(&str, &str, Told); 6] = [
        ("metric", "carbon dioxide alone and all greenhouse gases are different quantities", |own| Some(own.metric.code().to_owned())),
        ("kind", "factors of different kinds answer different questions, such as direct emissions and a life cycle", |own| {
            Some(own.kind.clone())
        }),
        ("boundary", "the systems that are counted are not the same, or not stated by all", |own| own.boundary.clone()),
        ("gwp", "the CO2e is counted under different GWP sets, or they are not stated by all", |own| own.gwp.clone()),
        ("basis", "the units count different things, such as net and gross calorific value", |own| {
            own.basis.map(|basis| basis.code().to_owned())
        }),
        ("price_year", "prices of different years", |own| own.price_year.map(|year| year.to_string())),
    ];
    let mut found = Vec::new();
    for (dimension, note, told) in DIMENSIONS {
        let values: Vec<Option<String>> = sides.iter().map(|side| told(&side.factor)).collect();
        if values.iter().any(|value| Some(value) != values.first()) {
            found.push(Warning { dimension, values, note });
        }
    }
    if sides.iter().any(|side| !side.blocking.is_empty()) {
        let values = sides.iter().map(|side| Some(side.blocking.join(" ")).filter(|flags| !flags.is_empty())).collect();
        found.push(Warning { dimension: "flags", values, note: "a blocking flag: the value is left out" });
    }
    found
}

fn rows(sides: &[Side], comparable: bool) -> Vec<Row> {
    let first = sides.first().map(Side::value);
    let row = |side: &Side| {
        let value = side.value();
        let difference = first.as_ref().filter(|_| comparable).map(|first| &value - first);
        let percent = |difference: &BigRational| {
            let first = first.as_ref().filter(|first| !first.is_zero())?;
            Some(Number(difference / first.abs() * hundred()))
        };
        let factor = &side.factor;
        Row {
            key: factor.key.clone(),
            name: factor.name.clone(),
            region: factor.region.clone(),
            year: factor.year,
            kind: factor.kind.clone(),
            metric: factor.metric.code().to_owned(),
            boundary: factor.boundary.clone(),
            gwp: factor.gwp.clone(),
            published: Published { value: factor.value.to_string(), per: factor.per.clone() },
            difference_percent: difference.as_ref().and_then(percent),
            difference: difference.map(Number),
            value: side.blocking.is_empty().then_some(Number(value)),
            flags: factor.flags.clone(),
            release: ReleaseRef::of(&side.release),
            digest: side.release.data.digest(side.number),
            cite: side.release.cite(&factor.source.id, factor.source.locator.as_deref(), &factor.key),
        }
    };
    let mut rows: Vec<Row> = sides.iter().map(row).collect();
    for (row, side) in rows.iter_mut().zip(sides).filter(|(_, side)| !side.blocking.is_empty()) {
        row.published.value = format!("withheld: {}", side.blocking.join(", "));
    }
    rows
}

/// The stages of all factors by code, in the order of the life cycle; those that are not listed last.
fn stages(sides: &[Side]) -> Vec<StageRow> {
    let code = |text: &str| StageCode::named(text).map_or_else(|| text.to_owned(), |stage| stage.code.clone());
    let mut named: BTreeMap<(u32, String), Option<&'static StageCode>> = BTreeMap::new();
    for part in sides.iter().flat_map(|side| &side.factor.stages) {
        let listed = StageCode::named(&part.stage);
        named.insert((listed.map_or(u32::MAX, |stage| stage.position), code(&part.stage)), listed);
    }
    // a total of modules stands beside factors that give the modules alone
    for listed in StageCode::all().iter().filter(|stage| !stage.includes.is_empty()) {
        let adds_up = |side: &Side| parts_of_stage(listed, &side.factor.stages).is_some();
        if sides.iter().any(adds_up) && sides.iter().any(|side| side.factor.stages.iter().any(|own| own.stage == listed.code)) {
            named.insert((listed.position, listed.code.clone()), Some(listed));
        }
    }
    let amount = |side: &Side, stage: &str, listed: Option<&StageCode>| {
        if !side.blocking.is_empty() {
            return None;
        }
        let own = side.factor.stages.iter().find(|part| code(&part.stage) == stage).map(|part| part.value.to_rational());
        let summed = || {
            let parts = parts_of_stage(listed?, &side.factor.stages)?;
            Some(parts.iter().fold(BigRational::zero(), |sum, part| sum + part.value.to_rational()))
        };
        own.or_else(summed).map(|value| value * &side.ratio)
    };
    let counted = |stage: &str| sides.iter().any(|side| counted_stages(&side.factor.stages).any(|own| code(&own.stage) == stage));
    named
        .into_iter()
        .map(|((_, stage), listed)| {
            let values: Vec<Option<BigRational>> = sides.iter().map(|side| amount(side, &stage, listed)).collect();
            let share = |(side, value): (&Side, &Option<BigRational>)| {
                let whole = side.value();
                value.as_ref().filter(|_| !whole.is_zero()).map(|value| Number(value / whole * hundred()))
            };
            StageRow {
                shares: sides.iter().zip(&values).map(share).collect(),
                counted: listed.map_or_else(|| counted(&stage), |own| own.counted),
                scheme: listed.map(|own| own.scheme.as_str()),
                name: listed.map(|own| &own.name),
                values: values.into_iter().map(|value| value.map(Number)).collect(),
                stage,
            }
        })
        .collect()
}
