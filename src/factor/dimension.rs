//! The dimensions of the common units by name, for filters and counts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::codes::unit_dimensions;
use super::{Dimension, Unit};

/// What currencies measure.
const MONEY: &str = "money";
/// What units measure that share no dimension with a common one.
const OTHER: &str = "other";

/// The name of each dimension that `schema/units.csv` lists a unit of.
static NAMED: LazyLock<BTreeMap<Dimension, &'static str>> = LazyLock::new(|| {
    let mut named = BTreeMap::new();
    for (code, name) in unit_dimensions() {
        if let Ok(unit) = Unit::parse(code) {
            named.entry(unit.dimension().clone()).or_insert(name);
        }
    }
    named
});

static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<&'static str> = NAMED.values().copied().chain([MONEY, OTHER]).collect();
    names.sort_unstable();
    names.dedup();
    names
});

/// The names of all dimensions, sorted: `energy`, `mass`, … `money`, and `other`.
pub fn dimension_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied()
}

/// The name of what a unit measures; `other` where it has none.
pub fn dimension_name(per: &str) -> &'static str {
    match Unit::parse(per) {
        Ok(unit) if unit.is_currency() => MONEY,
        Ok(unit) => NAMED.get(unit.dimension()).copied().unwrap_or(OTHER),
        Err(_) => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_the_dimension_of_the_list() {
        let table = [
            ("kW.h", "energy"),
            ("10*6.[Btu_IT]", "energy"),
            ("t", "mass"),
            ("m3", "volume"),
            ("km", "length"),
            ("t.km", "freight"),
            ("{passenger}.km", "passenger-distance"),
            ("CNY", "money"),
            ("kg.K", "other"),
            ("no unit", "other"),
        ];
        for (per, name) in table {
            assert_eq!(dimension_name(per), name, "{per}");
            assert!(dimension_names().any(|own| own == name), "{name}");
        }
    }

    #[test]
    fn a_dimension_has_one_name() {
        for (code, name) in unit_dimensions() {
            assert_eq!(dimension_name(code), name, "{code}");
        }
    }
}
