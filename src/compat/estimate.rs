//! The other service's estimate: an amount times a factor that a selector names.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::one::{one_meaning, taken};
use super::record::{
    ConstituentGases, METHODS, access_type, category, constituents, factor_id, lca_activity, method_of, methods, quality_flags, region_in,
    region_out, set_for, source_name, unmapped,
};
use super::refusal::shown;
use super::search::{check_region, read_year};
use super::select::{Place, Wanted, read_allowed, releases};
use super::units::{Given, UnitType, asked, read_amount};
use super::{CompatNotice, CompatRefusal, DataVersion};
use crate::dataset::Principal;
use crate::factor::{Co2eOrigin, Decimal, Factor, FlagSeverity, Region, Unit, flags, nearest};
use crate::lookup::{Lookup, LookupRefusal, compute, notices as later_notices};
use crate::release::{Catalogue, Dimension};

/// The most estimates of one batch.
pub const BATCH: usize = 100;

/// The flags that are tolerated where a selector says nothing.
const TOLERATED: [&str; 2] = ["notable_methodological_variance", "partial_factor"];

/// What is asked: which factor, how much.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    emission_factor: Selector,
    parameters: BTreeMap<String, Box<RawValue>>,
}

/// Which factor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selector {
    data_version: Option<Value>,
    activity_id: Option<String>,
    id: Option<String>,
    source: Option<String>,
    source_dataset: Option<String>,
    region: Option<String>,
    region_fallback: Option<bool>,
    year: Option<Value>,
    year_fallback: Option<bool>,
    source_lca_activity: Option<String>,
    calculation_method: Option<String>,
    allowed_data_quality_flags: Option<Vec<String>>,
}

/// An estimate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EstimateAnswer {
    /// kg CO2e of the amount.
    #[schema(value_type = f64)]
    pub co2e: Box<RawValue>,
    /// `kg`.
    pub co2e_unit: &'static str,
    /// `ar4`, `ar5`, `ar6`; null where the source does not say it.
    pub co2e_calculation_method: Option<String>,
    /// `source`; `climatiq` where the CO2e was not computed by the source (the other service's only other word).
    pub co2e_calculation_origin: Option<&'static str>,
    /// The factor that was used.
    pub emission_factor: UsedFactor,
    /// The gases of the amount.
    pub constituent_gases: ConstituentGases,
    /// The amount.
    pub activity_data: ActivityData,
    /// `selector`: the factor was named by the caller, and is told.
    pub audit_trail: &'static str,
    /// What was chosen, and what could not be mapped.
    pub notices: Vec<CompatNotice>,
}

/// The factor of an estimate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UsedFactor {
    /// In English, else in Chinese.
    pub name: String,
    /// The activity.
    pub activity_id: String,
    /// The factor's own id.
    pub id: String,
    /// `public` or `private`.
    pub access_type: &'static str,
    /// Who published the document.
    pub source: String,
    /// The dataset's id.
    pub source_dataset: String,
    /// Data year.
    pub year: Option<i32>,
    /// Region code.
    pub region: String,
    /// The last part of the category's path.
    pub category: Option<String>,
    /// The system boundary.
    pub source_lca_activity: String,
    /// Those that the other service has.
    pub data_quality_flags: Vec<&'static str>,
}

/// The amount of an estimate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActivityData {
    /// How much.
    #[schema(value_type = f64)]
    pub activity_value: Box<RawValue>,
    /// Of which unit.
    pub activity_unit: String,
}

/// Answers one estimate with what `who` may read.
///
/// # Errors
/// The [`CompatRefusal`] that says what is wrong or missing.
pub fn estimate(catalogue: &Catalogue, body: &[u8], who: &Principal) -> Result<EstimateAnswer, CompatRefusal> {
    let unreadable = |error: serde_json::Error| {
        let told: String = error.to_string().chars().take(200).collect();
        CompatRefusal::new("invalid_body", format!("the body is {{\"emission_factor\":{{…}},\"parameters\":{{…}}}}: {told}"))
    };
    let Body { emission_factor: selector, parameters } = serde_json::from_slice(body).map_err(unreadable)?;
    let mut notices = Vec::new();
    let (place, given) = match &selector.id {
        Some(id) => by_id(catalogue, &selector, id, (&parameters, who), &mut notices)?,
        None => by_activity(catalogue, &selector, (&parameters, who), &mut notices)?,
    };
    answer(catalogue, (&selector, &place), given, who, notices)
}

