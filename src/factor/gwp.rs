//! GWP sets by full id: report, table, horizon, feedback and methane rule.
//!
//! "AR6" alone names three methane values (27.9 in Table 7.SM.7; 29.8 fossil and
//! 27.0 not in Table 7.15), so a set is never named by its report. The figures
//! stand in `schema/gwp-sets.json` with their sources.

use std::sync::LazyLock;

use num_rational::BigRational;
use num_traits::Zero;
use serde::Deserialize;

use super::gas::{GasAmount, Origin};
use super::{Decimal, Text};

/// One set of global warming potentials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GwpSet {
    /// `ipcc-ar5-wg1-8.a1-gwp100`.
    pub id: String,
    /// `AR5`.
    pub report: String,
    /// The table of the report.
    pub table: String,
    /// Years.
    pub horizon: u32,
    /// Whether climate-carbon feedback is counted for gases other than CO2.
    pub feedback: bool,
    /// How methane is split by origin.
    pub methane: String,
    /// Its name.
    pub name: Text,
    /// What to know before using it.
    pub note: Text,
    /// One entry a gas (and origin).
    pub values: Vec<GwpValue>,
}

/// The potential of one gas.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GwpValue {
    /// `CH4`, `HFC-134a`.
    pub gas: String,
    /// Present where the set splits the gas by origin.
    pub origin: Option<Origin>,
    /// CAS registry number.
    pub cas: String,
    /// English name.
    pub name_en: String,
    /// Chinese name.
    #[serde(default)]
    pub name_zh: String,
    /// kg CO2e per kg.
    pub value: Decimal,
    /// Why the figure must not be computed with.
    pub disputed: Option<String>,
}

/// Why a set gives no CO2e for a list of gases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GwpError {
    /// The set has no figure for the gas.
    #[error("`{set}` has no value for {gas}")]
    NoValue {
        /// The set's id.
        set: String,
        /// The gas.
        gas: String,
    },
    /// The set splits the gas by origin and the factor does not say which.
    #[error("`{set}` has different values for fossil and other {gas}, and the factor does not say which its {gas} is")]
    OriginUnknown {
        /// The set's id.
        set: String,
        /// The gas.
        gas: String,
    },
    /// The figure is disputed.
    #[error("the value of {gas} in `{set}` is disputed: {reason}")]
    Disputed {
        /// The set's id.
        set: String,
        /// The gas.
        gas: String,
        /// Why.
        reason: String,
    },
}

static SETS: LazyLock<Vec<GwpSet>> = LazyLock::new(|| serde_json::from_str(include_str!("../../schema/gwp-sets.json")).unwrap_or_default());

impl GwpSet {
    /// All sets.
    pub fn all() -> &'static [Self] {
        &SETS
    }

    /// The set with this id.
    pub fn get(id: &str) -> Option<&'static Self> {
        SETS.iter().find(|set| set.id == id)
    }

    /// The ids of all sets.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        SETS.iter().map(|set| set.id.as_str())
    }

    /// The potential of a gas, by name or CAS number. Biogenic CO2 counts 0.
    pub fn potential(&self, gas: &str, origin: Option<Origin>) -> Result<BigRational, GwpError> {
        Ok(self.figure(gas, origin)?.map_or_else(BigRational::zero, Decimal::to_rational))
    }

    /// The same as the set writes it; nothing for biogenic CO2.
    pub fn figure(&self, gas: &str, origin: Option<Origin>) -> Result<Option<&Decimal>, GwpError> {
        if gas == "CO2" && origin == Some(Origin::Biogenic) {
            return Ok(None);
        }
        let named = || GwpError::NoValue { set: self.id.clone(), gas: gas.to_owned() };
        let mut entries = self.values.iter().filter(|entry| entry.gas == gas || entry.cas == gas).peekable();
        let split = entries.peek().ok_or_else(named)?.origin.is_some();
        let entry = if split {
            let origin = origin.ok_or_else(|| GwpError::OriginUnknown { set: self.id.clone(), gas: gas.to_owned() })?;
            entries.find(|entry| entry.origin == Some(origin)).ok_or_else(named)?
        } else {
            entries.next().ok_or_else(named)?
        };
        match &entry.disputed {
            Some(reason) => Err(GwpError::Disputed { set: self.id.clone(), gas: entry.gas.clone(), reason: reason.clone() }),
            None => Ok(Some(&entry.value)),
        }
    }

    /// kg CO2e of these gases, exactly.
    pub fn co2e(&self, gases: &[GasAmount]) -> Result<BigRational, GwpError> {
        gases
            .iter()
            .try_fold(BigRational::zero(), |sum, amount| Ok(sum + amount.kg.to_rational() * self.potential(&amount.gas, amount.origin)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::exact::to_json_number;

    fn natural_gas() -> Vec<GasAmount> {
        let amount = |gas: &str, origin, kg: &str| GasAmount { gas: gas.into(), origin, kg: kg.parse().unwrap() };
        vec![amount("CO2", Some(Origin::Fossil), "56100"), amount("CH4", Some(Origin::Fossil), "1"), amount("N2O", None, "0.1")]
    }

    #[test]
    fn natural_gas_under_each_set() {
        let table = [
            ("ipcc-ar4-wg1-2.14-gwp100", "56154.8"),
            ("ipcc-ar5-wg1-8.a1-gwp100", "56154.5"),
            ("ipcc-ar5-wg1-8.a1-gwp100-fossil30", "56156.5"),
            ("ipcc-ar5-wg1-8.a1-gwp100-ccf", "56163.8"),
            ("ipcc-ar6-wg1-7sm7-gwp100", "56155.2"),
            ("ipcc-ar6-wg1-7.15-gwp100", "56157.1"),
        ];
        assert_eq!(GwpSet::all().len(), table.len());
        for (id, expected) in table {
            let sum = GwpSet::get(id).unwrap().co2e(&natural_gas()).unwrap();
            assert_eq!(to_json_number(&sum), expected, "{id}");
        }
    }

    #[test]
    fn biogenic_carbon_dioxide_counts_nothing() {
        for set in GwpSet::all() {
            assert!(set.potential("CO2", Some(Origin::Biogenic)).unwrap().is_zero());
        }
    }

    #[test]
    fn methane_of_unknown_origin_is_not_guessed() {
        let set = GwpSet::get("ipcc-ar6-wg1-7.15-gwp100").unwrap();
        assert!(matches!(set.potential("CH4", None), Err(GwpError::OriginUnknown { .. })));
        assert!(matches!(set.potential("SF6", None), Err(GwpError::Disputed { .. })));
        assert!(matches!(set.potential("XYZ", None), Err(GwpError::NoValue { .. })));
        assert_eq!(set.potential("811-97-2", None), set.potential("HFC-134a", None));
    }
}
