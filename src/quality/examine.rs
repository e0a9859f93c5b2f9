//! Walks the lines of a draft or a release twice: once to learn what peers have, once to hold each factor against it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io;

use serde::{Deserialize, Serialize};

use super::glance::Glance;
use super::peers::{Peers, score_text};
use super::plausible::Plausible;
use super::references::{DIRECT, References};
use super::rules::{
    CARBON_DIOXIDE_ONLY, IMPLAUSIBLE, NO_BOUNDARY, OLD_YEAR, OTHER_KIND, OUTLIER, PAST_VALIDITY, QualityRule, SAME_ACTIVITIES, SAME_PLACES,
    SECOND_HAND,
};
use crate::dataset::Lines;
use crate::factor::{Metric, SourceLevel, Status};
use crate::flow::in_order;

/// Data years so far apart are far apart.
const OLD_YEARS: i32 = 10;

/// A flag that a rule proposes for a factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Raised {
    /// The factor.
    pub key: String,
    /// Code of `schema/flags.csv`.
    pub flag: String,
    /// Id of the rule.
    pub rule: String,
    /// Version of the rule.
    pub rule_version: u32,
    /// What was found, in words.
    pub evidence: String,
}

/// What the lines are held against.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The day that validities are compared with (ISO 8601).
    pub today: String,
    /// Direct electricity factors of other datasets.
    pub references: References,
}

struct Examiner {
    peers: Peers,
    plausible: Plausible,
    newest: HashMap<String, i32>,
    /// Of each block the logarithms of its lines' values, which cost more than what is remembered of them.
    logs: Vec<Vec<Option<i32>>>,
    against: Against,
}

/// What some lines tell of all: made by several threads, and put together in their order.
#[derive(Default)]
struct Learnt {
    peers: Peers,
    logs: Vec<Option<i32>>,
    newest: HashMap<String, i32>,
    units: BTreeSet<String>,
    /// Lines of direct electricity factors.
    direct: Vec<Vec<u8>>,
}

/// Hands out, in order of key, every flag that a rule proposes and the factor does not carry, line by line.
///
/// `blocks` gives the lines in blocks of whole ones, as often as it is asked. `each` gets every line and what was raised for
/// it. Memory is some fifty bytes a factor and some blocks.
///
/// # Errors
/// When a block or a line does not read; what `each` returns.
pub fn examine<'a, I, E>(
    blocks: impl Fn() -> I,
    against: Against,
    mut each: impl FnMut(&[u8], Vec<Raised>) -> Result<(), E>,
) -> Result<(), E>
where
    I: Iterator<Item = io::Result<Cow<'a, [u8]>>> + Send,
    E: From<io::Error>,
{
    let mut examiner =
        Examiner { peers: Peers::default(), plausible: Plausible::default(), newest: HashMap::new(), logs: Vec::new(), against };
    in_order(blocks(), |block| Learnt::from(&block?), |learnt| Ok::<_, io::Error>(examiner.learn(learnt?)?))?;
    examiner.peers.finish();
    let examiner = &examiner;
    // the blocks are those of the first walk
    let hold = |(block, logs): (io::Result<Cow<'a, [u8]>>, &Vec<Option<i32>>)| {
        let block = block?;
        let raised = Lines::new(&block).zip(logs).map(|(line, log)| Ok(examiner.hold(&Glance::at(line)?, *log)));
        let raised = raised.collect::<io::Result<Vec<_>>>()?;
        Ok::<_, io::Error>((block, raised))
    };
    in_order(blocks().zip(&examiner.logs), hold, |held| {
        let (block, raised) = held?;
        Lines::new(&block).zip(raised).try_for_each(|(line, raised)| each(line, raised))
    })
}

impl Learnt {
    fn from(block: &[u8]) -> io::Result<Self> {
        let mut own = Self::default();
        for line in Lines::new(block) {
            let factor = Glance::at(line)?;
            own.logs.push(own.peers.take(&factor));
            if factor.kind == DIRECT {
                own.direct.push(line.to_vec());
            }
            if !own.units.contains(&*factor.per) {
                own.units.insert(factor.per.clone().into_owned());
            }
            if let Some(year) = factor.year {
                take_newest(&mut own.newest, &factor.kind, year);
            }
        }
        Ok(own)
    }
}

fn take_newest(newest: &mut HashMap<String, i32>, kind: &str, year: i32) {
    match newest.get_mut(kind) {
        Some(own) => *own = (*own).max(year),
        None => drop(newest.insert(kind.to_owned(), year)),
    }
}