/// Up to [`BATCH`] estimates; the order is kept, and each has its own answer or refusal.
///
/// # Errors
/// Where the body is no list, or too long a one.
pub fn estimate_batch(catalogue: &Catalogue, body: &[u8], who: &Principal) -> Result<String, CompatRefusal> {
    let items: Vec<Box<RawValue>> = serde_json::from_slice(body).map_err(|error| {
        let told: String = error.to_string().chars().take(200).collect();
        CompatRefusal::new("invalid_body", format!("the body is a list of estimates: {told}"))
    })?;
    if items.len() > BATCH {
        return Err(CompatRefusal::new("batch_too_large", format!("{} estimates are more than {BATCH}", items.len())));
    }
    let one = |item: &RawValue| match estimate(catalogue, item.get().as_bytes(), who) {
        Ok(answer) => serde_json::to_string(&answer),
        Err(refusal) => serde_json::to_string(&refusal),
    };
    let results =
        items.iter().map(|item| one(item)).collect::<Result<Vec<_>, _>>().map_err(|error| CompatRefusal::fault(error.to_string()))?;
    Ok(format!("{{\"results\":[{}]}}", results.join(",")))
}

type Parameters<'a> = (&'a BTreeMap<String, Box<RawValue>>, &'a Principal);

/// The factor with an id, in the newest release that holds it.
fn by_id(
    catalogue: &Catalogue,
    selector: &Selector,
    id: &str,
    (parameters, who): Parameters<'_>,
    notices: &mut Vec<CompatNotice>,
) -> Result<(Place, Given), CompatRefusal> {
    if let Some(name) = beside_id(selector) {
        return Err(CompatRefusal::new("invalid_input", format!("`{name}` stands beside `id`, which names one factor by itself")));
    }
    let facts = match &selector.data_version {
        Some(version) => read_version(version, catalogue)?.facts(catalogue),
        None => catalogue.facts(),
    };
    let wanted = Wanted { id: vec![id.to_owned()], ..Wanted::default() };
    let readable = |release: &&std::sync::Arc<crate::release::PublishedRelease>| {
        release.seq < facts && release.may(who, crate::dataset::Act::ReadNumbers).is_ok()
    };
    // an older release holds it as well as the latest: whoever has an id gets its number for ever
    let mut all: Vec<_> = catalogue.releases().filter(readable).cloned().collect();
    all.sort_by_key(|release| (release.withdrawn.is_some(), std::cmp::Reverse(release.seq)));
    let place = all.iter().find_map(|release| wanted.find(catalogue, std::slice::from_ref(release)).into_iter().next());
    let place = place.ok_or_else(|| {
        let message = format!("no factor has the id `{}` in this data version; /search gives ids", shown(id));
        CompatRefusal::new("no_emission_factors_found", message)
    })?;
    if let Some(withdrawn) = &place.release.withdrawn {
        let message = format!("{} was withdrawn: {}", place.release.id(), withdrawn.reason);
        notices.push(CompatNotice::warning("withdrawn", message));
    }
    let per = place.text(Dimension::Per).unwrap_or_default().to_owned();
    let unit_type = UnitType::of(&per).ok_or_else(|| no_unit_type(&per))?;
    let given = read_amount(unit_type, &per, parameters)?;
    Ok((place, given))
}

/// A member that says nothing beside an id.
fn beside_id(selector: &Selector) -> Option<&'static str> {
    let Selector { activity_id, source, source_dataset, region, year, source_lca_activity, .. } = selector;
    let texts = [
        ("activity_id", activity_id.is_some()),
        ("source", source.is_some()),
        ("source_dataset", source_dataset.is_some()),
        ("region", region.is_some()),
        ("year", year.is_some()),
        ("source_lca_activity", source_lca_activity.is_some()),
        ("region_fallback", selector.region_fallback == Some(true)),
        ("year_fallback", selector.year_fallback == Some(true)),
    ];
    texts.into_iter().find(|(_, stands)| *stands).map(|(name, _)| name)
}

fn no_unit_type(per: &str) -> CompatRefusal {
    let message = format!("the factor is per {per}, for which this interface has no unit type; /v1/lookup takes the unit itself");
    CompatRefusal::new("invalid_unit_type_supplied", message)
}

