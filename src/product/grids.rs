//! The grid factors of Chinese provinces: which releases have them, of which activities and years.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kin::{Relative, relative};
use super::scope::latest_releases;
use crate::dataset::{Act, Principal};
use crate::release::{Catalogue, Dimension, PublishedRelease};

/// With fewer provinces there is nothing to draw.
const FEWEST: usize = 5;

/// The factors of one electricity activity, region by region.
#[derive(Clone)]
pub struct Grid {
    /// The release that has them.
    pub release: Arc<PublishedRelease>,
    /// Its activity.
    pub activity: String,
    /// Numbers of its factors by year.
    years: BTreeMap<i32, Vec<usize>>,
}

impl Grid {
    /// The years of which it has provinces, the newest first.
    pub fn years(&self) -> Vec<i32> {
        self.years.keys().rev().copied().collect()
    }

    /// The factors of a year, one a region.
    pub fn of(&self, year: i32) -> Vec<Relative> {
        let mut regions = BTreeSet::new();
        let numbers = self.years.get(&year).into_iter().flatten();
        numbers.filter_map(|number| relative(&self.release, *number)).filter(|own| regions.insert(own.region.clone())).collect()
    }
}

/// Every electricity activity of a latest release that has provinces and whose numbers `who` may read; most provinces first.
pub fn grids(catalogue: &Catalogue, who: &Principal) -> Vec<Grid> {
    let mut found: Vec<(usize, Grid)> = Vec::new();
    for release in latest_releases(catalogue, i64::MAX) {
        if release.may(who, Act::ReadNumbers).is_err() {
            continue;
        }
        let index = release.data.index();
        for code in 1..index.codes(Dimension::Activity) {
            let Some(activity) = index.text(Dimension::Activity, code).filter(|own| own.starts_with("electricity/")) else { continue };
            let mut years: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
            let measure = |number: usize| [Dimension::Metric, Dimension::Per, Dimension::Kind].map(|own| index.code(own, number));
            let mut first = None;
            for number in index.of_activity(code).iter() {
                // one measure: numbers of different units do not stand on one map
                let own = measure(number);
                if let Some(year) = release.data.year(number).filter(|_| *first.get_or_insert(own) == own) {
                    years.entry(year).or_default().push(number);
                }
            }
            let province = |number: &usize| {
                index.value(Dimension::Region, *number).is_some_and(|region| region.starts_with("CN-") && region.len() == 5)
            };
            years.retain(|_, numbers| numbers.iter().filter(|number| province(number)).count() >= FEWEST);
            if !years.is_empty() {
                let most = years.values().map(Vec::len).sum();
                found.push((most, Grid { activity: activity.to_owned(), release: release.clone(), years }));
            }
        }
    }
    found.sort_by_key(|(most, _)| std::cmp::Reverse(*most));
    found.into_iter().map(|(_, grid)| grid).collect()
}
