//! The factors that a footprint is compared with: found by what they are of, then held against what must be equal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_rational::BigRational;
use serde_json::{Value, json};

use super::ProductRefusal;
use super::benchmark::{Asked, BenchmarkQuery};
use super::refusal::shown;
use super::scope::{blocking_flags, filled, read_factor, readable};
use crate::dataset::{Act, Principal};
use crate::factor::{AccountingRule, Factor, Metric, Status, Unit, nearest};
use crate::release::{Catalogue, Dimension, Listing, PublishedRelease};
use crate::search::{CodeTarget, with_codes, with_rules};

/// The most factors that are read for one benchmark.
const MOST: usize = 200_000;
/// What narrows a population, beside what it is of.
const NARROWER: [&str; 6] = ["kind", "region", "year", "boundary", "gwp", "dataset"];

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

    /// The selectors that nothing has, each with what is written alike; nothing where each has something.
    pub(super) fn unknown(&self, query: &BenchmarkQuery) -> Option<(String, Value)> {
        let mut near: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        let mut words = Vec::new();
        let selectors = [("activity", &query.activity, Dimension::Activity), ("category", &query.category, Dimension::Category)];
        for (name, text, dimension) in selectors {
            let Some(text) = filled(text.as_deref()) else { continue };
            let own: BTreeSet<&str> = self.releases.iter().flat_map(|release| texts(release, dimension)).collect();
            if !own.iter().any(|own| if name == "activity" { is_activity(text, own) } else { is_below(text, own) }) {
                words.push(format!("no factor has the {name} `{}`", shown(text)));
                near.insert(name, alike(text.trim_end_matches(['*', '/']), &own));
            }
        }
        if let Some(text) = filled(query.rule.as_deref()) {
            let keys = AccountingRule::keys_of(text);
            let has = |release: &Arc<PublishedRelease>| keys.iter().any(|key| release.data.index().entry_of(Listing::Rule, key).is_some());
            if !self.releases.iter().any(has) {
                let ids: BTreeSet<&str> = AccountingRule::all().iter().map(|rule| rule.id.as_str()).collect();
                words.push(format!("no factor names the rule `{}`", shown(text)));
                near.insert("rule", alike(text, &ids).into_iter().filter(|id| id != text).collect());
            }
        }
        (!words.is_empty()).then(|| (words.join(", and "), json!(near)))
    }

    /// Holds them against what must be equal.
    pub(super) fn compare(self, catalogue: &Catalogue, asked: &Asked) -> Result<Compared, ProductRefusal> {
        let Self { releases, numbers, mut left_out } = self;
        let mut kept = Vec::new();
        for (place, numbers) in numbers {
            let Some(release) = releases.get(place) else { continue };
            for number in numbers {
                match outside(release, number, asked) {
                    None => kept.push((place, number)),
                    Some(reason) => *left_out.entry(reason).or_default() += 1,
                }
            }
        }
        not_too_many(kept.len(), MOST, &asked.selector)?;
        let mut survivors = Vec::new();
        for (place, number) in kept {
            let Some(release) = releases.get(place) else { continue };
            match judge((catalogue, release), (place, number), asked)? {
                Ok(survivor) => survivors.push(survivor),
                Err(reason) => *left_out.entry(reason).or_default() += 1,
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
        sets.push(among(Dimension::Activity, &|own| is_activity(activity, own)));
    }
    if let Some(category) = filled(query.category.as_deref()) {
        sets.push(among(Dimension::Category, &|own| is_below(category, own)));
    }
    if let Some(code) = filled(query.code.as_deref()) {
        let targets = CodeTarget::read(code).map_err(|refusal| ProductRefusal::of_filter(refusal, Some(code)))?;
        sets.push(with_codes(release, &targets));
    }
    if let Some(rule) = filled(query.rule.as_deref()) {
        sets.push(with_rules(release, &AccountingRule::keys_of(rule)));
    }
    let mut sets = sets.into_iter();
    let first = sets.next().unwrap_or_default();
    Ok(sets.fold(first, |kept, set| kept.intersection(&set).copied().collect()))
}

fn texts(release: &PublishedRelease, dimension: Dimension) -> impl Iterator<Item = &str> {
    let index = release.data.index();
    (1..index.codes(dimension)).filter_map(move |code| index.text(dimension, code))
}

/// Whether an activity is the one asked for, or begins as it does before its `*`.
fn is_activity(asked: &str, own: &str) -> bool {
    asked.strip_suffix('*').map_or(own == asked, |start| own.starts_with(start))
}

/// Whether a category is the one asked for, or lies below it.
fn is_below(asked: &str, own: &str) -> bool {
    own.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What is written like a text, or begins as it does, with every step above it; at most five.
fn alike(text: &str, all: &BTreeSet<&str>) -> Vec<String> {
    let folded = text.to_lowercase();
    let steps: BTreeSet<&str> =
        all.iter().flat_map(|own| own.match_indices('/').filter_map(|(at, _)| own.get(..at)).chain([*own])).collect();
    let length = |own: &str| own.chars().count();
    // no other length is near enough
    let near_in_length = |own: &&str| length(own).abs_diff(length(text)) <= (length(text) / 3).max(1);
    let close = nearest(text, steps.iter().copied().filter(near_in_length));
    let mut found: Vec<String> = close.into_iter().collect();
    for own in steps {
        if found.len() >= 5 {
            break;
        }
        if !folded.is_empty() && own.to_lowercase().starts_with(&folded) && !found.iter().any(|one| one == own) {
            found.push(own.to_owned());
        }
    }
    found
}

/// Refuses more than may be read for one answer.
fn not_too_many(count: usize, most: usize, (name, text): &(&'static str, String)) -> Result<(), ProductRefusal> {
    if count <= most {
        return Ok(());
    }
    let valid = NARROWER.map(str::to_owned).to_vec();
    let detail = format!("{count} factors would have to be read, and {most} are the most: narrow them with {}", NARROWER.join(", "));
    Err(ProductRefusal::wrong(name, text, detail, valid))
}

/// The reason why a factor is left out, as far as the index tells it.
fn outside(release: &PublishedRelease, number: usize, asked: &Asked) -> Option<&'static str> {
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
            return Some(reason);
        }
    }
    if index.value(Dimension::Metric, number) != Some(asked.metric.code()) {
        return Some("metric");
    }
    ratio(release, number, asked).is_none().then_some("unit")
}

