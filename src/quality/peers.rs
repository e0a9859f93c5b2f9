//! What a factor's peers have: their middle value and its spread, and values that many of them share.
//!
//! Sixteen bytes a factor and question; a group is known by the hash of its name.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use foldhash::quality::FixedState;

use super::glance::Glance;
use super::scale::{log10, telling_digits};
use crate::flow::both;

/// The fewest peers that an outlier is told by (with fewer a median says little).
pub const LEAST_PEERS: usize = 8;

/// The smallest spread that is believed: five percent, log10(1.05) in units of 2^-20.
const LEAST_SPREAD: i64 = 22_219;

/// The fewest regions that share a value.
const LEAST_REGIONS: usize = 3;

/// The fewest activities that share a value.
const LEAST_ACTIVITIES: usize = 5;

/// The fewest telling digits of a value that is not shared by chance.
pub(super) const LEAST_DIGITS: usize = 3;

/// Median and spread of a group, in units of 2^-20 of a decimal logarithm.
#[derive(Debug, Clone, Copy)]
struct Middle {
    peers: usize,
    median: i64,
    spread: i64,
}

/// A place outside its peers.
pub(super) struct Far {
    /// How many peers.
    pub(super) peers: usize,
    /// The modified z-score in hundredths.
    pub(super) score: i64,
    /// `the activity` or `activities under energy`.
    pub(super) among: String,
    /// Whether it is above them.
    pub(super) above: bool,
}

/// Collects, then answers.
#[derive(Default)]
pub(super) struct Peers {
    logs: Vec<(u64, i32)>,
    regions: Vec<(u64, u32)>,
    activities: Vec<(u64, u32)>,
    middles: HashMap<u64, Middle>,
    shared_regions: HashSet<u64>,
    shared_activities: HashSet<u64>,
}

fn hash(parts: &impl Hash) -> u64 {
    FixedState::default().hash_one(parts) // a fixed seed: the same in every run of a program
}

fn parent(activity: &str) -> Option<&str> {
    activity.rsplit_once('/').map(|(parent, _)| parent)
}

/// What peers have in common beside the activity.
fn common(factor: &Glance<'_>) -> u64 {
    hash(&(&*factor.kind, factor.metric, &*factor.per, factor.basis, factor.price_year))
}

/// By activity, and by the parent of the activity.
fn groups(factor: &Glance<'_>, common: u64) -> [Option<u64>; 2] {
    let own = hash(&("activity", &*factor.activity, common));
    [Some(own), parent(&factor.activity).map(|parent| hash(&("parent", parent, common)))]
}

/// Of what has a value that is not shared by chance: all but its place, and all but what it is of.
fn values(factor: &Glance<'_>, common: u64) -> Option<(u64, Option<u64>)> {
    if telling_digits(&factor.value) < LEAST_DIGITS {
        return None;
    }
    let rest = (&factor.technology, &factor.boundary, &factor.scope, &*factor.gwp, factor.year, factor.value.shortest());
    let rest = hash(&(rest, common));
    let by_activities = parent(&factor.activity).map(|parent| hash(&("activities", parent, &*factor.region, rest)));
    Some((hash(&("regions", &*factor.activity, rest)), by_activities))
}

fn short(parts: &impl Hash) -> u32 {
    u32::try_from(hash(parts) >> 32).unwrap_or_default()
}

impl Peers {
    /// Takes a factor; gives the logarithm of its value, where it has one that is ranked.
    pub(super) fn take(&mut self, factor: &Glance<'_>) -> Option<i32> {
        let common = common(factor);
        let log = log10(&factor.value).filter(|_| !factor.value.is_negative()).and_then(|log| i32::try_from(log).ok());
        if let Some(log) = log {
            self.logs.extend(groups(factor, common).into_iter().flatten().map(|group| (group, log)));
        }
        if let Some((by_regions, by_activities)) = values(factor, common) {
            self.regions.push((by_regions, short(&&*factor.region)));
            self.activities.extend(by_activities.map(|group| (group, short(&&*factor.activity))));
        }
        log
    }

