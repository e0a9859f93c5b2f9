//! Bounds that a value of a kind and unit stays within, from `schema/plausibility.csv`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::glance::Glance;
use crate::factor::exact::Mark;
use crate::factor::{Decimal, Unit};

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

/// Compares values with the bounds; knows how units convert.
#[derive(Default)]
pub(super) struct Plausible {
    /// By unit: each bound in it, low and high; nothing where they measure different things.
    limits: HashMap<String, Vec<Option<[Mark; 2]>>>,
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
    /// Learns how a unit converts.
    pub(super) fn learn(&mut self, per: &str) {
        if !self.limits.contains_key(per) {
            let own = Unit::parse(per).ok();
            let limits = |bounds: &Bounds| {
                let conversion = own.as_ref()?.in_terms_of(&bounds.per).ok()?;
                Some([&bounds.low, &bounds.high].map(|bound| Mark::new(bound.to_rational() * &conversion)))
            };
            self.limits.insert(per.to_owned(), BOUNDS.iter().map(limits).collect());
        }
    }

    /// The first bound that a value breaks. Zero breaks none: many kinds have it rightly.
    ///
    /// Of units that were not learnt nothing is said.
    pub(super) fn outside(&self, factor: &Glance<'_>) -> Option<Outside> {
        let limits = self.limits.get(&*factor.per)?;
        if factor.value.is_zero() {
            return None;
        }
        for (bounds, limits) in BOUNDS.iter().zip(limits) {
            let Some([low, high]) = limits.as_ref().filter(|_| bounds.covers(factor)) else { continue };
            let outside = |what: String| Some(Outside { what, per: bounds.per.code(), reason: &bounds.reason });
            if high.compare_size(&factor.value) == Ordering::Greater {
                return outside(format!("above {}", bounds.high));
            }
            if low.compare_size(&factor.value) == Ordering::Less {
                return outside(format!("below {}", bounds.low));
            }
        }
        None
    }
}

impl Bounds {
    fn covers(&self, factor: &Glance<'_>) -> bool {
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
