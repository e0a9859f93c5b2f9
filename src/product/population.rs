//! The factors that a footprint is compared with: found by what they are of, then held against what must be equal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_rational::BigRational;
use serde_json::{Value, json};

use super::ProductRefusal;
use super::benchmark::{Asked, BenchmarkQuery};
use super::codes::numbers_of_code;
use super::rules::rule_keys;
use super::scope::{blocking_flags, filled, read_factor, readable};
use crate::dataset::{Act, Principal};
use crate::factor::{Factor, Metric, Status, Text, Unit};
use crate::release::{Catalogue, Dimension, Listing, PublishedRelease};

/// Factors by what they are of.
pub(super) struct Candidates {
    releases: Vec<Arc<PublishedRelease>>,
    numbers: Vec<(usize, BTreeSet<usize>)>,
    left_out: BTreeMap<&'static str, usize>,
}

/// A factor that can be compared with.
pub(super) struct Survivor {
    pub(super) release: usize,
    pub(super) number: usize,
    /// Per the asked unit.
    pub(super) value: BigRational,
    pub(super) name: Text,
    pub(super) region: String,
    pub(super) year: Option<i32>,
    told: [(&'static str, Option<String>); 5],
}

/// Factors that can be compared with, and why others cannot.
pub(super) struct Compared {
    pub(super) releases: Vec<Arc<PublishedRelease>>,
    pub(super) survivors: Vec<Survivor>,
    pub(super) shared: BTreeMap<&'static str, Value>,
    pub(super) left_out: BTreeMap<&'static str, usize>,
}

impl Candidates {
    /// Finds them in the releases that `who` may read.
    pub(super) fn read(catalogue: &Catalogue, query: &BenchmarkQuery, who: &Principal) -> Result<Self, ProductRefusal> {
        let releases = readable(catalogue, query.dataset.as_deref(), i64::MAX, who)?;
        let mut found = Self { numbers: Vec::new(), left_out: BTreeMap::new(), releases };
        for (place, release) in found.releases.iter().enumerate() {
            let numbers = candidates(release, query)?;
            if numbers.is_empty() {
                continue;
            }
            match release.permit(who, Act::ReadNumbers) {
                Ok(()) => found.numbers.push((place, numbers)),
                Err(denied) if filled(query.dataset.as_deref()).is_some() => return Err(denied.into()),
                Err(_) => *found.left_out.entry("licence").or_default() += numbers.len(),
            }
        }
        Ok(found)
    }

    /// Holds them against what must be equal.
    pub(super) fn compare(self, catalogue: &Catalogue, asked: &Asked) -> Result<Compared, ProductRefusal> {
        let Self { releases, numbers, mut left_out } = self;
        let mut survivors = Vec::new();
        for (place, numbers) in numbers {
            let Some(release) = releases.get(place) else { continue };
            for number in numbers {
                match judge((catalogue, release), (place, number), asked)? {
                    Ok(survivor) => survivors.push(survivor),
                    Err(reason) => *left_out.entry(reason).or_default() += 1,
                }
            }
        }
        let shared = shared(&survivors, asked, &left_out)?;
        Ok(Compared { releases, survivors, shared, left_out })
    }
}

/// The factors of a release that every selector of the question holds for.
fn candidates(release: &PublishedRelease, query: &BenchmarkQuery) -> Result<BTreeSet<usize>, ProductRefusal> {
    let index = release.data.index();
    let among = |dimension: Dimension, fits: &dyn Fn(&str) -> bool| -> BTreeSet<usize> {
        let codes: BTreeSet<u32> = (1..index.codes(dimension)).filter(|code| index.text(dimension, *code).is_some_and(fits)).collect();
        if codes.is_empty() {
            return BTreeSet::new();
        }
        (0..index.len()).filter(|number| codes.contains(&index.code(dimension, *number))).collect()
    };
    let mut sets = Vec::new();
    if let Some(activity) = filled(query.activity.as_deref()) {
        sets.push(match activity.strip_suffix('*') {
            Some(start) => among(Dimension::Activity, &|own| own.starts_with(start)),
            None => among(Dimension::Activity, &|own| own == activity),
        });
    }
    if let Some(category) = filled(query.category.as_deref()) {
        let below = |own: &str| own.strip_prefix(category).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        sets.push(among(Dimension::Category, &below));
    }
    if let Some(code) = filled(query.code.as_deref()) {
        sets.push(numbers_of_code(release, code)?);
    }
    if let Some(rule) = filled(query.rule.as_deref()) {
        let entries = rule_keys(rule).into_iter().filter_map(|key| index.entry_of(Listing::Rule, &key));
        sets.push(entries.flat_map(|entry| index.of_entry(Listing::Rule, entry)).collect());
    }
    let mut sets = sets.into_iter();
    let first = sets.next().unwrap_or_default();
    Ok(sets.fold(first, |kept, set| kept.intersection(&set).copied().collect()))
}

/// One factor per the asked unit, or the reason why it is left out.
fn judge(
    (catalogue, release): (&Catalogue, &PublishedRelease),
    (place, number): (usize, usize),
    asked: &Asked,
) -> Result<Result<Survivor, &'static str>, ProductRefusal> {
    let index = release.data.index();
    let wanted = [
        (Dimension::Kind, &asked.kind, "kind"),
        (Dimension::Region, &asked.region, "region"),
        (Dimension::Year, &asked.year, "year"),
        (Dimension::Boundary, &asked.boundary, "boundary"),
        (Dimension::Gwp, &asked.gwp, "gwp"),
    ];
    for (dimension, text, reason) in wanted {
        let own = index.value(dimension, number);
        let relaxed = asked.relax.contains(&reason);
        if !relaxed && text.as_deref().is_some_and(|text| own.unwrap_or("none") != text) {
            return Ok(Err(reason));
        }
    }
    if index.value(Dimension::Metric, number) != Some(asked.metric.code()) {
        return Ok(Err("metric"));
    }
    let per = Unit::parse(index.value(Dimension::Per, number).unwrap_or_default());
    let Some(ratio) = per.ok().and_then(|per| asked.per.in_terms_of(&per).ok()) else { return Ok(Err("unit")) };
    let factor = read_factor(release, number)?;
    if factor.status.is_some_and(|status| status != Status::Valid) {
        return Ok(Err("status"));
    }
    if !blocking_flags(catalogue, release, &factor, number).is_empty() {
        return Ok(Err("flags"));
    }
    let told = told(&factor);
    let Factor { name, region, year, value, .. } = factor;
    Ok(Ok(Survivor { release: place, number, value: value.to_rational() * ratio, name, region, year, told }))
}

fn told(factor: &Factor) -> [(&'static str, Option<String>); 5] {
    [
        ("kind", Some(factor.kind.clone())),
        ("boundary", factor.boundary.clone()),
        ("gwp", factor.gwp.clone()),
        ("basis", factor.basis.map(|basis| basis.code().to_owned())),
        ("price_year", factor.price_year.map(|year| year.to_string())),
    ]
}

/// What all have in common; a refusal where they differ in what was not let go.
fn shared(
    survivors: &[Survivor],
    asked: &Asked,
    left_out: &BTreeMap<&'static str, usize>,
) -> Result<BTreeMap<&'static str, Value>, ProductRefusal> {
    let mut shared = BTreeMap::from([("metric", json!(asked.metric))]);
    let mut mixed: BTreeMap<&'static str, BTreeMap<String, usize>> = BTreeMap::new();
    for place in 0..5 {
        let mut values: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut name = "";
        for survivor in survivors {
            let Some((own, value)) = survivor.told.get(place) else { continue };
            name = own;
            *values.entry(value.as_deref()).or_default() += 1;
        }
        if name.is_empty() || (name == "gwp" && asked.metric == Metric::Co2) {
            continue;
        }
        let counts = || values.iter().map(|(value, count)| (value.unwrap_or("none").to_owned(), *count)).collect::<BTreeMap<_, _>>();
        match (values.len(), asked.relax.contains(&name)) {
            (0 | 1, _) => drop(shared.insert(name, json!(values.keys().next().copied().flatten()))),
            (_, true) => drop(shared.insert(name, json!({"relaxed": counts()}))),
            (_, false) => drop(mixed.insert(name, counts())),
        }
    }
    if mixed.is_empty() {
        return Ok(shared);
    }
    let names: Vec<&str> = mixed.keys().copied().collect();
    let detail = format!("the factors differ in {}: give one of its values, or let it go with relax={}", names.join(", "), names.join(","));
    Err(ProductRefusal::Ambiguous { detail, members: json!({"differ_in": names, "values": mixed, "left_out": left_out}) })
}
