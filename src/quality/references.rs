//! Direct electricity factors of other datasets, to be recognised where they stand under another kind.

use std::collections::HashMap;

use num_rational::BigRational;

use super::glance::Glance;
use super::peers::LEAST_DIGITS;
use super::scale::telling_digits;
use crate::factor::Unit;

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
    pub fn take(&mut self, factor: &Glance<'_>, place: impl FnOnce() -> String) {
        if factor.kind != DIRECT || self.known.len() >= MOST || telling_digits(&factor.value) < LEAST_DIGITS {
            return;
        }
        self.learn(&factor.per);
        if let Some(number) = self.number(factor) {
            self.known.entry((factor.region.clone().into_owned(), number)).or_insert_with(|| (factor.metric.code().to_owned(), place()));
        }
    }

    /// Where the number of a factor stands as a direct electricity factor of another kind or metric.
    ///
    /// Of units that were not learnt nothing is recognised.
    pub(super) fn recognised(&self, factor: &Glance<'_>) -> Option<String> {
        if self.known.is_empty() || telling_digits(&factor.value) < LEAST_DIGITS {
            return None;
        }
        let number = self.number(factor)?;
        let (metric, place) = self.known.get(&(factor.region.clone().into_owned(), number))?;
        (factor.kind != DIRECT || *metric != factor.metric.code()).then(|| format!("{place} ({DIRECT}, {metric})"))
    }

    /// Learns how a unit converts.
    pub(super) fn learn(&mut self, per: &str) {
        if !self.conversions.contains_key(per) {
            let conversion = || Unit::parse(per).ok()?.in_terms_of(&Unit::parse("kW.h").ok()?).ok();
            self.conversions.insert(per.to_owned(), conversion());
        }
    }

    /// Kg per kilowatt hour; nothing where the unit is no energy.
    fn number(&self, factor: &Glance<'_>) -> Option<BigRational> {
        let per = self.conversions.get(&*factor.per)?.as_ref()?;
        Some(factor.value.to_rational() / per)
    }
}