fn read_version(version: &Value, catalogue: &Catalogue) -> Result<DataVersion, CompatRefusal> {
    let text = match version {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(CompatRefusal::new("invalid_data_version", "`data_version` is a text, such as `^6`")),
    };
    DataVersion::read(&text, catalogue)
}

/// The factor that a selector leaves: the most recent year, then the highest value, as the other service documents it.
fn by_activity(
    catalogue: &Catalogue,
    selector: &Selector,
    (parameters, who): Parameters<'_>,
    notices: &mut Vec<CompatNotice>,
) -> Result<(Place, Given), CompatRefusal> {
    let activity = selector.activity_id.as_deref().filter(|text| !text.is_empty());
    let activity = activity.ok_or_else(|| CompatRefusal::new("invalid_input", "`emission_factor` names an `activity_id` or an `id`"))?;
    let version = selector.data_version.as_ref().ok_or_else(|| {
        let latest = catalogue.facts();
        let message = format!("`data_version` is required beside `activity_id`: `^{latest}` for what stands now");
        CompatRefusal::new("missing_data_version", message).valid([format!("^{latest}"), latest.to_string()])
    })?;
    let (releases, said) = releases(catalogue, read_version(version, catalogue)?, who);
    notices.extend(said.into_iter().filter(|notice| notice.code != "licence"));
    let found = named(catalogue, &releases, activity)?;
    let found = narrowed(selector, found)?;
    let found = placed(selector, found, notices)?;
    let found = timed(selector, found, notices)?;
    let found = unflagged(selector, found)?;
    let found = measured(found, parameters)?;
    one_meaning(&found)?;
    let place = taken(found, notices)?;
    let per = place.text(Dimension::Per).unwrap_or_default().to_owned();
    let unit_type = UnitType::of(&per).ok_or_else(|| no_unit_type(&per))?;
    let given = read_amount(unit_type, &per, parameters)?;
    Ok((place, given))
}

fn named(
    catalogue: &Catalogue,
    releases: &[std::sync::Arc<crate::release::PublishedRelease>],
    activity: &str,
) -> Result<Vec<Place>, CompatRefusal> {
    let find = |activity: &str| Wanted { activity: vec![activity.to_owned()], ..Wanted::default() }.find(catalogue, releases);
    // a trailing `*` is the search's
    let found = if activity.ends_with('*') { Vec::new() } else { find(activity) };
    if !found.is_empty() {
        return Ok(found);
    }
    let all: BTreeSet<&str> = releases
        .iter()
        .flat_map(|release| {
            (1..release.data.index().codes(Dimension::Activity)).filter_map(|code| release.data.index().text(Dimension::Activity, code))
        })
        .collect();
    let near = nearest(activity, all.iter().copied());
    let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let family = activity.split(['/', '-', '_']).next().unwrap_or_default();
    let kin = all.iter().filter(|own| own.split('/').next() == Some(family)).map(|own| (*own).to_owned());
    let mut valid: Vec<String> = near.into_iter().chain(kin).take(20).collect();
    if valid.is_empty() {
        valid = all.iter().take(20).map(|own| (*own).to_owned()).collect();
    }
    let message =
        format!("no emission factor has the activity_id `{}`{hint}; activities are named as in this server's datasets", shown(activity));
    Err(CompatRefusal::new("no_emission_factors_found", message).valid(valid))
}