    /// Takes what others collected.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.logs.append(&mut other.logs);
        self.regions.append(&mut other.regions);
        self.activities.append(&mut other.activities);
    }

    /// Ends the collection.
    pub(super) fn finish(&mut self) {
        let (logs, regions, activities) =
            (std::mem::take(&mut self.logs), std::mem::take(&mut self.regions), std::mem::take(&mut self.activities));
        let values = || (shared(regions, LEAST_REGIONS), shared(activities, LEAST_ACTIVITIES));
        let ((shared_regions, shared_activities), middles) = both(values, || middles(logs));
        *self = Self { middles, shared_regions, shared_activities, ..Self::default() };
    }

    /// Whether a factor lies far from its peers: those of its activity where there are enough, else those under its parent.
    ///
    /// `log` is what [`Self::take`] gave for it.
    pub(super) fn far(&self, factor: &Glance<'_>, log: Option<i32>) -> Option<Far> {
        let log = i64::from(log?);
        let (place, middle) =
            groups(factor, common(factor)).into_iter().enumerate().find_map(|(place, group)| Some((place, *self.middles.get(&group?)?)))?;
        let score = (log - middle.median).saturating_mul(6745) / (middle.spread * 100);
        let among = || match place {
            0 => "the same activity".to_owned(),
            _ => format!("activities under {}", parent(&factor.activity).unwrap_or_default()),
        };
        (score.abs() > 350).then(|| Far { peers: middle.peers, score: score.abs(), among: among(), above: score > 0 })
    }

    /// Whether many regions have this very value, and whether many activities do.
    pub(super) fn shared(&self, factor: &Glance<'_>) -> (bool, bool) {
        let Some((by_regions, by_activities)) = values(factor, common(factor)) else { return (false, false) };
        let activities = by_activities.is_some_and(|group| self.shared_activities.contains(&group));
        (self.shared_regions.contains(&by_regions), activities)
    }
}

/// Of each group that is large enough.
fn middles(mut logs: Vec<(u64, i32)>) -> HashMap<u64, Middle> {
    logs.sort_unstable();
    let groups = logs.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() >= LEAST_PEERS);
    groups.filter_map(|group| Some((group.first()?.0, middle(group)))).collect()
}

/// Of sorted logarithms of one group.
fn middle(group: &[(u64, i32)]) -> Middle {
    let at = |place: usize| group.get(place).map_or(0, |(_, log)| i64::from(*log));
    let half = |items: &dyn Fn(usize) -> i64, count: usize| (items((count - 1) / 2) + items(count / 2)) / 2;
    let median = half(&at, group.len());
    let mut away: Vec<i64> = group.iter().map(|(_, log)| (i64::from(*log) - median).abs()).collect();
    away.sort_unstable();
    let spread = half(&|place| away.get(place).copied().unwrap_or(0), away.len()).max(LEAST_SPREAD);
    Middle { peers: group.len(), median, spread }
}

/// The groups with at least so many different members.
fn shared(mut members: Vec<(u64, u32)>, least: usize) -> HashSet<u64> {
    members.sort_unstable();
    members.dedup();
    let many = members.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() >= least);
    many.filter_map(|group| group.first().map(|(name, _)| *name)).collect()
}

/// A ratio of two amounts as a text of one decimal: `1000.0`; for evidence alone.
pub(super) fn score_text(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_spread_is_five_percent() {
        let log = log10(&"1.05".parse().unwrap()).unwrap();
        assert!((log - LEAST_SPREAD).abs() <= 1, "{log}");
    }

    #[test]
    fn the_middle_of_a_group() {
        let of = |logs: &[i32]| middle(&logs.iter().map(|log| (1, *log)).collect::<Vec<_>>());
        let found = of(&[0, 1_000_000, 2_000_000, 90_000_000]);
        assert_eq!((found.median, found.spread), (1_500_000, 1_000_000));
        assert_eq!(of(&[5; 9]).spread, LEAST_SPREAD);
    }

    #[test]
    fn groups_count_different_members() {
        let found = shared(vec![(1, 1), (1, 2), (1, 2), (2, 1), (2, 2), (2, 3), (2, 3)], 3);
        assert_eq!(found, HashSet::from([2]));
    }
}
