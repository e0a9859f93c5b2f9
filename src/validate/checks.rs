//! Rules over several cells of one row: GWP sets, sums, signs.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::Rule;
use super::cells::Cells;
use crate::factor::exact::to_json_number;
use crate::factor::{
    Col, Decimal, Factor, GAS_COLUMNS, GasAmount, GwpSet, Metric, Origin, Scheme, StageCode, counted_stages, parts_of_stage,
};

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
            cells.found(Rule::ClassificationCode, Col::Classifications, why);
        }
    }
}

fn has_flag(factor: &Factor, code: &str) -> bool {
    factor.flags.iter().any(|flag| flag == code)
}

fn check_gwp(factor: &Factor, cells: &mut Cells<'_>) {
    match (factor.metric, &factor.gwp) {
        (Metric::Co2e, None) if cells.text(Col::Gwp).is_empty() && !has_flag(factor, "gwp_unknown") => {
            cells.found(
                Rule::GwpMissing,
                Col::Gwp,
                "is empty, but the metric is CO2e: name the GWP set, or set the flag gwp_unknown where the source does not say",
            );
        }
        (Metric::Co2, Some(set)) => {
            cells.found(
                Rule::GwpWithoutCo2e,
                Col::Gwp,
                format!("is `{set}`, but the metric is CO2 alone: leave it empty, or is the metric CO2e?"),
            );
        }
        _ => {}
    }
}