/// Those of the asked source, dataset, boundary and method; a refusal that names what there is.
fn narrowed(selector: &Selector, mut found: Vec<Place>) -> Result<Vec<Place>, CompatRefusal> {
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    if let Some(method) = selector.calculation_method.as_deref().filter(|method| !METHODS.iter().any(|(own, _)| own == method)) {
        return Err(CompatRefusal::none_of("invalid_input", "calculation_method", method, METHODS.map(|(method, _)| method)));
    }
    type Own = fn(&Place) -> Vec<String>;
    let steps: [(&str, Wanted, Own); 4] = [
        ("source", Wanted { source: one(&selector.source), ..Wanted::default() }, |place| place.source().into_iter().collect()),
        ("source_dataset", Wanted { source_dataset: one(&selector.source_dataset), ..Wanted::default() }, |place| {
            vec![place.release.dataset.to_string()]
        }),
        ("source_lca_activity", Wanted { lca_activity: one(&selector.source_lca_activity), ..Wanted::default() }, |place| {
            vec![lca_activity(place.text(Dimension::Boundary))]
        }),
        ("calculation_method", Wanted { method: one(&selector.calculation_method), ..Wanted::default() }, |place| {
            place.factor().map(|factor| methods(&factor).into_iter().map(str::to_owned).collect()).unwrap_or_default()
        }),
    ];
    for (name, wanted, own) in steps {
        let kept: Vec<Place> = found.iter().filter(|place| wanted.wants(place)).cloned().collect();
        if kept.is_empty() {
            let there: BTreeSet<String> = found.iter().take(10_000).flat_map(own).collect();
            let message = format!("no emission factor of this activity_id has the `{name}` that was asked for");
            return Err(CompatRefusal::new("no_emission_factors_found", message).valid(there));
        }
        found = kept;
    }
    Ok(found)
}

/// Those of the asked region, or of what it is part of where that is wanted.
fn placed(selector: &Selector, found: Vec<Place>, notices: &mut Vec<CompatNotice>) -> Result<Vec<Place>, CompatRefusal> {
    let fallback = selector.region_fallback == Some(true);
    if fallback && selector.year_fallback == Some(true) {
        return Err(CompatRefusal::new(
            "invalid_input",
            "give one of `region_fallback` and `year_fallback` at a time; /v1/lookup takes both",
        ));
    }
    let Some(region) = selector.region.as_deref().filter(|text| !text.is_empty()) else { return Ok(found) };
    check_region(region)?;
    let asked = region_in(region);
    let places = if fallback { Region::chain(asked) } else { vec![asked] };
    let year = selector.year.as_ref().map(asked_year).transpose()?;
    for place in &places {
        let there = |own: &&Place| {
            own.text(Dimension::Region) == Some(*place)
                && year.is_none_or(|year| own.year() == Some(year) || selector.year_fallback == Some(true))
        };
        let here: Vec<Place> = found.iter().filter(there).cloned().collect();
        if !here.is_empty() {
            if *place != asked {
                let message = format!("{region} has no factor; {} was used instead (region_fallback)", region_out(place));
                notices.push(CompatNotice::warning("region_fallback", message));
            }
            return Ok(here);
        }
    }
    let there: BTreeSet<String> = found.iter().filter_map(|place| place.text(Dimension::Region)).map(region_out).collect();
    let years: BTreeSet<String> = found
        .iter()
        .filter(|own| own.text(Dimension::Region) == Some(asked))
        .filter_map(Place::year)
        .map(|year| year.to_string())
        .collect();
    let refusal = match (year, years.is_empty()) {
        (Some(year), false) => CompatRefusal::new("no_emission_factors_found", format!("{region} has no factor of {year}")).valid(years),
        _ => CompatRefusal::new("no_emission_factors_found", format!("no emission factor of this activity_id is of the region {region}"))
            .valid(there),
    };
    Err(refusal)
}

fn asked_year(year: &Value) -> Result<i32, CompatRefusal> {
    match year {
        Value::Number(number) => read_year(&number.to_string()),
        Value::String(text) => read_year(text),
        _ => Err(CompatRefusal::new("invalid_input", "`year` is a year of four digits")),
    }
}

/// Those of the asked year, or of the latest before it where that is wanted.
fn timed(selector: &Selector, found: Vec<Place>, notices: &mut Vec<CompatNotice>) -> Result<Vec<Place>, CompatRefusal> {
    let Some(year) = selector.year.as_ref().map(asked_year).transpose()? else { return Ok(found) };
    let years: BTreeSet<i32> = found.iter().filter_map(Place::year).collect();
    let fallback = selector.year_fallback == Some(true);
    let used = if years.contains(&year) { Some(year) } else { years.range(..year).next_back().copied().filter(|_| fallback) };
    let Some(used) = used else {
        let message = if years.is_empty() {
            "the factors of this activity_id carry no year: leave `year` out".to_owned()
        } else {
            format!("no emission factor of this activity_id is of {year}")
        };
        return Err(CompatRefusal::new("no_emission_factors_found", message).valid(years.iter().map(ToString::to_string)));
    };
    if used != year {
        notices
            .push(CompatNotice::warning("year_fallback", format!("there is no factor of {year}; {used} was used instead (year_fallback)")));
    }
    Ok(found.into_iter().filter(|place| place.year() == Some(used)).collect())
}

