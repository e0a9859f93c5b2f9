//! Rules over several cells of one row: GWP sets, sums, signs.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::Rule;
use super::cells::Cells;
use crate::factor::exact::to_json_number;
use crate::factor::{Decimal, Factor, GAS_COLUMNS, GasAmount, GwpSet, Metric, Origin, Scheme, StageCode, counted_stages, parts_of_stage};

/// Checks a factor whose cells are sound one by one.
pub(super) fn check(factor: &Factor, cells: &mut Cells<'_>) {
    check_gwp(factor, cells);
    check_sign(factor, cells);
    check_gases(factor, cells);
    check_stages(factor, cells);
    check_codes(factor, cells);
}

/// A code is kept as it is written; one that does not fit its scheme cannot be found by it.
fn check_codes(factor: &Factor, cells: &mut Cells<'_>) {
    for own in &factor.classifications {
        if let Some(scheme) = Scheme::written(&own.scheme)
            && let Err(why) = scheme.read(&own.code)
        {
            cells.found(Rule::ClassificationCode, "classifications", why);
        }
    }
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

/// How far rounding can have moved an amount: what the source's digits say where the amount was converted, else its own.
struct Rounding(BTreeMap<String, BigRational>);

impl Rounding {
    fn read(cells: &Cells<'_>) -> Self {
        let stated = cells.rounding().split(';').filter_map(|part| part.split_once('='));
        let read = |(column, amount): (&str, &str)| Some((column.to_owned(), amount.parse::<Decimal>().ok()?.to_rational()));
        let mut largest: BTreeMap<String, BigRational> = BTreeMap::new();
        for (column, amount) in stated.filter_map(read) {
            let own = largest.entry(column).or_insert_with(BigRational::zero);
            *own = amount.max(own.clone());
        }
        Self(largest)
    }

    fn of(&self, column: &str, amount: &Decimal) -> BigRational {
        // a bare 0 says that there is nothing; 0.00 is a figure that was rounded
        let own = || if amount.as_str() == "0" { BigRational::zero() } else { amount.rounding_error() };
        self.0.get(column).cloned().unwrap_or_else(own)
    }

    fn of_gas(&self, gas: &GasAmount) -> BigRational {
        let column = GAS_COLUMNS.iter().find(|(_, name, origin)| *name == gas.gas && *origin == gas.origin);
        self.of(column.map_or("other_gases", |(column, ..)| column), &gas.kg)
    }
}

/// A sum and how far the rounding of its terms can have moved it.
struct Sum {
    total: BigRational,
    slack: BigRational,
    doubles: bool,
}

/// Whether a figure has as many digits as an IEEE 754 double needs (15 are kept by every one).
fn is_double(amount: &Decimal) -> bool {
    amount.as_str().bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count() >= 15
}

impl Sum {
    /// Of amounts with their weights and how far rounding can have moved each.
    fn of<'a>(terms: impl Iterator<Item = (&'a Decimal, BigRational, BigRational)>) -> Self {
        let mut sum = Self { total: BigRational::zero(), slack: BigRational::zero(), doubles: false };
        for (amount, weight, rounding) in terms {
            sum.total += amount.to_rational() * &weight;
            sum.slack += rounding * weight;
            sum.doubles |= is_double(amount);
        }
        sum
    }

    /// Each printed figure stands for an interval of half a unit in its last
    /// place; the sum agrees if the intervals of sum and value meet.
    ///
    /// A workbook's total was added up in binary: where a figure has the digits of an IEEE double, the last of 50 bits may differ too.
    fn agrees_with(&self, value: &Decimal, rounding: &Rounding) -> bool {
        let apart = (&self.total - value.to_rational()).abs();
        let binary = if self.doubles || is_double(value) {
            self.total.abs() / BigRational::from(num_bigint::BigInt::from(1_u64 << 50))
        } else {
            BigRational::zero()
        };
        apart <= &self.slack + rounding.of("value", value) + binary
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
    let rounding = Rounding::read(cells);
    let gases = factor.gases.iter().zip(weights).map(|(gas, weight)| (&gas.kg, weight, rounding.of_gas(gas)));
    let one = BigRational::from(num_bigint::BigInt::from(1));
    let parts = factor.gases_co2e.iter().map(|part| (&part.co2e, one.clone(), rounding.of("gases_co2e", &part.co2e)));
    let sum = Sum::of(gases.chain(parts));
    if !sum.agrees_with(&factor.value, &rounding) {
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
    let set = factor.gwp.as_deref().and_then(GwpSet::get);
    let weight = |gas: &GasAmount| match set {
        Some(set) => set.potential(&gas.gas, gas.origin).map_err(|error| error.to_string()),
        // CO2 is the reference of every set
        None if gas.gas == "CO2" => Ok(if gas.origin == Some(Origin::Biogenic) { BigRational::zero() } else { one() }),
        None => Err("the factor names no GWP set".to_owned()),
    };
    factor.gases.iter().map(weight).collect()
}

/// EN 15804 reports module D beside the life cycle, so it is not in the sum; a total beside all its parts counts once.
fn check_stages(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.stages.is_empty() {
        return;
    }
    let one = BigRational::from(num_bigint::BigInt::from(1));
    let rounding = Rounding::read(cells);
    for total in &factor.stages {
        let Some(parts) = StageCode::named(&total.stage).and_then(|code| parts_of_stage(code, &factor.stages)) else { continue };
        let sum = Sum::of(parts.into_iter().map(|part| (&part.value, one.clone(), rounding.of("stages", &part.value))));
        let sum = Sum { slack: sum.slack + rounding.of("stages", &total.value), ..sum };
        if !sum.agrees_with(&total.value, &Rounding(BTreeMap::from([("value".to_owned(), BigRational::zero())]))) {
            let note = format!("{} is {}, but its stages add up to {}", total.stage, total.value, to_json_number(&sum.total));
            cells.found(Rule::StagesAgree, "stages", note);
        }
    }
    let counted = counted_stages(&factor.stages);
    let sum = Sum::of(counted.map(|part| (&part.value, one.clone(), rounding.of("stages", &part.value))));
    if !sum.agrees_with(&factor.value, &rounding) {
        let note = format!("is {}, but its stages add up to {}", factor.value, to_json_number(&sum.total));
        cells.found(Rule::StagesSum, "value", note);
    }
}
