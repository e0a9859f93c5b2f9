//! Computing an answer in the caller's terms: another GWP set, another unit, an amount. Exactly, and rounded once.

use num_rational::BigRational;
use num_traits::One;
use serde::Serialize;
use serde_json::value::RawValue;

use super::carry::{Carried, GasResult, LeftOut, Scaling, StageResult, UncertaintyResult, carry};
use super::select::POTENTIAL;
use super::{Lookup, LookupRefusal};
use crate::factor::exact::{to_fraction, to_json_number, to_plain_decimal};
use crate::factor::{Factor, GwpSet, Metric, Unit};

/// The answer in the caller's terms.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ComputedResult {
    /// kg of the metric per `per`, or of the amount.
    #[schema(value_type = f64)]
    pub value: Box<RawValue>,
    /// `kg`.
    pub unit: &'static str,
    /// `CO2` or `CO2e`.
    pub metric: Metric,
    /// UCUM unit that the value is per; null where it is the emission of an amount.
    pub per: Option<String>,
    /// GWP set of the value.
    pub gwp: Option<String>,
    /// What was computed, in order; nothing where the value is as published.
    #[schema(value_type = Vec<Object>)]
    pub computed: Vec<Computation>,
    /// The amount whose emission the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<AmountAsked>,
    /// The gases in it, where the factor has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gases: Vec<GasResult>,
    /// Its parts by life-cycle stage, where the factor has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageResult>,
    /// Its uncertainty, where the factor states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<UncertaintyResult>,
    /// What the factor states and does not hold for this answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

impl ComputedResult {
    /// The value as it was published, per the factor's own unit.
    pub(super) fn published(value: Box<RawValue>, metric: Metric, per: &str, gwp: Option<&str>) -> Self {
        Self {
            value,
            unit: "kg",
            metric,
            per: Some(per.to_owned()),
            gwp: gwp.map(str::to_owned),
            computed: Vec::new(),
            amount: None,
            gases: Vec::new(),
            stages: Vec::new(),
            uncertainty: None,
            left_out: Vec::new(),
        }
    }
}

/// The amount whose emission was asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AmountAsked {
    /// As it was asked.
    #[schema(value_type = f64)]
    pub value: Box<RawValue>,
    /// UCUM unit.
    pub unit: String,
}

/// One step of a computation.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum Computation {
    /// CO2e summed again from the gases.
    Gwp {
        /// The set used.
        set: String,
        /// The set of the published value.
        from: Option<String>,
        /// How the set splits methane by origin.
        methane: String,
        /// Each gas: kg, and kg CO2e per kg.
        gases: Vec<GasTerm>,
    },
    /// Converted from one unit to another of the same dimension.
    Unit {
        /// The factor's unit.
        from: String,
        /// The unit asked for.
        to: String,
        /// What the value was multiplied by, as an exact fraction.
        factor: String,
    },
    /// Multiplied by the amount.
    Amount {
        /// The amount in the unit of `per`, as an exact fraction.
        factor: String,
    },
}

/// One gas of a sum.
#[derive(Debug, Clone, Serialize)]
pub struct GasTerm {
    /// The gas.
    pub gas: String,
    /// Its origin, where the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<crate::factor::Origin>,
    /// kg of the gas.
    pub kg: String,
    /// kg CO2e per kg under the set.
    pub gwp: String,
}

