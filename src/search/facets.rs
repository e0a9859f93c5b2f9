//! Counts of what matches, by member and value.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::later_flags;
use super::find::{Matches, Part};
use super::query::{FilterRefusal, read_code};
use crate::factor::dimension_name;
use crate::release::{Catalogue, Dimension};

/// The facets that can be counted.
pub const FACETS: [&str; 9] = ["dataset", "kind", "activity", "region", "year", "category", "dimension", "flag", "licence"];

/// Facets are cut after this many values, the most frequent first.
const FACET_VALUES: usize = 200;

/// Counts by facet and value.
pub(super) type Facets = BTreeMap<String, BTreeMap<String, usize>>;

/// The facets asked for; all but the activity, which has the most values, where none is named.
pub(super) fn read_facets(facets: Option<&str>) -> Result<Vec<&'static str>, FilterRefusal> {
    match facets {
        Some("none") => Ok(Vec::new()),
        None => Ok(FACETS.iter().copied().filter(|name| *name != "activity").collect()),
        Some(names) => {
            let facet = |name: &str| FACETS.iter().copied().find(|facet| *facet == name);
            let mut valid = FACETS.to_vec();
            valid.push("none");
            let read = names.split(',').map(str::trim).map(|name| read_code("facets", name, facet(name), &valid));
            // each once, however often it is named
            let wanted = read.collect::<Result<BTreeSet<_>, _>>()?;
            Ok(wanted.into_iter().collect())
        }
    }
}

/// Counts what matches.
pub(super) fn count(catalogue: &Catalogue, matches: &Matches, names: &[&'static str]) -> Facets {
    names.iter().map(|name| ((*name).to_owned(), count_facet(catalogue, matches, name))).collect()
}

fn count_facet(catalogue: &Catalogue, matches: &Matches, name: &str) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for part in matches.parts.iter().filter(|part| !part.numbers.is_empty()) {
        let Part { release, numbers, .. } = part;
        let mut add = |value: &str, count: usize| *counts.entry(value.to_owned()).or_default() += count;
        match name {
            "dataset" => add(release.dataset.as_str(), numbers.len()),
            "licence" => {
                let own: BTreeSet<&str> = release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect();
                own.into_iter().for_each(|licence| add(licence, numbers.len()));
            }
            "flag" => count_flags(catalogue, part, matches.facts).into_iter().for_each(|(flag, count)| add(&flag, count)),
            "dimension" => count_column(part, Dimension::Per).for_each(|(per, count)| add(dimension_name(per), count)),
            _ => {
                if let Some(dimension) = column(name) {
                    count_column(part, dimension).for_each(|(value, count)| add(value, count));
                }
            }
        }
    }
    most_frequent(counts)
}

fn column(name: &str) -> Option<Dimension> {
    Dimension::ALL.into_iter().find(|dimension| dimension.name() == name)
}

/// Each value of a column that any of the factors has, and how many have it.
fn count_column(part: &Part, dimension: Dimension) -> impl Iterator<Item = (&str, usize)> {
    let index = part.release.data.index();
    let counts = match part.alike.iter().find(|(own, _)| *own == dimension) {
        Some((_, code)) => vec![(*code, part.numbers.len())],
        None if index.codes(dimension) < 2 => Vec::new(),
        None => {
            let mut by_code = vec![0usize; usize::try_from(index.codes(dimension)).unwrap_or(0)];
            for number in &part.numbers {
                if let Some(count) = by_code.get_mut(usize::try_from(index.code(dimension, *number)).unwrap_or(0)) {
                    *count += 1;
                }
            }
            (0u32..).zip(by_code).filter(|(_, count)| *count > 0).collect()
        }
    };
    counts.into_iter().filter_map(move |(code, count)| Some((index.text(dimension, code)?, count)))
}

/// Flags of the release and those that were raised later, each factor once.
fn count_flags(catalogue: &Catalogue, part: &Part, facts: i64) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (flags, count) in count_column(part, Dimension::Flags) {
        for flag in flags.split(' ') {
            *counts.entry(flag.to_owned()).or_default() += count;
        }
    }
    for (number, flag) in later_flags(catalogue, &part.release, facts) {
        let own = part.release.data.index().value(Dimension::Flags, number).unwrap_or_default();
        if part.numbers.binary_search(&number).is_ok() && !own.split(' ').any(|own| own == flag) {
            *counts.entry(flag).or_default() += 1;
        }
    }
    counts
}

fn most_frequent(counts: BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    if counts.len() <= FACET_VALUES {
        return counts;
    }
    let mut by_count: Vec<(String, usize)> = counts.into_iter().collect();
    by_count.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    by_count.into_iter().take(FACET_VALUES).collect()
}
