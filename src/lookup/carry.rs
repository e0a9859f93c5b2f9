//! What stands beside a value and goes with it: gases, life-cycle stages, uncertainty. Scaled exactly, or left out with the reason.

use num_rational::BigRational;
use num_traits::Signed;
use serde::Serialize;
use serde_json::value::RawValue;

use super::LookupRefusal;
use crate::factor::exact::to_json_number;
use crate::factor::{Decimal, Factor, GwpSet, Metric, Origin, Uncertainty};

/// A gas of the answer, in the caller's terms.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GasResult {
    /// `CO2`, `CH4`, `N2O`, `SF6`, `NF3`, a CAS number, or a group known only in CO2e (`HFCs`).
    pub gas: String,
    /// Its origin, where the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub origin: Option<Origin>,
    /// kg of the gas itself; left out where it is known only in CO2e.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub kg: Option<Box<RawValue>>,
    /// kg CO2e of it under the GWP set of the answer; left out where the set gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub co2e: Option<Box<RawValue>>,
}

/// The part of the answer that falls to one life-cycle stage.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StageResult {
    /// `A1-A3`, `C4`, `distribution`.
    pub stage: String,
    /// kg of the metric.
    #[schema(value_type = f64)]
    pub value: Box<RawValue>,
}

/// How uncertain the answer is, in the source's own form, scaled with the value.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum UncertaintyResult {
    /// A geometric standard deviation, which no scaling changes.
    Lognormal {
        /// Dimensionless, as published.
        #[schema(value_type = String)]
        gsd: Decimal,
        /// The interval that follows from it.
        interval: IntervalResult,
    },
    /// A standard deviation.
    Normal {
        /// kg of the metric.
        #[schema(value_type = f64)]
        sd: Box<RawValue>,
        /// The interval that follows from it.
        interval: IntervalResult,
    },
    /// Bounds.
    Range {
        /// The bounds, scaled.
        interval: IntervalResult,
    },
    /// Plus or minus percent of the value, which no scaling changes.
    Percent {
        /// Percent of the value, as published.
        #[schema(value_type = String)]
        percent: Decimal,
        /// The interval that follows from it.
        interval: IntervalResult,
    },
    /// Bounds and what is likeliest.
    Triangular {
        /// Smallest, in kg of the metric.
        #[schema(value_type = f64)]
        low: Box<RawValue>,
        /// Likeliest.
        #[schema(value_type = f64)]
        mode: Box<RawValue>,
        /// Largest.
        #[schema(value_type = f64)]
        high: Box<RawValue>,
    },
}

/// From and to, in kg of the metric.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct IntervalResult {
    /// Lower bound.
    #[schema(value_type = f64)]
    pub low: Box<RawValue>,
    /// Upper bound.
    #[schema(value_type = f64)]
    pub high: Box<RawValue>,
    /// Percent of confidence; null where the source states none.
    pub level: Option<String>,
    /// How it follows from what is stated.
    pub rule: &'static str,
}

/// A member of the factor that does not hold for the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LeftOut {
    /// `uncertainty`, `stages`.
    pub member: &'static str,
    /// Why it was left out.
    pub why: String,
}

/// What goes with the value of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried {
    pub(super) gases: Vec<GasResult>,
    pub(super) stages: Vec<StageResult>,
    pub(super) uncertainty: Option<UncertaintyResult>,
    pub(super) left_out: Vec<LeftOut>,
}

/// How an answer came from its factor.
pub(super) struct Scaling<'a> {
    /// What the published members are multiplied by.
    pub(super) by: &'a BigRational,
    /// The value of the answer.
    pub(super) value: &'a BigRational,
    /// The GWP set of the answer.
    pub(super) gwp: Option<&'a str>,
    /// Whether the CO2e was summed again under another set than the published one.
    pub(super) recomputed: bool,
}

/// Scales what stands beside a value.
pub(super) fn carry(factor: &Factor, scaling: &Scaling<'_>) -> Result<Carried, LookupRefusal> {
    let mut carried = Carried { gases: gases(factor, scaling)?, ..Carried::default() };
    if scaling.recomputed {
        let from = factor.gwp.as_deref().unwrap_or("another set");
        let told = |member, what: &str| LeftOut {
            member,
            why: format!("it is of the CO2e under {from}; {what} under the asked set is not known"),
        };
        if factor.uncertainty.is_some() {
            carried.left_out.push(told("uncertainty", "the uncertainty"));
        }
        if !factor.stages.is_empty() {
            carried.left_out.push(told("stages", "what falls to each stage"));
        }
        return Ok(carried);
    }
    let stage = |stage: &crate::factor::Stage| {
        Ok(StageResult { stage: stage.stage.clone(), value: number(&(stage.value.to_rational() * scaling.by))? })
    };
    carried.stages = factor.stages.iter().map(stage).collect::<Result<_, LookupRefusal>>()?;
    carried.uncertainty = factor.uncertainty.as_ref().map(|stated| uncertainty(stated, scaling)).transpose()?;
    Ok(carried)
}

