//! Rules over several cells of one row: GWP sets, sums, signs.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::Rule;
use super::cells::Cells;
use crate::factor::exact::to_json_number;
use crate::factor::{Decimal, Factor, GwpSet, Metric, Origin};

/// Checks a factor whose cells are sound one by one.
pub(super) fn check(factor: &Factor, cells: &mut Cells<'_>) {
    check_gwp(factor, cells);
    check_sign(factor, cells);
    check_gases(factor, cells);
    check_stages(factor, cells);
}

fn has_flag(factor: &Factor, code: &str) -> bool {
    factor.flags.iter().any(|flag| flag == code)
}

fn check_gwp(factor: &Factor, cells: &mut Cells<'_>) {
    match (factor.metric, &factor.gwp) {
        (Metric::Co2e, None) if cells.text("gwp").is_empty() && !has_flag(factor, "gwp_unknown") => {
            cells.found(
                Rule::GwpMissing,
                "gwp",
                "is empty, but the metric is CO2e: name the GWP set, or set the flag gwp_unknown where the source does not say",
            );
        }
        (Metric::Co2, Some(set)) => {
            cells.found(
                Rule::GwpWithoutCo2e,
                "gwp",
                format!("is `{set}`, but the metric is CO2 alone: leave it empty, or is the metric CO2e?"),
            );
        }
        _ => {}
    }
}

fn check_sign(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.value.is_negative() && factor.kind != "removal" {
        cells.found(Rule::NegativeValue, "value", format!("{} is below zero, and the kind is not removal", factor.value));
    }
}

/// A sum and how far the rounding of its terms can have moved it.
struct Sum {
    total: BigRational,
    slack: BigRational,
}

impl Sum {
    fn of<'a>(terms: impl Iterator<Item = (&'a Decimal, BigRational)>) -> Self {
        let mut sum = Self { total: BigRational::zero(), slack: BigRational::zero() };
        for (amount, weight) in terms {
            sum.total += amount.to_rational() * &weight;
            sum.slack += amount.rounding_error() * weight;
        }
        sum
    }

    /// Each printed figure stands for an interval of half a unit in its last
    /// place; the sum agrees if the intervals of sum and value meet.
    fn agrees_with(&self, value: &Decimal) -> bool {
        (&self.total - value.to_rational()).abs() <= &self.slack + value.rounding_error()
    }
}

fn check_gases(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.gases.is_empty() && factor.gases_co2e.is_empty() {
        return;
    }
    if has_flag(factor, "partial_gases") && factor.metric == Metric::Co2e {
        return;
    }
    let weights = match weights(factor) {
        Ok(weights) => weights,
        Err(reason) => {
            cells.found(Rule::GasesUnchecked, "gwp", format!("the sum of the gases cannot be checked: {reason}"));
            return;
        }
    };
    let gases = factor.gases.iter().map(|gas| &gas.kg).zip(weights);
    let one = BigRational::from(num_bigint::BigInt::from(1));
    let parts = factor.gases_co2e.iter().map(|part| (&part.co2e, one.clone()));
    let sum = Sum::of(gases.chain(parts));
    if !sum.agrees_with(&factor.value) {
        let under = factor.gwp.as_deref().unwrap_or("CO2 alone");
        let note = format!(
            "is {}, but its gases add up to {} under {under}: correct the one that is wrong, or set partial_gases if gases are missing",
            factor.value,
            to_json_number(&sum.total)
        );
        cells.found(Rule::GasesSum, "value", note);
    }
}

/// What each gas counts: its GWP, or 1 for the CO2 of a CO2 factor.
fn weights(factor: &Factor) -> Result<Vec<BigRational>, String> {
    let one = || BigRational::from(num_bigint::BigInt::from(1));
    if factor.metric == Metric::Co2 {
        let weight = |gas: &crate::factor::GasAmount| {
            if gas.gas == "CO2" && gas.origin != Some(Origin::Biogenic) { one() } else { BigRational::zero() }
        };
        return Ok(factor.gases.iter().map(weight).collect());
    }
    let set = factor.gwp.as_deref().and_then(GwpSet::get).ok_or("the factor names no GWP set")?;
    factor.gases.iter().map(|gas| set.potential(&gas.gas, gas.origin).map_err(|error| error.to_string())).collect()
}

/// EN 15804 reports module D beside the life cycle, so it is not in the sum.
fn check_stages(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.stages.is_empty() {
        return;
    }
    let one = BigRational::from(num_bigint::BigInt::from(1));
    let sum = Sum::of(factor.stages.iter().filter(|part| part.stage != "D").map(|part| (&part.value, one.clone())));
    if !sum.agrees_with(&factor.value) {
        let note = format!("is {}, but its stages add up to {}", factor.value, to_json_number(&sum.total));
        cells.found(Rule::StagesSum, "value", note);
    }
}