/// Computes what the lookup asks of a factor.
///
/// # Errors
/// `unit-mismatch`, `gwp-unavailable`.
pub fn compute(factor: &Factor, lookup: &Lookup) -> Result<ComputedResult, LookupRefusal> {
    let mut value = factor.value.to_rational();
    let mut by = BigRational::one();
    let mut computed = Vec::new();
    let mut gwp = factor.gwp.clone();
    let mut recomputed = false;
    if let Some(set) = lookup.gwp.filter(|set| factor.gwp.as_deref() != Some(set.id.as_str())) {
        let (sum, step) = recompute(factor, set)?;
        value = sum;
        gwp = Some(set.id.clone());
        recomputed = true;
        computed.push(step);
    }
    let own = Unit::parse(&factor.per).map_err(|error| LookupRefusal::Damaged(error.to_string()))?;
    let mut per = own.clone();
    let amount_unit = lookup.amount.as_ref().and_then(|amount| amount.unit.as_ref());
    if let Some(wanted) = lookup.per.as_ref().or(amount_unit).filter(|wanted| wanted.code() != own.code()) {
        // A value per A is a value per B times (how many A one B is).
        let ratio = wanted.in_terms_of(&own)?;
        by *= &ratio;
        computed.push(Computation::Unit { from: own.code().to_owned(), to: wanted.code().to_owned(), factor: to_fraction(&ratio) });
        per = wanted.clone();
    }
    let mut amount = None;
    if let Some(asked) = &lookup.amount {
        let unit = asked.unit.as_ref().unwrap_or(&per);
        let in_per = asked.number.to_rational() * unit.in_terms_of(&per)?;
        by *= &in_per;
        computed.push(Computation::Amount { factor: to_fraction(&in_per) });
        amount = Some(AmountAsked { value: json_number(asked.number.shortest().to_owned())?, unit: unit.code().to_owned() });
    }
    value *= &by;
    let scaling = Scaling { by: &by, value: &value, gwp: gwp.as_deref(), recomputed };
    let Carried { gases, stages, uncertainty, left_out } = carry(factor, &scaling)?;
    let value = json_number(to_json_number(&value))?;
    Ok(ComputedResult {
        value,
        unit: "kg",
        metric: factor.metric,
        per: lookup.amount.is_none().then(|| per.code().to_owned()),
        gwp,
        computed,
        amount,
        gases,
        stages,
        uncertainty,
        left_out,
    })
}

fn json_number(text: String) -> Result<Box<RawValue>, LookupRefusal> {
    RawValue::from_string(text).map_err(|error| LookupRefusal::Damaged(error.to_string()))
}

/// Sums the gases under another set, if they are known to be all of the published value.
fn recompute(factor: &Factor, set: &GwpSet) -> Result<(BigRational, Computation), LookupRefusal> {
    let refuse = |reason: String| LookupRefusal::GwpUnavailable { key: factor.key.clone(), set: set.id.clone(), reason };
    if factor.metric != Metric::Co2e {
        return Err(refuse("it counts CO2 alone, which no GWP set turns into CO2e".into()));
    }
    if factor.kind == POTENTIAL {
        return Err(refuse("a global warming potential belongs to its set, and is computed under no other".into()));
    }
    if factor.gases.is_empty() && !factor.gases_co2e.is_empty() {
        let parts: std::collections::BTreeSet<&str> = factor.gases_co2e.iter().map(|part| part.gas.as_str()).collect();
        let parts = parts.into_iter().collect::<Vec<_>>().join(", ");
        return Err(refuse(format!("its source gives its gases in CO2e only ({parts}), not in kg of each")));
    }
    if factor.gases.is_empty() {
        return Err(refuse("its source gives no gases".into()));
    }
    if let Some(part) = factor.gases_co2e.first() {
        return Err(refuse(format!("its {} is known only in CO2e", part.gas)));
    }
    // Import checked that the gases add up to the value under the declared set; without one, gases may be missing.
    if factor.gwp.is_none() || factor.flags.iter().any(|flag| flag == "partial_gases") {
        return Err(refuse("its gases are not known to be all that is in its value".into()));
    }
    let sum = set.co2e(&factor.gases).map_err(|error| refuse(error.to_string()))?;
    let mut gases = Vec::new();
    for amount in &factor.gases {
        let potential = set.potential(&amount.gas, amount.origin).map_err(|error| refuse(error.to_string()))?;
        let gwp = to_plain_decimal(&potential).unwrap_or_else(|| to_fraction(&potential));
        gases.push(GasTerm { gas: amount.gas.clone(), origin: amount.origin, kg: amount.kg.to_string(), gwp });
    }
    let step = Computation::Gwp { set: set.id.clone(), from: factor.gwp.clone(), methane: set.methane.clone(), gases };
    Ok((sum, step))
}