/// The flags that are allowed, as they are named here.
fn allowed(selector: &Selector) -> Result<BTreeSet<&'static str>, CompatRefusal> {
    match &selector.allowed_data_quality_flags {
        Some(names) => read_allowed(names.iter().map(String::as_str)),
        None => read_allowed(TOLERATED.into_iter()),
    }
}

/// Those without flags that are not allowed, raised later or not; blocking flags that only this server has must be named as well.
fn unflagged(selector: &Selector, found: Vec<Place>) -> Result<Vec<Place>, CompatRefusal> {
    let allowed = allowed(selector)?;
    let wanted = Wanted { allowed: Some(allowed.clone()), ..Wanted::default() };
    let fine = |place: &&Place| wanted.wants(place) && place.blocking().all(|code| allowed.contains(code));
    let kept: Vec<Place> = found.iter().filter(fine).cloned().collect();
    if kept.is_empty() {
        let there: BTreeSet<String> = found.iter().flat_map(|place| place.all_flags().map(str::to_owned).collect::<Vec<_>>()).collect();
        let theirs = quality_flags(there.iter().map(String::as_str));
        let ours =
            there.iter().filter(|code| flags().get(*code).is_some_and(|flag| flag.severity == FlagSeverity::Block)).map(String::as_str);
        let named: BTreeSet<&str> = theirs.into_iter().chain(ours).collect();
        let message = "every factor that matches carries a data quality flag that is not allowed; name it in `allowed_data_quality_flags`";
        return Err(CompatRefusal::new("data_quality_flags_not_allowed", message).valid(named));
    }
    Ok(kept)
}

/// Those that are per what the parameters measure.
fn measured(found: Vec<Place>, parameters: &BTreeMap<String, Box<RawValue>>) -> Result<Vec<Place>, CompatRefusal> {
    let types = asked(parameters);
    let of = |place: &Place| UnitType::of(place.text(Dimension::Per).unwrap_or_default());
    let kept: Vec<Place> = found.iter().filter(|place| of(place).is_some_and(|own| types.contains(&own))).cloned().collect();
    if kept.is_empty() {
        let there: BTreeSet<&str> = found.iter().filter_map(|place| of(place).map(|own| own.name)).collect();
        let takes: BTreeSet<String> = found.iter().filter_map(of).flat_map(UnitType::parameters).collect();
        let takes = takes.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!("`parameters` do not fit the unit type of the factor, which takes {takes}");
        return Err(CompatRefusal::new("invalid_unit_type_supplied", message).valid(there));
    }
    Ok(kept)
}

/// Computes, and says what was done.
fn answer(
    catalogue: &Catalogue,
    (selector, place): (&Selector, &Place),
    given: Given,
    who: &Principal,
    mut notices: Vec<CompatNotice>,
) -> Result<EstimateAnswer, CompatRefusal> {
    let factor = place.factor()?;
    let digest = place.release.data.digest(place.number).ok_or_else(|| place.damaged())?;
    let flags = checked_flags(catalogue, (selector, place), &factor, who, &mut notices)?;
    let set = match &selector.calculation_method {
        Some(method) => set_for(&factor, method).ok_or_else(|| {
            let message = format!("the CO2e of this factor is not known under {}", shown(method));
            CompatRefusal::new("calculation_method_unavailable", message).valid(methods(&factor))
        })?,
        None => None,
    };
    let recomputed = set.is_some_and(|set| factor.gwp.as_deref() != Some(set.id.as_str()));
    let lookup = Lookup { gwp: set, amount: Some(given.amount.clone()), ..Lookup::default() };
    let result = compute(&factor, &lookup).map_err(|refusal| match refusal {
        LookupRefusal::Damaged(why) => CompatRefusal::fault(why),
        other => CompatRefusal::new("invalid_input", other.to_string()),
    })?;
    let by = scale(&factor, &given)?;
    let set = result.gwp.as_deref().and_then(crate::factor::GwpSet::get);
    let total = match set.filter(|_| recomputed) {
        Some(set) => {
            set.co2e(&factor.gases).map_err(|error| CompatRefusal::new("calculation_method_unavailable", error.to_string()))? * &by
        }
        None => factor.value.to_rational() * &by,
    };
    notices.extend(given.notices);
    notices.extend(unmapped(&factor));
    if let Some(set) = set {
        notices.push(CompatNotice::info("gwp_set", format!("CO2e is under {}", set.id)));
    }
    Ok(EstimateAnswer {
        co2e: result.value,
        co2e_unit: "kg",
        co2e_calculation_method: method(selector, &factor),
        co2e_calculation_origin: origin(&factor, recomputed),
        emission_factor: used(place, &digest, &factor, flags),
        constituent_gases: constituents(&factor, &total, &by, set)?,
        activity_data: ActivityData {
            activity_value: RawValue::from_string(given.value).map_err(|error| CompatRefusal::fault(error.to_string()))?,
            activity_unit: given.unit,
        },
        audit_trail: "selector",
        notices,
    })
}

