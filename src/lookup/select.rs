//! Selecting one factor of a release, with explicit fallbacks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::refusal::shown;
use super::{Choice, Existing, Lookup, LookupRefusal, RegionFallback, YearFallback};
use crate::factor::{Region, Unit, UnitMismatch, nearest};
use crate::release::{Dimension, ReleaseData};

/// A dimension in which the answer is not what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// `region`, `year`, or `candidates`.
    pub dimension: &'static str,
    /// What was asked.
    pub asked: Option<String>,
    /// What was used.
    pub used: Option<String>,
    /// `parent`, `earlier`, `nearest`, `newest`.
    pub rule: &'static str,
    /// What was looked at in between, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
}

/// The factor that was selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its number in the release.
    pub number: usize,
    /// Where the answer departs from the question.
    pub steps: Vec<Step>,
    /// How many factors matched before a rule picked one.
    pub candidates: usize,
}

/// Candidates of a refusal are listed up to this many.
const LISTED: usize = 20;

/// Selects the factor that a lookup asks for.
pub fn select(data: &ReleaseData, lookup: &Lookup) -> Result<Selected, LookupRefusal> {
    let named = named(data, lookup)?;
    let like = Like::new(data, lookup);
    let rest: Vec<usize> = named.iter().copied().filter(|number| like.equal(*number)).collect();
    let (found, mut steps) = like.in_place_and_time(&rest).ok_or_else(|| like.no_match(&named, &rest))?;
    let found = like.prefer_gwp(found);
    let found = like.convertible(found)?;
    let candidates = found.len();
    let number = match found.as_slice() {
        [one] => *one,
        several => {
            let newest = if lookup.newest { like.newest(several) } else { None };
            let newest = newest.ok_or_else(|| like.ambiguous(several))?;
            steps.push(like.newest_step(newest));
            newest
        }
    };
    Ok(Selected { number, steps, candidates })
}

/// The factors with the asked key or activity.
fn named(data: &ReleaseData, lookup: &Lookup) -> Result<Vec<usize>, LookupRefusal> {
    let index = data.index();
    if let Some(key) = &lookup.key {
        return data.find(key).map(|number| vec![number]).ok_or_else(|| {
            let start = data.first_from(key).saturating_sub(2);
            let near = (start..index.len()).take(5).map(|number| data.key(number).to_owned()).collect();
            no_match(format!("no factor has the key `{}`", shown(key)), Existing { nearest: near, ..Existing::default() })
        });
    }
    let activity = lookup.activity.as_deref().unwrap_or_default();
    if let Some(code) = index.code_of(Dimension::Activity, activity) {
        return Ok(index.of_activity(code).collect());
    }
    let all: Vec<&str> = (1..index.codes(Dimension::Activity)).filter_map(|code| index.text(Dimension::Activity, code)).collect();
    let family = activity.split('/').next().unwrap_or_default();
    let mut near: Vec<String> = nearest(activity, all.iter().copied()).into_iter().collect();
    near.extend(all.iter().filter(|own| own.split('/').next() == Some(family)).take(LISTED).map(|own| (*own).to_owned()));
    if near.is_empty() {
        near.extend(all.iter().take(LISTED).map(|own| (*own).to_owned()));
    }
    let mut seen = BTreeSet::new();
    near.retain(|own| seen.insert(own.clone()));
    Err(no_match(format!("no factor has the activity `{}`", shown(activity)), Existing { nearest: near, ..Existing::default() }))
}

fn no_match(detail: String, existing: Existing) -> LookupRefusal {
    LookupRefusal::NoMatch { detail, existing: Box::new(existing) }
}

/// A lookup against the columns of a release.
struct Like<'a> {
    data: &'a ReleaseData,
    lookup: &'a Lookup,
    equal: Vec<(Dimension, Option<u32>)>,
}

impl<'a> Like<'a> {
    fn new(data: &'a ReleaseData, lookup: &'a Lookup) -> Self {
        let code = |(dimension, value): &(Dimension, String)| (*dimension, data.index().code_of(*dimension, value));
        Self { data, lookup, equal: lookup.equal.iter().map(code).collect() }
    }

    fn text(&self, dimension: Dimension, number: usize) -> Option<&str> {
        self.data.index().value(dimension, number)
    }

    fn equal(&self, number: usize) -> bool {
        self.equal.iter().all(|(dimension, code)| *code == Some(self.data.index().code(*dimension, number)))
    }

    fn year(&self, number: usize) -> Option<i32> {
        self.text(Dimension::Year, number).and_then(|year| year.parse().ok())
    }

