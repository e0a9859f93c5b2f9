//! Walks the lines of a draft or a release twice: once to learn what peers have, once to hold each factor against it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::peers::{Peers, score_text};
use super::plausible::Plausible;
use super::references::References;
use super::rules::{
    CARBON_DIOXIDE_ONLY, IMPLAUSIBLE, NO_BOUNDARY, OLD_YEAR, OTHER_KIND, OUTLIER, PAST_VALIDITY, QualityRule, SAME_ACTIVITIES, SAME_PLACES,
    SECOND_HAND,
};
use crate::dataset::Lines;
use crate::factor::{Factor, Metric, SourceLevel, Status};

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
    against: Against,
}

/// Hands out, in order of key, every flag that a rule proposes and the factor does not carry, factor by factor.
///
/// `each` gets every factor with its line and what was raised for it. Memory is some forty bytes a factor.
///
/// # Errors
/// When a line does not read; what `each` returns.
pub fn examine<E: From<serde_json::Error>>(
    lines: &[u8],
    against: Against,
    mut each: impl FnMut(&Factor, &[u8], Vec<Raised>) -> Result<(), E>,
) -> Result<(), E> {
    let mut examiner = Examiner { peers: Peers::default(), plausible: Plausible::default(), newest: HashMap::new(), against };
    for line in Lines::new(lines) {
        let factor = Factor::from_line(line)?;
        examiner.peers.take(&factor);
        examiner.against.references.take(&factor, || format!("#{}", factor.key));
        if let Some(year) = factor.year {
            let newest = examiner.newest.entry(factor.kind.clone()).or_insert(year);
            *newest = (*newest).max(year);
        }
    }
    examiner.peers.finish();
    for line in Lines::new(lines) {
        let factor = Factor::from_line(line)?;
        let raised = examiner.hold(&factor);
        each(&factor, line, raised)?;
    }
    Ok(())
}

impl Examiner {
    fn hold(&mut self, factor: &Factor) -> Vec<Raised> {
        let mut raised = Vec::new();
        let mut raise = |rule: QualityRule, evidence: Option<String>| {
            let known = |flag: &str| factor.flags.iter().any(|own| own == flag);
            if let Some(evidence) = evidence.filter(|_| !known(rule.flag) && !raised.iter().any(|other: &Raised| other.flag == rule.flag)) {
                raised.push(Raised {
                    key: factor.key.clone(),
                    flag: rule.flag.to_owned(),
                    rule: rule.id.to_owned(),
                    rule_version: rule.version,
                    evidence,
                });
            }
        };
        raise(IMPLAUSIBLE, self.implausible(factor));
        raise(OUTLIER, self.outlier(factor));
        raise(SAME_PLACES, self.peers.shared_by_regions(factor).then(|| format!("{} stands for three or more regions", factor.value)));
        raise(
            SAME_ACTIVITIES,
            self.peers.shared_by_activities(factor).then(|| format!("{} stands for five or more activities", factor.value)),
        );
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

    fn implausible(&mut self, factor: &Factor) -> Option<String> {
        let outside = self.plausible.outside(factor)?;
        let (value, per, kind) = (&factor.value, &factor.per, &factor.kind);
        Some(format!("{value} kg per {per} is {} kg per {}, the bound for {kind}: {}", outside.what, outside.per, outside.reason))
    }

    fn outlier(&self, factor: &Factor) -> Option<String> {
        let far = self.peers.far(factor)?;
        let side = if far.above { "above" } else { "below" };
        let score = score_text(far.score);
        Some(format!("{} lies {side} its {} peers of {}: modified z-score {score} on logarithms", factor.value, far.peers, far.among))
    }

    fn past_validity(&self, factor: &Factor) -> Option<String> {
        if factor.status == Some(Status::Superseded) {
            return Some("its status is superseded".to_owned());
        }
        let last = factor.valid.to.as_ref().filter(|last| **last < self.against.today)?;
        Some(format!("valid until {last}, and it is {}", self.against.today))
    }

    fn old_year(&self, factor: &Factor) -> Option<String> {
        let (year, newest) = (factor.year?, *self.newest.get(&factor.kind)?);
        (newest - year >= OLD_YEARS).then(|| format!("data year {year}, and the newest of its kind is {newest}"))
    }
}

fn carbon_dioxide_only(factor: &Factor) -> Option<String> {
    if matches!(factor.kind.as_str(), "gwp" | "removal") {
        return None;
    }
    if factor.metric == Metric::Co2 {
        return Some("the metric is CO2 alone".to_owned());
    }
    let burnt = matches!(factor.kind.as_str(), "combustion" | "transport");
    let alone = !factor.gases.is_empty() && factor.gases_co2e.is_empty() && factor.gases.iter().all(|gas| gas.gas == "CO2");
    (burnt && alone).then(|| "of its gases CO2 alone is listed".to_owned())
}

fn no_boundary(factor: &Factor) -> Option<String> {
    let lifecycle = matches!(factor.kind.as_str(), "product-lifecycle" | "electricity-lifecycle");
    (lifecycle && factor.boundary.is_none() && factor.stages.is_empty()).then(|| "the boundary is not stated".to_owned())
}
