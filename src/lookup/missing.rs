//! What a lookup that found nothing, or too much, is told.

use std::collections::BTreeMap;

use super::aside::Aside;
use super::refusal::shown;
use super::select::{LISTED, Like, Named, no_match};
use super::{Choice, Existing, Lookup, LookupRefusal, RegionFallback, YearFallback};
use crate::factor::nearest;
use crate::release::Dimension;

impl Like<'_> {
    pub(super) fn ambiguous(&self, several: &[usize]) -> LookupRefusal {
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

    /// Every candidate carries a warning that is not tolerated.
    pub(super) fn not_tolerated(&self, placed: &[usize]) -> LookupRefusal {
        let flags: std::collections::BTreeSet<String> = placed.iter().flat_map(|number| self.untolerated(*number)).collect();
        let keys = placed.iter().take(LISTED).map(|number| self.data.key(*number).to_owned()).collect();
        LookupRefusal::NotTolerated { keys, flags: flags.into_iter().collect() }
    }

    /// Says which asked dimension has no match, and what there is.
    pub(super) fn no_match(&self, what: Named) -> LookupRefusal {
        let named = what.all(self.data);
        let equal: Vec<usize> = named.iter().copied().filter(|number| self.equal(*number)).collect();
        let published: Vec<usize> = equal.iter().copied().filter(|number| self.published(*number)).collect();
        let rest: Vec<usize> = published.iter().copied().filter(|number| self.aside(*number)).collect();
        let fallbacks = self.fallbacks(what);
        let what = self.lookup.activity.as_deref().or(self.lookup.key.as_deref()).unwrap_or_default();
        let mut existing = Existing::default();
        let mut lacking = self.unequal(&named, &mut existing);
        if published.is_empty() && !equal.is_empty() {
            lacking.push(self.unpublished(&equal, &mut existing));
        } else if rest.is_empty() {
            lacking.extend(self.beside(&published, &mut existing));
        }
        lacking.extend(self.elsewhere_or_when(&rest, &mut existing));
        existing.fallbacks = fallbacks;
        let lacking = if lacking.is_empty() { "this combination".to_owned() } else { lacking.join(" and ") };
        let timeless = self.lookup.year.is_some() && !rest.is_empty() && rest.iter().all(|number| self.year(*number).is_none());
        let hint = if timeless { "; its factors carry no year: leave `year` out" } else { "" };
        no_match(format!("`{what}` has no factor with {lacking}{hint}"), existing)
    }

    /// The asked equalities that none of the named factors has, each with the nearest value that there is.
    fn unequal(&self, named: &[usize], existing: &mut Existing) -> Vec<String> {
        let mut lacking = Vec::new();
        for (dimension, value) in &self.lookup.equal {
            let there = self.values(*dimension, named);
            if !named.iter().any(|number| self.text(*dimension, *number) == Some(value)) {
                let hint = self.hint((*dimension, value), &there, existing);
                lacking.push(format!("{}={}{hint}", dimension.name(), shown(value)));
            }
            existing.values.insert(dimension.name().to_owned(), there);
        }
        lacking.extend(self.not_of_set(named, existing));
        lacking
    }

    /// What there is in place of a value: the nearest of a misspelling; of a value that is a right one, that it is not this.
    fn hint(&self, (dimension, value): (Dimension, &str), there: &[String], existing: &mut Existing) -> String {
        let free = matches!(dimension, Dimension::Boundary | Dimension::Technology);
        if free && self.data.index().code_of(dimension, value).is_none() {
            let near = nearest(value, there.iter().map(String::as_str));
            let hint = near.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
            existing.nearest.extend(near);
            return hint;
        }
        let name = dimension.name().replace('_', " ");
        match there {
            [] => format!(" (it states no {name})"),
            [one] => format!(" (it has {one} alone, which is another {name})"),
            [first, second] => format!(" (it has {first} and {second}, each another {name})"),
            [first, second, ..] => format!(" (it has {first}, {second} and others, each another {name})"),
        }
    }

    /// A potential is that of one set: where the asked set has none of this name, those that it has.
    fn not_of_set(&self, named: &[usize], existing: &mut Existing) -> Option<String> {
        let set = self.lookup.gwp.filter(|_| !named.is_empty() && !named.iter().any(|number| self.under_set(*number)))?;
        existing.values.insert("gwp".to_owned(), self.values(Dimension::Gwp, named));
        let index = self.data.index();
        let code = index.code_of(Dimension::Gwp, &set.id);
        let of_set = |number: &usize| code.is_some_and(|code| index.code(Dimension::Gwp, *number) == code) && self.is_potential(*number);
        let all: Vec<usize> = (0..index.len()).filter(of_set).collect();
        let asked = named.first().and_then(|number| self.text(Dimension::Activity, *number)).unwrap_or_default();
        let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        let same = |number: &usize| self.text(Dimension::Activity, *number).is_some_and(|own| begins(own, asked) || begins(asked, own));
        let mut keys: Vec<String> = all.iter().copied().filter(same).map(|number| self.data.key(number).to_owned()).collect();
        let listed = if keys.is_empty() { String::new() } else { format!(": that set has {}", keys.join(", ")) };
        if keys.is_empty() {
            keys = all.iter().take(LISTED).map(|number| self.data.key(*number).to_owned()).collect();
        }
        existing.nearest.extend(keys);
        Some(format!("gwp={} (a global warming potential belongs to its set, and is computed under no other{listed})", set.id))
    }

    fn unpublished(&self, equal: &[usize], existing: &mut Existing) -> String {
        existing.values.insert("published".to_owned(), self.values(Dimension::Published, equal));
        match (self.lookup.published_year, &self.lookup.published_until) {
            (Some(year), None) => format!("published_year={year}"),
            (Some(year), Some(until)) => format!("published_year={year} and published_until={until}"),
            (None, until) => format!("published_until={}", until.as_deref().unwrap_or_default()),
        }
    }

    /// Of validity, price basis and source level those that were asked, with what the lines say of them.
    fn beside(&self, published: &[usize], existing: &mut Existing) -> Vec<String> {
        let asked = [
            ("price_basis", self.lookup.price_basis.map(|basis| basis.code().to_owned())),
            ("source_level", self.lookup.source_level.map(|level| level.code().to_owned())),
            ("valid_at", self.lookup.valid_at.clone()),
        ];
        let mut lacking = Vec::new();
        for (name, value) in asked.into_iter().filter_map(|(name, value)| Some((name, value?))).filter(|_| !published.is_empty()) {
            let said = published.iter().filter_map(|number| Aside::of(self.data, *number)?.said_of(name));
            let distinct: std::collections::BTreeSet<String> = said.collect();
            let listed = if name == "valid_at" { "valid" } else { name };
            existing.values.insert(listed.to_owned(), distinct.into_iter().take(100).collect());
            lacking.push(format!("{name}={value}"));
        }
        lacking
    }

    fn elsewhere_or_when(&self, rest: &[usize], existing: &mut Existing) -> Vec<String> {
        let mut lacking = Vec::new();
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
        lacking
    }

    fn values(&self, dimension: Dimension, numbers: &[usize]) -> Vec<String> {
        let distinct: BTreeMap<&str, ()> =
            numbers.iter().filter_map(|number| self.text(dimension, *number)).map(|text| (text, ())).collect();
        distinct.into_keys().take(100).map(str::to_owned).collect()
    }

    /// Which fallback parameters would give an answer, and which.
    fn fallbacks(&self, named: Named) -> Vec<String> {
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
            let Some((_, steps)) = like.in_place_and_time(named) else { continue };
            let used: Vec<String> = steps.iter().filter_map(|step| Some(format!("{}={}", step.dimension, step.used.as_ref()?))).collect();
            let offer = format!("{parameters} gives {}", used.join(", "));
            if steps.len() > parameters.matches('&').count() {
                offers.push(offer);
            }
        }
        offers
    }
}