    /// The candidates at the asked place and time, or at the first fallback that has any. Year is relaxed before region.
    fn in_place_and_time(&self, rest: &[usize]) -> Option<(Vec<usize>, Vec<Step>)> {
        let places = self.places();
        for (position, place) in places.iter().enumerate() {
            let here: Vec<usize> = match place {
                Some(place) => rest.iter().copied().filter(|number| self.text(Dimension::Region, *number) == Some(place)).collect(),
                None => rest.to_vec(),
            };
            let Some((found, year_step)) = self.in_time(&here) else { continue };
            let mut steps = Vec::new();
            if position > 0 {
                let tried = places.get(..position).unwrap_or_default().iter().filter_map(|place| place.map(str::to_owned)).collect();
                steps.push(Step {
                    dimension: "region",
                    asked: self.lookup.region.clone(),
                    used: place.map(str::to_owned),
                    rule: "parent",
                    tried,
                });
            }
            steps.extend(year_step);
            return Some((found, steps));
        }
        None
    }

    /// The places to look at, in order; one `None` where no region was asked.
    fn places(&self) -> Vec<Option<&str>> {
        match (&self.lookup.region, self.lookup.region_fallback) {
            (None, _) => vec![None],
            (Some(region), None) => vec![Some(region.as_str())],
            (Some(region), Some(RegionFallback::Parent)) => Region::chain(region).into_iter().map(Some).collect(),
        }
    }

    fn in_time(&self, here: &[usize]) -> Option<(Vec<usize>, Option<Step>)> {
        let Some(asked) = self.lookup.year else {
            return (!here.is_empty()).then(|| (here.to_vec(), None));
        };
        let of_year = |year: i32| here.iter().copied().filter(|number| self.year(*number) == Some(year)).collect::<Vec<_>>();
        let exact = of_year(asked);
        if !exact.is_empty() {
            return Some((exact, None));
        }
        let years: BTreeSet<i32> = here.iter().filter_map(|number| self.year(*number)).collect();
        let (used, rule) = match self.lookup.year_fallback? {
            YearFallback::Earlier => (years.range(..asked).next_back().copied()?, "earlier"),
            YearFallback::Nearest => (years.iter().copied().min_by_key(|year| ((asked - year).abs(), *year))?, "nearest"),
        };
        let step = Step { dimension: "year", asked: Some(asked.to_string()), used: Some(used.to_string()), rule, tried: Vec::new() };
        Some((of_year(used), Some(step)))
    }

    /// Of candidates published under several GWP sets those under the asked one, where there are any.
    fn prefer_gwp(&self, found: Vec<usize>) -> Vec<usize> {
        let Some(set) = self.lookup.gwp else { return found };
        let published: Vec<usize> =
            found.iter().copied().filter(|number| self.text(Dimension::Gwp, *number) == Some(set.id.as_str())).collect();
        if published.is_empty() { found } else { published }
    }

    /// Of candidates in several units those that convert to the asked one; an equal unit before an equal dimension.
    fn convertible(&self, found: Vec<usize>) -> Result<Vec<usize>, LookupRefusal> {
        let amount_unit = self.lookup.amount.as_ref().and_then(|amount| amount.unit.as_ref());
        let Some(wanted) = self.lookup.per.as_ref().or(amount_unit) else { return Ok(found) };
        let mut mismatch = None;
        let mut kept = Vec::new();
        for number in found {
            let per = self.text(Dimension::Per, number).unwrap_or_default();
            match Unit::parse(per).map(|own| own.in_terms_of(wanted)) {
                Ok(Ok(_)) => kept.push(number),
                Ok(Err(error)) => mismatch = Some(error),
                Err(error) => return Err(LookupRefusal::Damaged(error.to_string())),
            }
        }
        let same: Vec<usize> = kept.iter().copied().filter(|number| self.text(Dimension::Per, *number) == Some(wanted.code())).collect();
        match (same.is_empty(), kept.is_empty(), mismatch) {
            (false, ..) => Ok(same),
            (true, true, Some(mismatch)) => Err(UnitMismatch::into(mismatch)),
            _ => Ok(kept),
        }
    }

    /// The one of the latest data year, then of the latest publication; nothing where that leaves several.
    fn newest(&self, several: &[usize]) -> Option<usize> {
        let age = |number: usize| (self.year(number), self.text(Dimension::Published, number));
        let latest = several.iter().copied().map(age).max()?;
        let mut newest = several.iter().copied().filter(|number| age(*number) == latest);
        newest.next().filter(|_| newest.next().is_none())
    }

    fn newest_step(&self, number: usize) -> Step {
        Step { dimension: "candidates", asked: None, used: Some(self.data.key(number).to_owned()), rule: "newest", tried: Vec::new() }
    }

