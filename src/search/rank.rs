//! What comes first of what matches: the words' score, raised or lowered by what a person would rather have.
//!
//! The plain national factor before the province nobody asked for, the latest year, what has no blocking flag and is in use, the
//! general before the special. Every step is a percentage; they add up, and the score is taken by it.

use super::text::question::Question;
use crate::factor::{FlagSeverity, Region, RegionKind, flags};
use crate::release::{Dimension, PublishedRelease};

/// The least that is left of a score, in per cent.
const LEAST: i64 = 10;

/// What a year older than the newest match costs, and what many years cost at most.
const YEAR: i64 = 4;
const YEARS: i64 = 28;

/// What does not depend on the factor.
pub(super) struct Ranking {
    place_asked: bool,
    year_asked: bool,
    newest: Option<i64>,
}

fn year_of(release: &PublishedRelease, number: usize) -> Option<i64> {
    release.data.index().value(Dimension::Year, number)?.parse().ok()
}

impl Ranking {
    /// Looks at the question and at all that matches.
    pub(super) fn new<'m>(question: &Question, matches: impl Iterator<Item = (&'m PublishedRelease, &'m [(usize, u64)])>) -> Self {
        let year_asked = question.clauses.iter().any(|clause| clause.year.is_some());
        let years = matches.flat_map(|(release, found)| found.iter().filter_map(|(number, _)| year_of(release, *number)));
        Self {
            place_asked: question.clauses.iter().any(|clause| !clause.places.is_empty()),
            year_asked,
            newest: if year_asked { None } else { years.max() },
        }
    }

    /// The score of one factor after all that is known of it; `later` are flags that were raised after its release.
    pub(super) fn weigh(&self, release: &PublishedRelease, number: usize, score: u64, later: &[&str]) -> u64 {
        let index = release.data.index();
        let value = |dimension: Dimension| index.value(dimension, number);
        let mut percent = 100;
        if !self.place_asked {
            percent -= place(value(Dimension::Region).unwrap_or_default());
        }
        if !self.year_asked {
            percent -= match (self.newest, year_of(release, number)) {
                (Some(newest), Some(year)) => ((newest - year).max(0) * YEAR).min(YEARS),
                (Some(_), None) => YEAR,
                (None, _) => 0,
            };
        }
        let blocks = |code: &str| flags().get(code).is_some_and(|flag| flag.severity == FlagSeverity::Block);
        let own = value(Dimension::Flags).unwrap_or_default();
        if own.split(' ').chain(later.iter().copied()).any(blocks) {
            percent -= 40;
        }
        percent -= match value(Dimension::Status) {
            Some("deprecated" | "superseded") => 35,
            _ => 0,
        };
        if value(Dimension::Technology).is_some() {
            percent -= 6;
        }
        let percent = u64::try_from(percent.max(LEAST)).unwrap_or(0);
        score.saturating_mul(percent) / 100
    }
}

/// What a region costs where none was asked for.
fn place(code: &str) -> i64 {
    match Region::get(code).map(|region| region.kind) {
        _ if code == "CN" => 0,
        Some(RegionKind::World) => 4,
        Some(RegionKind::Country) => 8,
        Some(RegionKind::M49) => 8,
        Some(RegionKind::Grid) => 20,
        Some(RegionKind::Subdivision) | None => 25,
    }
}
