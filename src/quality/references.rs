//! Direct electricity factors of other datasets, to be recognised where they stand under another kind.

use std::collections::HashMap;

use num_rational::BigRational;

use super::peers::LEAST_DIGITS;
use super::scale::telling_digits;
use crate::factor::{Factor, Unit};

/// The kind of those factors.
pub const DIRECT: &str = "electricity-direct";

/// References beyond this many are not taken.
const MOST: usize = 200_000;

/// Numbers of direct electricity factors by region: kg per kilowatt hour.
#[derive(Debug, Default, Clone)]
pub struct References {
    known: HashMap<(String, BigRational), (String, String)>,
    conversions: HashMap<String, Option<BigRational>>,
}

impl References {
    /// Takes a factor where it is one; `place` names where it stands: `dataset@version#key`.
    pub fn take(&mut self, factor: &Factor, place: impl FnOnce() -> String) {
        if factor.kind != DIRECT || self.known.len() >= MOST || telling_digits(&factor.value) < LEAST_DIGITS {
            return;
        }
        if let Some(number) = self.number(factor) {
            self.known.entry((factor.region.clone(), number)).or_insert_with(|| (factor.metric.code().to_owned(), place()));
        }
    }

    /// Where the number of a factor stands as a direct electricity factor of another kind or metric.
    pub(super) fn recognised(&mut self, factor: &Factor) -> Option<String> {
        if telling_digits(&factor.value) < LEAST_DIGITS {
            return None;
        }
        let number = self.number(factor)?;
        let (metric, place) = self.known.get(&(factor.region.clone(), number))?;
        (factor.kind != DIRECT || *metric != factor.metric.code()).then(|| format!("{place} ({DIRECT}, {metric})"))
    }

    /// Kg per kilowatt hour; nothing where the unit is no energy.
    fn number(&mut self, factor: &Factor) -> Option<BigRational> {
        let per = self.conversions.entry(factor.per.clone()).or_insert_with(|| {
            let energy = Unit::parse("kW.h").ok()?;
            Unit::parse(&factor.per).ok()?.in_terms_of(&energy).ok()
        });
        per.as_ref().map(|per| factor.value.to_rational() / per)
    }
}