    fn ambiguous(&self, several: &[usize]) -> LookupRefusal {
        let told: Vec<Dimension> = Dimension::ALL
            .into_iter()
            .filter(|dimension| {
                let code = |number: &usize| self.data.index().code(*dimension, *number);
                let first = several.first().map(code);
                several.iter().any(|number| Some(code(number)) != first)
            })
            .filter(|dimension| !matches!(dimension, Dimension::Flags | Dimension::Published | Dimension::Category))
            .collect();
        let choice = |number: &usize| Choice {
            key: self.data.key(*number).to_owned(),
            differs: told
                .iter()
                .map(|dimension| (dimension.name().to_owned(), self.text(*dimension, *number).map(str::to_owned)))
                .collect(),
        };
        let mut dimensions: Vec<String> = told.iter().map(|dimension| dimension.name().to_owned()).collect();
        if dimensions.is_empty() {
            dimensions.push("key".to_owned());
        }
        LookupRefusal::Ambiguous { count: several.len(), dimensions, candidates: several.iter().take(LISTED).map(choice).collect() }
    }

    /// Says which asked dimension has no match, and what there is.
    fn no_match(&self, named: &[usize], rest: &[usize]) -> LookupRefusal {
        let what = self.lookup.activity.as_deref().or(self.lookup.key.as_deref()).unwrap_or_default();
        let mut existing = Existing::default();
        let mut lacking = Vec::new();
        for (dimension, value) in &self.lookup.equal {
            if !named.iter().any(|number| self.text(*dimension, *number) == Some(value)) {
                lacking.push(format!("{}={}", dimension.name(), shown(value)));
            }
            existing.values.insert(dimension.name().to_owned(), self.values(*dimension, named));
        }
        let at_region =
            |number: &&usize| self.lookup.region.as_deref().is_none_or(|region| self.text(Dimension::Region, **number) == Some(region));
        let in_year = |number: &&usize| self.lookup.year.is_none_or(|year| self.year(**number) == Some(year));
        if let Some(region) = self.lookup.region.as_ref().filter(|_| !rest.is_empty()) {
            let there: Vec<usize> = rest.iter().filter(in_year).copied().collect();
            if !rest.iter().any(|number| at_region(&number)) {
                lacking.push(format!("region={region}"));
            }
            existing.values.insert("region".to_owned(), self.values(Dimension::Region, if there.is_empty() { rest } else { &there }));
        }
        if let Some(year) = self.lookup.year.filter(|_| !rest.is_empty()) {
            let here: Vec<usize> = rest.iter().filter(at_region).copied().collect();
            if !rest.iter().any(|number| in_year(&number)) {
                lacking.push(format!("year={year}"));
            }
            existing.values.insert("year".to_owned(), self.values(Dimension::Year, if here.is_empty() { rest } else { &here }));
        }
        existing.fallbacks = self.fallbacks(rest);
        let lacking = if lacking.is_empty() { "this combination".to_owned() } else { lacking.join(" and ") };
        let timeless = self.lookup.year.is_some() && !rest.is_empty() && rest.iter().all(|number| self.year(*number).is_none());
        let hint = if timeless { "; its factors carry no year: leave `year` out" } else { "" };
        no_match(format!("`{what}` has no factor with {lacking}{hint}"), existing)
    }

    fn values(&self, dimension: Dimension, numbers: &[usize]) -> Vec<String> {
        let distinct: BTreeMap<&str, ()> =
            numbers.iter().filter_map(|number| self.text(dimension, *number)).map(|text| (text, ())).collect();
        distinct.into_keys().take(100).map(str::to_owned).collect()
    }

    /// Which fallback parameters would give an answer, and which.
    fn fallbacks(&self, rest: &[usize]) -> Vec<String> {
        let region = Some(RegionFallback::Parent).filter(|_| self.lookup.region.is_some());
        let tries = [
            (self.lookup.region_fallback, Some(YearFallback::Earlier), "year_fallback=earlier"),
            (self.lookup.region_fallback, Some(YearFallback::Nearest), "year_fallback=nearest"),
            (region, self.lookup.year_fallback, "region_fallback=parent"),
            (region, Some(YearFallback::Earlier), "region_fallback=parent&year_fallback=earlier"),
            (region, Some(YearFallback::Nearest), "region_fallback=parent&year_fallback=nearest"),
        ];
        let mut offers = Vec::new();
        for (region_fallback, year_fallback, parameters) in tries {
            let year_fallback = year_fallback.filter(|_| self.lookup.year.is_some());
            let eased = Lookup { region_fallback, year_fallback, ..self.lookup.clone() };
            let like = Like { data: self.data, lookup: &eased, equal: self.equal.clone() };
            let Some((_, steps)) = like.in_place_and_time(rest) else { continue };
            let used: Vec<String> = steps.iter().filter_map(|step| Some(format!("{}={}", step.dimension, step.used.as_ref()?))).collect();
            let offer = format!("{parameters} gives {}", used.join(", "));
            if steps.len() > parameters.matches('&').count() {
                offers.push(offer);
            }
        }
        offers
    }
}