/// The asked method; of CO2 alone, which weighs the same under all, the newest; else that of the published value.
fn method(selector: &Selector, factor: &Factor) -> Option<String> {
    let same = (factor.metric == crate::factor::Metric::Co2).then_some("ar6");
    selector.calculation_method.clone().or_else(|| same.or_else(|| method_of(factor)).map(str::to_owned))
}

fn origin(factor: &Factor, recomputed: bool) -> Option<&'static str> {
    if recomputed {
        return Some("climatiq");
    }
    match (factor.metric, factor.co2e_origin) {
        (_, Some(Co2eOrigin::RecomputedByUs)) => Some("climatiq"),
        (crate::factor::Metric::Co2, _) | (_, Some(Co2eOrigin::SourcePublished)) => Some("source"),
        _ => None,
    }
}

/// What the factor's members are multiplied by.
fn scale(factor: &Factor, given: &Given) -> Result<BigRational, CompatRefusal> {
    let own = Unit::parse(&factor.per).map_err(|error| CompatRefusal::fault(error.to_string()))?;
    let number: &Decimal = &given.amount.number;
    let unit = given.amount.unit.as_ref().unwrap_or(&own);
    let ratio = unit.in_terms_of(&own).map_err(|error| CompatRefusal::new("invalid_unit_type_supplied", error.to_string()))?;
    Ok(number.to_rational() * ratio)
}

/// The flags of the other service that the factor carries, later ones included; a blocking one must have been allowed.
fn checked_flags(
    catalogue: &Catalogue,
    (selector, place): (&Selector, &Place),
    factor: &Factor,
    who: &Principal,
    notices: &mut Vec<CompatNotice>,
) -> Result<Vec<&'static str>, CompatRefusal> {
    let later = later_notices(catalogue, &place.release, place.number, who);
    let allowed = allowed(selector)?;
    let blocking = |code: &str| flags().get(code).is_some_and(|flag| flag.severity == FlagSeverity::Block);
    let all: Vec<&str> = factor.flags.iter().map(String::as_str).chain(later.iter().map(|notice| notice.flag)).collect();
    let blocked: BTreeSet<&str> = all.iter().copied().filter(|code| blocking(code) && !allowed.contains(code)).collect();
    if !blocked.is_empty() {
        let message = "the factor carries a data quality flag that is not allowed; name it in `allowed_data_quality_flags`";
        return Err(CompatRefusal::new("data_quality_flags_not_allowed", message).valid(blocked));
    }
    for notice in &later {
        let message = format!("{} ({}, {}): {}", notice.flag, notice.by, notice.at, notice.why);
        notices.push(CompatNotice::warning("later_notice", message));
    }
    Ok(quality_flags(all.iter().copied()))
}

fn used(place: &Place, digest: &crate::canon::Digest, factor: &Factor, flags: Vec<&'static str>) -> UsedFactor {
    UsedFactor {
        name: factor.name.any().to_owned(),
        activity_id: factor.activity.clone(),
        id: factor_id(digest),
        access_type: access_type(&place.release),
        source: source_name(&place.release, &factor.source.id),
        source_dataset: place.release.dataset.to_string(),
        year: factor.year,
        region: region_out(&factor.region),
        category: category(factor.category.as_deref()).1,
        source_lca_activity: lca_activity(factor.boundary.as_deref()),
        data_quality_flags: flags,
    }
}
