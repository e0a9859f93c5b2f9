//! What pinned factors say of amounts: emissions, exactly, and sums of what may be added.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;
use serde::Serialize;
use serde_json::Number;

use super::LockedAmount;
use crate::factor::exact::to_json_number;
use crate::factor::{Factor, Metric, Unit};

/// An exact number as a JSON number of at most 17 significant digits, rounded once.
pub(super) fn number(value: &BigRational) -> Option<Number> {
    serde_json::from_str(&to_json_number(value)).ok()
}

/// By how many percent a number moved; nothing from zero.
pub(super) fn percent(from: &BigRational, to: &BigRational) -> Option<BigRational> {
    let hundred = BigRational::from(num_bigint::BigInt::from(100));
    (!from.is_zero()).then(|| (to - from) / from * hundred)
}

/// The emission of an amount, in kg of the factor's metric: exactly what a lookup with the amount computes.
///
/// # Errors
/// Says why the amount cannot be counted per the factor's unit.
pub fn emission(factor: &Factor, amount: &LockedAmount) -> Result<BigRational, String> {
    let own = Unit::parse(&factor.per).map_err(|error| error.to_string())?;
    let unit = Unit::parse(&amount.unit).map_err(|error| format!("the amount's unit: {error}"))?;
    let ratio = unit.in_terms_of(&own).map_err(|error| format!("the amount cannot be counted: {error}"))?;
    Ok(factor.value.to_rational() * amount.value.to_rational() * ratio)
}

/// What is counted: never CO2 with CO2e, never two GWP sets.
pub(super) type Group = (&'static str, Option<String>);

/// What a factor is counted with.
pub(super) fn group(factor: &Factor) -> Group {
    let gwp = factor.gwp.clone().filter(|_| factor.metric == Metric::Co2e);
    (factor.metric.code(), gwp)
}

/// The emission of one pinned factor, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Emission {
    /// The amount, as it is written in the file.
    pub amount: LockedAmount,
    /// `kg`.
    pub unit: &'static str,
    /// `CO2` or `CO2e`.
    pub metric: &'static str,
    /// GWP set of a CO2e value.
    pub gwp: Option<String>,
    /// With the pinned factor.
    pub from: Option<Number>,
    /// After `tanyin lock update`.
    pub to: Option<Number>,
    /// By how many percent it moves.
    pub percent: Option<Number>,
}

/// The sum of the emissions of one metric and one GWP set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Total {
    /// `CO2` or `CO2e`.
    pub metric: &'static str,
    /// GWP set; null for CO2, and for CO2e whose set its source does not tell.
    pub gwp: Option<String>,
    /// `kg`.
    pub unit: &'static str,
    /// How many factors are in it now.
    pub factors: usize,
    /// With the pinned factors.
    pub from: Option<Number>,
    /// After `tanyin lock update`.
    pub to: Option<Number>,
    /// By how many percent it moves.
    pub percent: Option<Number>,
}

/// Sums by group.
#[derive(Debug, Default)]
pub(super) struct Sums(BTreeMap<Group, (usize, BigRational, BigRational)>);

impl Sums {
    /// Counts one emission: in one group before, perhaps in another after.
    pub(super) fn add(&mut self, (before, from): (Group, &BigRational), (after, to): (Group, &BigRational)) {
        let sum = self.0.entry(before).or_insert_with(|| (0, BigRational::zero(), BigRational::zero()));
        sum.0 += 1;
        sum.1 += from;
        self.0.entry(after).or_insert_with(|| (0, BigRational::zero(), BigRational::zero())).2 += to;
    }

    pub(super) fn totals(self) -> Vec<Total> {
        let total = |((metric, gwp), (factors, from, to)): (Group, (usize, BigRational, BigRational))| Total {
            metric,
            gwp,
            unit: "kg",
            factors,
            from: number(&from),
            to: number(&to),
            percent: percent(&from, &to).as_ref().and_then(number),
        };
        self.0.into_iter().map(total).collect()
    }
}
