//! Which other datasets have what was asked for: the commonest mistake is a right question to the wrong dataset.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Lookup;
use crate::dataset::{Act, Principal};
use crate::factor::Region;
use crate::release::{Catalogue, Dimension, PublishedRelease, ReleaseData};

/// What other datasets have is named up to this many.
const NAMED: usize = 12;

/// Related activities of a dataset, and factors of each, are looked at up to these many.
const RELATED: usize = 1000;
const RELATED_FACTORS: usize = 500;

/// What other datasets have.
pub(super) struct Elsewhere {
    /// `cn-electricity-footprint: electricity/national-average (electricity-lifecycle)`, the most fitting first.
    pub(super) told: Vec<String>,
    /// The datasets among them that have exactly what was asked, with its kind and metric where they were asked.
    pub(super) exact: Vec<String>,
}

/// In the order in which they are named.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    related: bool,
    /// Has the activity, of another kind or metric than was asked.
    another: bool,
    /// How far up from the region asked for; the last where it is not on the way.
    place: usize,
    unlike: Reverse<usize>,
    dataset: String,
    told: String,
}

/// What the latest releases of other datasets that `who` may read have: the activity (or key) itself first, then related
/// activities of the same first part; of each those of the region asked for, or of what it is part of, first.
pub(super) fn elsewhere((catalogue, who): (&Catalogue, &Principal), lookup: &Lookup, asked: &PublishedRelease) -> Elsewhere {
    let number = lookup.key.as_deref().and_then(|key| asked.data.find(key));
    let own = number.and_then(|number| asked.data.index().value(Dimension::Activity, number));
    let activity = lookup.activity.as_deref().or(own);
    let chain = lookup.region.as_deref().map(Region::chain);
    let mut found = Vec::new();
    for (id, releases) in catalogue.datasets().filter(|(id, _)| *id != asked.dataset.as_str()) {
        let Some(latest) = releases.latest().filter(|latest| latest.may(who, Act::ReadNames).is_ok()) else { continue };
        let there = There { id, data: &latest.data, lookup, chain: chain.as_deref() };
        match (activity, lookup.key.as_deref()) {
            (Some(activity), _) => {
                found.extend(there.same(activity));
                found.extend(there.related(activity));
            }
            (None, Some(key)) => found.extend(latest.data.find(key).map(|number| there.found(key, &[number], false))),
            (None, None) => {}
        }
    }
    found.sort();
    found.truncate(NAMED);
    let exact = found.iter().filter(|one| !one.related && !one.another).map(|one| one.dataset.clone()).collect();
    Elsewhere { told: found.into_iter().map(|one| one.told).collect(), exact }
}

/// Another dataset, looked at with a question.
struct There<'a> {
    id: &'a str,
    data: &'a ReleaseData,
    lookup: &'a Lookup,
    chain: Option<&'a [&'static str]>,
}

impl There<'_> {
    fn same(&self, activity: &str) -> Option<Found> {
        let index = self.data.index();
        let numbers: Vec<usize> = index.of_activity(index.code_of(Dimension::Activity, activity)?).iter().collect();
        let fitting: Vec<usize> = numbers.iter().copied().filter(|number| self.fits(*number)).collect();
        Some(if fitting.is_empty() { self.found(activity, &numbers, true) } else { self.found(activity, &fitting, false) })
    }

    /// Activities with the same first part, of the kind and metric that were asked, and on the way up from the region.
    fn related(&self, activity: &str) -> Vec<Found> {
        let index = self.data.index();
        let family = activity.split('/').next().unwrap_or_default();
        let all = (1..index.codes(Dimension::Activity)).filter_map(|code| Some((code, index.text(Dimension::Activity, code)?)));
        let kin = all.filter(|(_, own)| *own != activity && own.split('/').next() == Some(family)).take(RELATED);
        let words: BTreeSet<&str> = activity.split(['/', '-']).collect();
        let mut found = Vec::new();
        for (code, own) in kin {
            let numbers: Vec<usize> = index.of_activity(code).iter().take(RELATED_FACTORS).filter(|number| self.fits(*number)).collect();
            let one = self.found(own, &numbers, false);
            if !numbers.is_empty() && (self.chain.is_none() || one.place < usize::MAX) {
                let alike = own.split(['/', '-']).filter(|word| words.contains(word)).count();
                found.push(Found { related: true, unlike: Reverse(alike), ..one });
            }
        }
        found
    }

    /// Of the kind and the metric that were asked.
    fn fits(&self, number: usize) -> bool {
        let mut asked = self.lookup.equal.iter().filter(|(dimension, _)| matches!(dimension, Dimension::Kind | Dimension::Metric));
        asked.all(|(dimension, value)| self.data.index().value(*dimension, number) == Some(value.as_str()))
    }

    fn found(&self, name: &str, numbers: &[usize], another: bool) -> Found {
        let text = |dimension: Dimension, number: usize| self.data.index().value(dimension, number);
        let kinds: BTreeSet<&str> = numbers.iter().filter_map(|number| text(Dimension::Kind, *number)).collect();
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
        let up = |number: &usize| {
            let region = text(Dimension::Region, *number)?;
            self.chain?.iter().position(|place| *place == region)
        };
        let place = match self.chain {
            None => 0,
            Some(_) => numbers.iter().filter_map(up).min().unwrap_or(usize::MAX),
        };
        let told = format!("{}: {name} ({kinds})", self.id);
        Found { related: false, another, place, unlike: Reverse(0), dataset: self.id.to_owned(), told }
    }
}
