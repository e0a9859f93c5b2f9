//! The table of rules that propose flags: id, version, flag, what it looks for, and where the method comes from.

/// A rule that proposes a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityRule {
    /// Stable id.
    pub id: &'static str,
    /// Counted up when what it proposes changes.
    pub version: u32,
    /// The flag: a code of `schema/flags.csv`.
    pub flag: &'static str,
    /// What it looks for.
    pub about: &'static str,
    /// Where the method comes from.
    pub source: &'static str,
}

macro_rules! quality_rules {
    ($($name:ident = $id:literal $version:literal $flag:literal $about:literal $source:literal;)+) => {
        $(pub(super) const $name: QualityRule = QualityRule { id: $id, version: $version, flag: $flag, about: $about, source: $source };)+

        /// Every rule.
        pub const QUALITY_RULES: &[QualityRule] = &[$($name),+];
    };
}

quality_rules! {
    OUTLIER = "outlier-modified-z" 1 "outlier"
        "The logarithm of the value has a modified z-score above 3.5 among at least 8 peers of equal kind, metric, unit, basis and price year: those of the same activity, else those of the activities under the same parent."
        "Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers: M = 0.6745 (x − median) / MAD, |M| > 3.5; a MAD below 5 % counts as 5 %.";
    SAME_PLACES = "same-value-in-regions" 1 "suspicious_homogeneity"
        "One value of three or more telling digits stands for three or more regions, all else being equal."
        "Open Emission Factors Database, flag h: identical values where differences are expected.";
    SAME_ACTIVITIES = "same-value-in-activities" 1 "suspicious_homogeneity"
        "One value of three or more telling digits stands for five or more activities under one parent, in one region and year, all else being equal."
        "Open Emission Factors Database, flag h: identical values within one sector and region.";
    CARBON_DIOXIDE_ONLY = "carbon-dioxide-only" 1 "partial_gases"
        "The metric is CO2 alone, or a factor of combustion or transport in CO2e lists no gas but CO2."
        "Open Emission Factors Database, flag p: partial, for example CO2 only.";
    PAST_VALIDITY = "past-validity" 1 "outdated"
        "The last day on which the factor is valid is over, or its status is superseded."
        "The source's own words.";
    OLD_YEAR = "year-far-behind" 1 "outdated"
        "The data year lies ten or more years before the newest one of the same kind in the release."
        "Weidema and Wesnæs (1996), pedigree matrix, temporal correlation: less than ten years of difference is score 3 of 5.";
    IMPLAUSIBLE = "implausible-for-unit" 1 "unit_uncertain"
        "The value lies outside the bounds for its kind and unit in schema/plausibility.csv."
        "schema/plausibility.csv names a source for each bound.";
    OTHER_KIND = "number-of-another-kind" 1 "kind_mismatch_risk"
        "The value equals a direct electricity factor of the same region, per the same amount of energy, and is given as another kind or metric."
        "A grid's direct CO2 factor sold as a life-cycle factor: three or more telling digits do not agree by chance.";
    NO_BOUNDARY = "boundary-unstated" 1 "partial_boundary"
        "A life-cycle factor names no boundary."
        "ISO 14067: a footprint states its system boundary.";
    SECOND_HAND = "second-hand" 1 "secondary_source"
        "The source is a copy that cites the original."
        "The line's own source level.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::flags;

    #[test]
    fn each_rule_raises_a_flag_of_the_list() {
        for rule in QUALITY_RULES {
            assert!(flags().contains_key(rule.flag), "{}", rule.id);
            assert!(rule.about.ends_with('.') && rule.source.ends_with('.') && rule.version > 0, "{}", rule.id);
        }
        let ids: std::collections::BTreeSet<_> = QUALITY_RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), QUALITY_RULES.len());
    }
}
