//! Data quality ratings and uncertainty, as the source gives them.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;
use serde::{Deserialize, Serialize};

use super::Decimal;
use super::exact::to_plain_decimal;

/// A data quality rating: the scheme, the original scores, and the aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// `pef`, `cifa`, `pact`, `pedigree` or another scheme's short name.
    pub scheme: String,
    /// Scores by indicator, 1 (best) to 5.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Score>,
    /// The aggregate: as published, else the mean of a whole PEF or CIFA vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dqr: Option<Decimal>,
}

/// A score: a whole number, or a decimal where the scheme has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Score {
    /// 1 to 5.
    Whole(u8),
    /// 1 to 5, with digits behind the point, as published.
    Part(Decimal),
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(score) => write!(f, "{score}"),
            Self::Part(score) => write!(f, "{score}"),
        }
    }
}

/// The indicators of a PEF data quality rating (also CIFA's guideline, equation F.1).
const PEF_INDICATORS: [&str; 4] = ["TeR", "GR", "TiR", "P"];

/// The indicators of the pedigree matrix (Weidema and Wesnæs 1996; ecoSpold2), in its order.
pub(super) const PEDIGREE_INDICATORS: [&str; 5] = ["reliability", "completeness", "temporal", "geographical", "technological"];

/// Schemes whose indicators are known, and whether their scores may have digits behind the point.
///
/// PACT's technical specifications: three ratings in version 3, five in version 2.
const SCHEMES: [(&str, &[&str], bool); 4] = [
    ("pef", &PEF_INDICATORS, false),
    ("cifa", &PEF_INDICATORS, false),
    ("pedigree", &PEDIGREE_INDICATORS, false),
    ("pact", &["technologicalDQR", "geographicalDQR", "temporalDQR", "completenessDQR", "reliabilityDQR"], true),
];

impl Quality {
    /// Reads one score of a scheme.
    ///
    /// # Errors
    /// When the scheme has no such indicator, or no such score.
    pub(super) fn read_score(scheme: &str, name: &str, text: &str) -> Result<Score, String> {
        let known = SCHEMES.iter().find(|(own, _, _)| *own == scheme);
        if let Some((_, indicators, _)) = known.filter(|(_, indicators, _)| !indicators.contains(&name)) {
            return Err(format!("`{name}` is no indicator of {scheme}: they are {}", indicators.join(", ")));
        }
        if let Some(score) = text.parse().ok().filter(|score| (1..=5).contains(score)) {
            return Ok(Score::Whole(score));
        }
        let parts = known.is_none_or(|(_, _, parts)| *parts);
        let bound = |number: u32| BigRational::from(BigInt::from(number));
        let decimal = text.parse::<Decimal>().ok().filter(|score| (bound(1)..=bound(5)).contains(&score.to_rational()));
        match decimal.filter(|_| parts) {
            Some(score) => Ok(Score::Part(score)),
            None if parts => Err(format!("the score `{text}` of {name} is no number from 1 to 5")),
            None => Err(format!("the score `{text}` of {name} is not 1, 2, 3, 4 or 5")),
        }
    }

    /// The arithmetic mean of a whole PEF or CIFA vector, to one decimal (half up), else nothing: no other scheme defines one.
    pub fn computed_dqr(&self) -> Option<Decimal> {
        if !["pef", "cifa"].contains(&self.scheme.as_str()) {
            return None;
        }
        let whole = |name: &&str| match self.scores.get(*name) {
            Some(Score::Whole(score)) => Some(*score),
            _ => None,
        };
        let scores: Option<Vec<u8>> = PEF_INDICATORS.iter().map(whole).collect();
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
    /// The interval that follows from what is stated, for a published value of which everything is taken so many times.
    ///
    /// Where a spread is stated it is the one that holds 95 %: `value / gsd²` to `value · gsd²`, and 1.96 standard deviations.
    pub fn interval(&self, value: &BigRational, by: &BigRational) -> (BigRational, BigRational) {
        let around = |wide: BigRational| (value - &wide, value + &wide);
        let (one, other) = match self {
            Self::Lognormal { gsd } => {
                let square = gsd.to_rational() * gsd.to_rational();
                (value / &square, value * &square)
            }
            Self::Normal { sd } => around((sd.to_rational() * by).abs() * BigRational::new(BigInt::from(196), BigInt::from(100))),
            Self::Percent { percent, .. } => around(value.abs() * percent.to_rational() / BigRational::from(BigInt::from(100))),
            Self::Range { low, high, .. } | Self::Triangular { low, high, .. } => (low.to_rational() * by, high.to_rational() * by),
        };
        // a negative amount turns bounds round
        if one <= other { (one, other) } else { (other, one) }
    }

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
