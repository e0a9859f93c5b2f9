//! Data quality ratings and uncertainty, as the source gives them.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::Decimal;
use super::exact::to_plain_decimal;

/// A data quality rating: the scheme, the original scores, and the aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// `pef`, `pact`, `pedigree` or another scheme's short name.
    pub scheme: String,
    /// Scores by indicator, 1 (best) to 5.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, u8>,
    /// The aggregate: as published, else the mean of a whole PEF vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dqr: Option<Decimal>,
}

/// The indicators of a PEF data quality rating (also CIFA's guideline, equation F.1).
const PEF_INDICATORS: [&str; 4] = ["TeR", "GR", "TiR", "P"];

impl Quality {
    /// The arithmetic mean of a whole PEF vector, to one decimal (half up), else nothing.
    pub fn computed_dqr(&self) -> Option<Decimal> {
        if self.scheme != "pef" {
            return None;
        }
        let scores: Option<Vec<u8>> = PEF_INDICATORS.iter().map(|name| self.scores.get(*name).copied()).collect();
        let sum: u32 = scores?.into_iter().map(u32::from).sum();
        let tenths = (BigRational::new(BigInt::from(sum) * 10, BigInt::from(4)) + BigRational::new(1.into(), 2.into())).floor();
        let mean = to_plain_decimal(&(tenths / BigRational::from(BigInt::from(10))))?;
        mean.parse().ok()
    }
}

/// How uncertain a value is, in the source's own form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Uncertainty {
    /// `lognormal:gsd=1.2`: geometric standard deviation.
    Lognormal {
        /// Dimensionless, at least 1.
        gsd: Decimal,
    },
    /// `normal:sd=0.1`: standard deviation in the value's unit.
    Normal {
        /// In kg of the metric per the factor's `per`.
        sd: Decimal,
    },
    /// `range:0.4..0.6` or `range:0.4..0.6@95`.
    Range {
        /// Lower bound, in the value's unit.
        low: Decimal,
        /// Upper bound, in the value's unit.
        high: Decimal,
        /// Percent of confidence, where stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Decimal>,
    },
    /// `percent:10` or `percent:10@95`: plus or minus.
    Percent {
        /// Percent of the value.
        percent: Decimal,
        /// Percent of confidence, where stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Decimal>,
    },
    /// `triangular:0.4..0.5..0.6`.
    Triangular {
        /// Smallest, in the value's unit.
        low: Decimal,
        /// Likeliest, in the value's unit.
        mode: Decimal,
        /// Largest, in the value's unit.
        high: Decimal,
    },
}

impl Uncertainty {
    /// Whether bounds stand in order and spreads are not negative.
    pub fn is_ordered(&self) -> bool {
        let hundred = BigRational::from(BigInt::from(100));
        let is_level = |level: &Option<Decimal>| {
            level.as_ref().is_none_or(|level| !level.is_negative() && !level.is_zero() && level.to_rational() <= hundred)
        };
        match self {
            Self::Range { low, high, level } => low.to_rational() <= high.to_rational() && is_level(level),
            Self::Triangular { low, mode, high } => low.to_rational() <= mode.to_rational() && mode.to_rational() <= high.to_rational(),
            Self::Lognormal { gsd } => gsd.to_rational() >= BigRational::from(BigInt::from(1)),
            Self::Normal { sd } => !sd.is_negative(),
            Self::Percent { percent, level } => !percent.is_negative() && is_level(level),
        }
    }
}