fn check_sign(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.value.is_negative() && factor.kind != "removal" {
        cells.found(Rule::NegativeValue, Col::Value, format!("{} is below zero, and the kind is not removal", factor.value));
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
        self.of(column.map_or("other_gases", |(column, ..)| column.name()), &gas.kg)
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

/// Whether the gases of a factor in CO2e add up, told in whole numbers; nothing where those would grow too long.
///
/// A yes is that of [`Sum::agrees_with`]; whatever else is left to it.
fn adds_up(factor: &Factor) -> Option<bool> {
    let set = GwpSet::get(factor.gwp.as_deref()?).filter(|_| factor.metric == Metric::Co2e)?;
    // each amount with its weight: digits and how many of them stand behind the point
    let mut terms: Vec<(&Decimal, u64, u32)> = Vec::with_capacity(factor.gases.len() + factor.gases_co2e.len());
    for gas in &factor.gases {
        if let Some(figure) = set.figure(&gas.gas, gas.origin).ok()? {
            let (_, digits, scale) = figure.small().filter(|(negative, ..)| !negative)?;
            terms.push((&gas.kg, digits, scale));
        }
    }
    terms.extend(factor.gases_co2e.iter().map(|part| (&part.co2e, 1, 0)));
    let places = terms.iter().map(|(amount, _, scale)| amount.scale() + scale).max()?.max(factor.value.scale());
    // all of them in half units of the last place that any has
    let in_halves = |amount: &Decimal, weight: u64, scale: u32| {
        let (negative, digits, own) = amount.small()?;
        let unit = 10_i128.checked_pow(places - own - scale)?.checked_mul(i128::from(weight))?;
        let size = unit.checked_mul(i128::from(digits))?.checked_mul(2)?;
        let rounding = if amount.as_str() == "0" { 0 } else { unit };
        Some((if negative { -size } else { size }, rounding))
    };
    let (value, mut slack) = in_halves(&factor.value, 1, 0)?;
    let mut apart = -value;
    for (amount, weight, scale) in terms {
        let (own, rounding) = in_halves(amount, weight, scale)?;
        (apart, slack) = (apart.checked_add(own)?, slack.checked_add(rounding)?);
    }
    Some(apart.checked_abs()? <= slack)
}

fn check_gases(factor: &Factor, cells: &mut Cells<'_>) {
    if factor.gases.is_empty() && factor.gases_co2e.is_empty() {
        return;
    }
    if has_flag(factor, "partial_gases") && factor.metric == Metric::Co2e {
        return;
    }
    if cells.rounding().is_empty() && adds_up(factor) == Some(true) {
        return;
    }
    let weights = match weights(factor) {
        Ok(weights) => weights,
        Err(reason) => {
            cells.found(Rule::GasesUnchecked, Col::Gwp, format!("the sum of the gases cannot be checked: {reason}"));
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
        cells.found(Rule::GasesSum, Col::Value, note);
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
            cells.found(Rule::StagesAgree, Col::Stages, note);
        }
    }
    let counted = counted_stages(&factor.stages);
    let sum = Sum::of(counted.map(|part| (&part.value, one.clone(), rounding.of("stages", &part.value))));
    if !sum.agrees_with(&factor.value, &rounding) {
        let note = format!("is {}, but its stages add up to {}", factor.value, to_json_number(&sum.total));
        cells.found(Rule::StagesSum, Col::Value, note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SET: &str = "ipcc-ar5-wg1-8.a1-gwp100";

    /// What the slow way says of gases without a stated rounding.
    fn agrees(factor: &Factor) -> bool {
        let rounding = Rounding(BTreeMap::new());
        let gases = factor.gases.iter().zip(weights(factor).unwrap()).map(|(gas, weight)| (&gas.kg, weight, rounding.of_gas(gas)));
        let one = BigRational::from(num_bigint::BigInt::from(1));
        let parts = factor.gases_co2e.iter().map(|part| (&part.co2e, one.clone(), rounding.of("gases_co2e", &part.co2e)));
        Sum::of(gases.chain(parts)).agrees_with(&factor.value, &rounding)
    }

    fn factor(value: &str, gases: &[(&str, Option<&str>, &str)], parts: &[&str]) -> Factor {
        let gases: Vec<_> = gases
            .iter()
            .map(|(gas, origin, kg)| match origin {
                Some(origin) => serde_json::json!({"gas": gas, "origin": origin, "kg": kg}),
                None => serde_json::json!({"gas": gas, "kg": kg}),
            })
            .collect();
        let parts: Vec<_> = parts.iter().map(|co2e| serde_json::json!({"gas": "HFCs", "co2e": co2e})).collect();
        serde_json::from_value(serde_json::json!({
            "key": "k", "activity": "a", "kind": "process", "name": {"en": "n"}, "region": "CN", "value": value, "metric": "CO2e",
            "per": "kg", "gwp": SET, "gases": gases, "gases_co2e": parts, "source": {"id": "s"}
        }))
        .unwrap()
    }

    const AMOUNT: &str = "-?(0|[1-9][0-9]{0,3})([.][0-9]{1,4})?|0[.]0{0,20}[1-9]{1,14}|[1-9][0-9]{17,20}";

    proptest! {
        #[test]
        fn a_quick_yes_is_that_of_the_slow_way(
            value in AMOUNT, co2 in AMOUNT, ch4 in AMOUNT, n2o in AMOUNT, bio in AMOUNT, parts in proptest::collection::vec(AMOUNT, 0..3)
        ) {
            let read = |text: &String| text.parse::<Decimal>().is_ok();
            prop_assume!([&value, &co2, &ch4, &n2o, &bio].into_iter().chain(&parts).all(read));
            let gases = [("CO2", Some("fossil"), &*co2), ("CH4", None, &*ch4), ("N2O", None, &*n2o), ("CO2", Some("biogenic"), &*bio)];
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let own = factor(&value, &gases, &parts);
            prop_assert!(adds_up(&own) != Some(true) || agrees(&own));
        }

        #[test]
        fn sums_near_the_edge_are_told_alike(co2 in 0u32..2000, ch4 in 0u32..50, n2o in 0u32..20, off in -200i64..200) {
            // in ten-thousandths, with amounts of two places and a value of three
            let sum = i64::from(co2) * 100 + i64::from(ch4) * 2800 + i64::from(n2o) * 26500;
            let value = (sum + off * 100).max(0) / 10;
            let text = |number: i64, places: usize| {
                let padded = format!("{number:0width$}", width = places + 1);
                let (whole, part) = padded.split_at(padded.len() - places);
                format!("{whole}.{part}")
            };
            let amounts = [i64::from(co2), i64::from(ch4), i64::from(n2o)].map(|number| text(number, 2));
            let gases = [("CO2", Some("fossil"), &*amounts[0]), ("CH4", None, &*amounts[1]), ("N2O", None, &*amounts[2])];
            let own = factor(&text(value, 3), &gases, &[]);
            prop_assert_eq!(adds_up(&own), Some(agrees(&own)));
        }
    }
}
