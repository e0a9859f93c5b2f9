//! Greenhouse gases and their amounts.

use serde::{Deserialize, Serialize};

use super::Decimal;

/// Where the carbon of a gas comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From living matter of the present.
    Biogenic,
    /// From fossil matter or minerals.
    Fossil,
}

impl Origin {
    /// The code as it is written.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Biogenic => "biogenic",
            Self::Fossil => "fossil",
        }
    }
}

/// An amount of one gas: kg of the gas per the factor's `per`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GasAmount {
    /// `CO2`, `CH4`, `N2O`, `SF6`, `NF3`, or a CAS number.
    pub gas: String,
    /// For CO2 and CH4, where the source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// kg of the gas itself, not CO2e.
    pub kg: Decimal,
}

/// A part that the source gives only as CO2e.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GasCo2e {
    /// The gas or group of gases (`HFCs`).
    pub gas: String,
    /// kg CO2e under the factor's GWP set.
    pub co2e: Decimal,
}

/// Whether a text is a CAS registry number with the right check digit.
///
/// The last digit is the sum of the others, weighted 1, 2, 3 … from the right, modulo 10.
pub fn is_cas_number(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [head, middle, check] = parts.as_slice() else { return false };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=7).contains(&head.len()) || middle.len() != 2 || check.len() != 1 || !parts.iter().all(|part| digits(part)) {
        return false;
    }
    let sum: u32 = head.chars().chain(middle.chars()).rev().zip(1..).filter_map(|(c, weight)| Some(c.to_digit(10)? * weight)).sum();
    check.chars().next().and_then(|c| c.to_digit(10)) == Some(sum % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cas_check_digits() {
        for good in ["124-38-9", "74-82-8", "10024-97-2", "7732-18-5", "138495-42-8"] {
            assert!(is_cas_number(good), "{good}");
        }
        for bad in ["124-38-8", "74-82", "CO2", "1-38-9", "124-3a-9", "", "-12-3"] {
            assert!(!is_cas_number(bad), "{bad}");
        }
    }

    #[test]
    fn every_gas_of_the_gwp_sets_has_a_true_cas_number() {
        for set in super::super::GwpSet::all() {
            for entry in &set.values {
                assert!(is_cas_number(&entry.cas), "{} {}", entry.gas, entry.cas);
            }
        }
    }
}
