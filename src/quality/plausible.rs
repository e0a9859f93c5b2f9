//! Bounds that a value of a kind and unit stays within, from `schema/plausibility.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use num_rational::BigRational;
use num_traits::Signed;

use crate::factor::{Decimal, Factor, Unit};

/// One row of the list.
#[derive(Debug)]
pub(super) struct Bounds {
    kind: String,
    activity: String,
    metric: String,
    per: Unit,
    low: Decimal,
    high: Decimal,
    pub(super) reason: String,
}

static BOUNDS: LazyLock<Vec<Bounds>> = LazyLock::new(|| {
    let mut table = csv::Reader::from_reader(include_str!("../../schema/plausibility.csv").as_bytes());
    let rows = table.deserialize::<HashMap<String, String>>().filter_map(Result::ok);
    rows.filter_map(|row| {
        let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
        Some(Bounds {
            kind: cell("kind"),
            activity: cell("activity"),
            metric: cell("metric"),
            per: Unit::parse(&cell("per")).ok()?,
            low: cell("low").parse().ok()?,
            high: cell("high").parse().ok()?,
            reason: cell("reason"),
        })
    })
    .collect()
});

/// Compares values with the bounds; remembers how units convert.
#[derive(Default)]
pub(super) struct Plausible {
    /// By unit: for each bound how many of its unit one of this is; nothing where they measure different things.
    conversions: HashMap<String, Vec<Option<BigRational>>>,
}

/// A value outside its bounds.
pub(super) struct Outside {
    /// `above 2` or `below 0.0001`.
    pub(super) what: String,
    /// The unit of the bound.
    pub(super) per: &'static str,
    /// Why the bound is where it is.
    pub(super) reason: &'static str,
}

impl Plausible {
    /// The first bound that a value breaks. Zero breaks none: many kinds have it rightly.
    pub(super) fn outside(&mut self, factor: &Factor) -> Option<Outside> {
        if factor.value.is_zero() {
            return None;
        }
        let conversions = self.conversions.entry(factor.per.clone()).or_insert_with(|| {
            let own = Unit::parse(&factor.per).ok();
            BOUNDS.iter().map(|bounds| own.as_ref().and_then(|own| own.in_terms_of(&bounds.per).ok())).collect()
        });
        let size = factor.value.to_rational().abs();
        for (bounds, conversion) in BOUNDS.iter().zip(conversions) {
            let Some(conversion) = conversion.as_ref().filter(|_| bounds.covers(factor)) else { continue };
            let value = &size / conversion;
            let outside = |what: String| Some(Outside { what, per: bounds.per.code(), reason: &bounds.reason });
            if value > bounds.high.to_rational() {
                return outside(format!("above {}", bounds.high));
            }
            if value < bounds.low.to_rational() {
                return outside(format!("below {}", bounds.low));
            }
        }
        None
    }
}

impl Bounds {
    fn covers(&self, factor: &Factor) -> bool {
        let path =
            |activity: &str| activity == self.activity || activity.strip_prefix(&self.activity).is_some_and(|rest| rest.starts_with('/'));
        self.kind == factor.kind
            && (self.activity.is_empty() || path(&factor.activity))
            && (self.metric.is_empty() || self.metric == factor.metric.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::kinds;

    #[test]
    fn every_row_reads() {
        let rows = include_str!("../../schema/plausibility.csv").lines().count() - 1;
        assert_eq!(BOUNDS.len(), rows);
        for bounds in BOUNDS.iter() {
            assert!(kinds().contains_key(&bounds.kind), "{bounds:?}");
            assert!(bounds.low.to_rational() < bounds.high.to_rational() && !bounds.reason.is_empty(), "{bounds:?}");
        }
    }
}
