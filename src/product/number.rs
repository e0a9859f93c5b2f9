//! Exact numbers on their way into an answer: rationals, rounded once to 17 significant digits.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::factor::exact::to_json_number;

/// A computed number; it never passes through a binary float.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub BigRational);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(to_json_number(&self.0)).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&to_json_number(&self.0))
    }
}

/// A count as a rational.
pub(super) fn whole(number: usize) -> BigRational {
    BigRational::from(BigInt::from(number))
}

/// A hundred.
pub(super) fn hundred() -> BigRational {
    whole(100)
}