fn gases(factor: &Factor, scaling: &Scaling<'_>) -> Result<Vec<GasResult>, LookupRefusal> {
    let set = scaling.gwp.and_then(GwpSet::get).filter(|_| factor.metric == Metric::Co2e);
    let mut gases = Vec::with_capacity(factor.gases.len() + factor.gases_co2e.len());
    for amount in &factor.gases {
        let kg = amount.kg.to_rational() * scaling.by;
        let potential = set.and_then(|set| set.potential(&amount.gas, amount.origin).ok());
        let co2e = potential.map(|potential| number(&(&kg * potential))).transpose()?;
        gases.push(GasResult { gas: amount.gas.clone(), origin: amount.origin, kg: Some(number(&kg)?), co2e });
    }
    for part in &factor.gases_co2e {
        let co2e = number(&(part.co2e.to_rational() * scaling.by))?;
        gases.push(GasResult { gas: part.gas.clone(), origin: None, kg: None, co2e: Some(co2e) });
    }
    Ok(gases)
}

fn uncertainty(stated: &Uncertainty, scaling: &Scaling<'_>) -> Result<UncertaintyResult, LookupRefusal> {
    let by = scaling.by;
    let (low, high) = stated.interval(scaling.value, by);
    let interval = |level: Option<String>, rule: &'static str| -> Result<IntervalResult, LookupRefusal> {
        Ok(IntervalResult { low: number(&low)?, high: number(&high)?, level, rule })
    };
    let level = |level: &Option<Decimal>| level.as_ref().map(ToString::to_string);
    let about_95 = || Some("95".to_owned());
    Ok(match stated {
        Uncertainty::Lognormal { gsd } => {
            UncertaintyResult::Lognormal { gsd: gsd.clone(), interval: interval(about_95(), "value / gsd^2 to value * gsd^2")? }
        }
        Uncertainty::Normal { sd } => UncertaintyResult::Normal {
            sd: number(&(sd.to_rational() * by).abs())?,
            interval: interval(about_95(), "value - 1.96 sd to value + 1.96 sd")?,
        },
        Uncertainty::Range { level: own, .. } => UncertaintyResult::Range { interval: interval(level(own), "as stated, scaled")? },
        Uncertainty::Percent { percent, level: own } => {
            UncertaintyResult::Percent { percent: percent.clone(), interval: interval(level(own), "value - percent to value + percent")? }
        }
        Uncertainty::Triangular { mode, .. } => {
            UncertaintyResult::Triangular { low: number(&low)?, mode: number(&(mode.to_rational() * by))?, high: number(&high)? }
        }
    })
}

/// A rational as a JSON number, rounded once.
pub(super) fn number(value: &BigRational) -> Result<Box<RawValue>, LookupRefusal> {
    RawValue::from_string(to_json_number(value)).map_err(|error| LookupRefusal::Damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::notation::read_uncertainty;
    use num_bigint::BigInt;

    fn shown(cell: &str, value: i64, by: i64) -> String {
        let (value, by) = (BigRational::from(BigInt::from(value)), BigRational::from(BigInt::from(by)));
        let value = value * &by;
        let scaling = Scaling { by: &by, value: &value, gwp: None, recomputed: false };
        serde_json::to_string(&uncertainty(&read_uncertainty(cell).unwrap(), &scaling).unwrap()).unwrap()
    }

    /// Each worked out by hand.
    #[test]
    fn each_form_scales() {
        let table = [
            // 20 / 1.44 = 13.888…; 20 × 1.44 = 28.8
            (
                "lognormal:gsd=1.2",
                2,
                10,
                r#"{"type":"lognormal","gsd":"1.2","interval":{"low":13.888888888888889,"high":28.8,"level":"95","rule":"value / gsd^2 to value * gsd^2"}}"#,
            ),
            // sd 0.5 × 10 = 5; 1.96 × 5 = 9.8
            (
                "normal:sd=0.5",
                2,
                10,
                r#"{"type":"normal","sd":5,"interval":{"low":10.2,"high":29.8,"level":"95","rule":"value - 1.96 sd to value + 1.96 sd"}}"#,
            ),
            ("range:1.5..3@90", 2, 10, r#"{"type":"range","interval":{"low":15,"high":30,"level":"90","rule":"as stated, scaled"}}"#),
            ("range:1.5..3", 2, -10, r#"{"type":"range","interval":{"low":-30,"high":-15,"level":null,"rule":"as stated, scaled"}}"#),
            // 10 % of 20 = 2
            (
                "percent:10@95",
                2,
                10,
                r#"{"type":"percent","percent":"10","interval":{"low":18,"high":22,"level":"95","rule":"value - percent to value + percent"}}"#,
            ),
            ("triangular:1..2..4", 2, -10, r#"{"type":"triangular","low":-40,"mode":-20,"high":-10}"#),
        ];
        for (cell, value, by, expected) in table {
            assert_eq!(shown(cell, value, by), expected, "{cell}");
        }
    }
}