impl Examiner {
    fn learn(&mut self, mut learnt: Learnt) -> Result<(), serde_json::Error> {
        self.peers.append(&mut learnt.peers);
        self.logs.push(std::mem::take(&mut learnt.logs));
        learnt.newest.iter().for_each(|(kind, year)| take_newest(&mut self.newest, kind, *year));
        for per in &learnt.units {
            self.plausible.learn(per);
            self.against.references.learn(per);
        }
        for line in &learnt.direct {
            let factor = Glance::at(line)?;
            self.against.references.take(&factor, || format!("#{}", factor.key));
        }
        Ok(())
    }

    fn hold(&self, factor: &Glance<'_>, log: Option<i32>) -> Vec<Raised> {
        let mut raised = Vec::new();
        let mut raise = |rule: QualityRule, evidence: Option<String>| {
            let known = |flag: &str| factor.flags.iter().any(|own| own == flag);
            if let Some(evidence) = evidence.filter(|_| !known(rule.flag) && !raised.iter().any(|other: &Raised| other.flag == rule.flag)) {
                raised.push(Raised {
                    key: factor.key.clone().into_owned(),
                    flag: rule.flag.to_owned(),
                    rule: rule.id.to_owned(),
                    rule_version: rule.version,
                    evidence,
                });
            }
        };
        raise(IMPLAUSIBLE, self.implausible(factor));
        raise(OUTLIER, self.outlier(factor, log));
        let (regions, activities) = self.peers.shared(factor);
        raise(SAME_PLACES, regions.then(|| format!("{} stands for three or more regions", factor.value)));
        raise(SAME_ACTIVITIES, activities.then(|| format!("{} stands for five or more activities", factor.value)));
        raise(OTHER_KIND, self.against.references.recognised(factor).map(|place| format!("{} is the number of {place}", factor.value)));
        raise(CARBON_DIOXIDE_ONLY, carbon_dioxide_only(factor));
        raise(PAST_VALIDITY, self.past_validity(factor));
        raise(OLD_YEAR, self.old_year(factor));
        raise(NO_BOUNDARY, no_boundary(factor));
        let second = factor.source.level == Some(SourceLevel::Secondary);
        raise(SECOND_HAND, second.then(|| "the source level is secondary".to_owned()));
        raised.sort_by(|a, b| a.flag.cmp(&b.flag));
        raised
    }

    fn implausible(&self, factor: &Glance<'_>) -> Option<String> {
        let outside = self.plausible.outside(factor)?;
        let (value, per, kind) = (&factor.value, &factor.per, &factor.kind);
        Some(format!("{value} kg per {per} is {} kg per {}, the bound for {kind}: {}", outside.what, outside.per, outside.reason))
    }

    fn outlier(&self, factor: &Glance<'_>, log: Option<i32>) -> Option<String> {
        let far = self.peers.far(factor, log)?;
        let side = if far.above { "above" } else { "below" };
        let score = score_text(far.score);
        Some(format!("{} lies {side} its {} peers of {}: modified z-score {score} on logarithms", factor.value, far.peers, far.among))
    }

    fn past_validity(&self, factor: &Glance<'_>) -> Option<String> {
        if factor.status == Some(Status::Superseded) {
            return Some("its status is superseded".to_owned());
        }
        let last = factor.valid.to.as_ref().filter(|last| **last < self.against.today)?;
        Some(format!("valid until {last}, and it is {}", self.against.today))
    }

    fn old_year(&self, factor: &Glance<'_>) -> Option<String> {
        let (year, newest) = (factor.year?, *self.newest.get(&*factor.kind)?);
        (newest - year >= OLD_YEARS).then(|| format!("data year {year}, and the newest of its kind is {newest}"))
    }
}

fn carbon_dioxide_only(factor: &Glance<'_>) -> Option<String> {
    if matches!(&*factor.kind, "gwp" | "removal") {
        return None;
    }
    if factor.metric == Metric::Co2 {
        return Some("the metric is CO2 alone".to_owned());
    }
    let burnt = matches!(&*factor.kind, "combustion" | "transport");
    let alone = !factor.gases.is_empty() && factor.gases_co2e.is_empty() && factor.gases.iter().all(|gas| gas.gas == "CO2");
    (burnt && alone).then(|| "of its gases CO2 alone is listed".to_owned())
}

fn no_boundary(factor: &Glance<'_>) -> Option<String> {
    let lifecycle = matches!(&*factor.kind, "product-lifecycle" | "electricity-lifecycle");
    (lifecycle && factor.boundary.is_none() && factor.stages.is_empty()).then(|| "the boundary is not stated".to_owned())
}