/// How many of a factor's unit the asked unit is; nothing where it measures something else.
fn ratio(release: &PublishedRelease, number: usize, asked: &Asked) -> Option<BigRational> {
    let per = Unit::parse(release.data.index().value(Dimension::Per, number).unwrap_or_default()).ok()?;
    asked.per.in_terms_of(&per).ok()
}

/// One factor per the asked unit, or the reason why it is left out.
fn judge(
    (catalogue, release): (&Catalogue, &PublishedRelease),
    (place, number): (usize, usize),
    asked: &Asked,
) -> Result<Result<Survivor, &'static str>, ProductRefusal> {
    let Some(ratio) = ratio(release, number, asked) else { return Ok(Err("unit")) };
    let factor = read_factor(release, number)?;
    if factor.status.is_some_and(|status| status != Status::Valid) {
        return Ok(Err("status"));
    }
    if !blocking_flags(catalogue, release, &factor, number).is_empty() {
        return Ok(Err("flags"));
    }
    let told = told(&factor);
    let Factor { region, year, value, .. } = factor;
    Ok(Ok(Survivor { release: place, number, value: value.to_rational() * ratio, region, year, told }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_may_be_read_is_refused_with_what_narrows() {
        let all = ("activity", "*".to_owned());
        assert!(not_too_many(3, 3, &all).is_ok());
        let refusal = not_too_many(4, 3, &all).unwrap_err();
        assert_eq!((refusal.code(), &refusal.details()["valid"]), ("invalid-parameter", &json!(NARROWER)));
        assert!(refusal.to_string().contains("kind, region, year"), "{refusal}");
    }

    #[test]
    fn what_is_written_alike_is_named_with_the_steps_above_it() {
        let all = BTreeSet::from(["Metals/Steel", "Metals/Steel/Flat", "Food/Beef"]);
        assert_eq!(alike("Metal", &all), ["Metals", "Metals/Steel", "Metals/Steel/Flat"]);
        assert_eq!(alike("Metals/Stel", &all), ["Metals/Steel"]);
        assert_eq!((alike("", &all), alike("nothing like it", &all)), (Vec::new(), Vec::new()));
    }
}
