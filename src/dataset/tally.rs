//! What a difference comes to: how far the numbers moved, which members changed, and what demanded the version.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};
use serde::Serialize;

use super::{Bump, ChangeCounts, FieldChange, percent_change};
use crate::factor::Decimal;

/// How far a number moved, by percent of what it was: above the lower bound, up to and with the upper one.
///
/// `sign`: it crossed zero; `from-zero`, `to-zero`: there is no percentage, or it is all of it; `same`: the value stayed and
/// another number of the factor moved (a gas, an uncertainty, the data year).
pub const RANGES: [&str; 11] = ["0-1", "1-5", "5-10", "10-25", "25-50", "50-100", "over-100", "sign", "from-zero", "to-zero", "same"];

/// Upper bounds of the first six ranges, in percent.
const BOUNDS: [u32; 6] = [1, 5, 10, 25, 50, 100];

/// How many numbers moved so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Bucket {
    /// One of [`RANGES`], in percent.
    pub range: &'static str,
    /// Factors of the class `number`.
    pub factors: u64,
}

/// How far the numbers of the class `number` moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Magnitude {
    /// Every range, the empty ones too; together they are the class `number`.
    pub buckets: Vec<Bucket>,
    /// The middle of the moves in percent, whichever way they went; the lower of two. Cut after six decimals.
    pub median_percent: Option<String>,
    /// The largest of them.
    pub max_percent: Option<String>,
    /// The key of that one.
    pub largest: Option<String>,
}

/// How many factors a member changed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MemberCount {
    /// Member of the canonical object.
    pub member: String,
    /// The largest step that its changes demand.
    pub bump: Bump,
    /// In how many factors it changed.
    pub factors: u64,
}

/// Something that demands a step of the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// The step.
    pub bump: Bump,
    /// `removed`, `renamed`, `added`, a member, or `metadata` (title, licences, sources, contributors).
    pub what: String,
    /// How many factors; 0 for the metadata.
    pub factors: u64,
}

/// Adds up a difference while it is walked; holds eight bytes for each number that moved.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Each factor in exactly one class.
    pub counts: ChangeCounts,
    buckets: BTreeMap<&'static str, u64>,
    members: BTreeMap<String, (BTreeMap<Bump, u64>, u64)>,
    /// Moves in millionths of a percent.
    moves: Vec<u64>,
    largest: Option<(u64, String)>,
}

/// How a value moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The range that it falls into: one of [`RANGES`].
    pub range: &'static str,
    /// Its size in millionths of a percent; none where the value is the same or came from zero.
    pub millionths: Option<u64>,
    /// By how many percent of its size the value moved; none where it came from zero.
    pub percent: Option<BigRational>,
}

impl Move {
    /// From one value to another.
    pub fn of(from: &Decimal, to: &Decimal) -> Self {
        let percent = percent_change(from, to);
        if from.same_number(to) {
            return Self { range: "same", millionths: None, percent };
        }
        let Some(size) = percent.as_ref().map(Signed::abs) else { return Self { range: "from-zero", millionths: None, percent } };
        let millionths = (size.numer() * 1_000_000u32 / size.denom()).to_u64().unwrap_or(u64::MAX);
        let range = if to.is_zero() {
            "to-zero"
        } else if from.is_negative() != to.is_negative() {
            "sign"
        } else {
            let within = |bound: &u32| *size.numer() <= size.denom() * *bound;
            BOUNDS.iter().position(within).and_then(|place| RANGES.get(place)).copied().unwrap_or("over-100")
        };
        Self { range, millionths: Some(millionths), percent }
    }
}

/// The range that a move falls into, and its size in millionths of a percent (none where there is no percentage).
pub fn magnitude_of(from: &Decimal, to: &Decimal) -> (&'static str, Option<u64>) {
    let Move { range, millionths, .. } = Move::of(from, to);
    (range, millionths)
}

impl Tally {
    /// Takes the members of a factor that changed; those of a renamed one too.
    pub fn take_fields(&mut self, fields: &[FieldChange]) {
        for field in fields {
            let (bumps, factors) = self.members.entry(field.field.clone()).or_default();
            *bumps.entry(field.bump).or_default() += 1;
            *factors += 1;
        }
    }

    /// Takes the move of a factor of the class `number`.
    pub fn take_number(&mut self, key: &str, moved: &Move) {
        *self.buckets.entry(moved.range).or_default() += 1;
        let Some(size) = moved.millionths else { return };
        self.moves.push(size);
        if self.largest.as_ref().is_none_or(|(largest, _)| size > *largest) {
            self.largest = Some((size, key.to_owned()));
        }
    }

    /// How far the numbers moved.
    pub fn magnitude(&self) -> Magnitude {
        let mut moves = self.moves.clone();
        let middle = moves.len().saturating_sub(1) / 2;
        let median = if moves.is_empty() { None } else { Some(*moves.select_nth_unstable(middle).1) };
        let count = |range: &'static str| Bucket { range, factors: self.buckets.get(range).copied().unwrap_or(0) };
        Magnitude {
            buckets: RANGES.into_iter().map(count).collect(),
            median_percent: median.map(percent_text),
            max_percent: self.largest.as_ref().map(|(size, _)| percent_text(*size)),
            largest: self.largest.as_ref().map(|(_, key)| key.clone()),
        }
    }

    /// Which members changed, those that demand most first.
    pub fn members(&self) -> Vec<MemberCount> {
        let largest = |bumps: &BTreeMap<Bump, u64>| bumps.keys().next_back().copied().unwrap_or_default();
        let all = self.members.iter();
        let mut members: Vec<MemberCount> =
            all.map(|(member, (bumps, factors))| MemberCount { member: member.clone(), bump: largest(bumps), factors: *factors }).collect();
        members.sort_by(|a, b| b.bump.cmp(&a.bump).then(b.factors.cmp(&a.factors)).then_with(|| a.member.cmp(&b.member)));
        members
    }

    /// What demands the largest step, `words` being that of the metadata.
    pub fn reasons(&self, words: Bump) -> Vec<Reason> {
        let bump = self.counts.bump().max(words);
        let counted = [
            (Bump::Major, "removed", self.counts.removed),
            (Bump::Major, "renamed", self.counts.renamed),
            (Bump::Minor, "added", self.counts.added),
        ];
        let mut reasons: Vec<Reason> = counted
            .into_iter()
            .filter(|(own, _, factors)| *own == bump && *factors > 0)
            .map(|(bump, what, factors)| Reason { bump, what: what.to_owned(), factors })
            .collect();
        if words == bump && bump > Bump::None {
            reasons.push(Reason { bump, what: "metadata".to_owned(), factors: 0 });
        }
        let mut members: Vec<Reason> = self
            .members
            .iter()
            .filter(|(member, _)| *member != "key")
            .filter_map(|(member, (bumps, _))| Some(Reason { bump, what: member.clone(), factors: *bumps.get(&bump)? }))
            .filter(|_| bump > Bump::None)
            .collect();
        members.sort_by(|a, b| b.factors.cmp(&a.factors).then_with(|| a.what.cmp(&b.what)));
        reasons.extend(members);
        reasons
    }
}

/// Millionths of a percent as a decimal: `12.5`.
fn percent_text(millionths: u64) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn bounds_belong_to_the_lower_range() {
        let table = [
            ("1", "1.01", "0-1", Some(1_000_000)),
            ("1", "1.0100001", "1-5", Some(1_000_010)),
            ("100", "105", "1-5", Some(5_000_000)),
            ("100", "90", "5-10", Some(10_000_000)),
            ("100", "125", "10-25", Some(25_000_000)),
            ("100", "50", "25-50", Some(50_000_000)),
            ("100", "200", "50-100", Some(100_000_000)),
            ("0.001", "1", "over-100", Some(99_900_000_000)),
            ("1", "-1", "sign", Some(200_000_000)),
            ("-1", "-1.5", "25-50", Some(50_000_000)),
            ("0", "1", "from-zero", None),
            ("1", "0.00", "to-zero", Some(100_000_000)),
            ("0.5", "0.50", "same", None),
        ];
        for (from, to, range, size) in table {
            assert_eq!(magnitude_of(&decimal(from), &decimal(to)), (range, size), "{from} {to}");
        }
    }

    #[test]
    fn the_middle_and_the_largest() {
        let mut tally = Tally::default();
        assert_eq!(tally.magnitude().median_percent, None);
        for (key, to) in [("a", "1.125"), ("b", "1.5"), ("c", "4"), ("d", "1"), ("e", "1.01")] {
            tally.take_number(key, &Move::of(&decimal("1"), &decimal(to)));
        }
        let found = tally.magnitude();
        assert_eq!((found.median_percent.as_deref(), found.max_percent.as_deref()), (Some("12.5"), Some("300")));
        assert_eq!(found.largest.as_deref(), Some("c"));
        assert_eq!(found.buckets.iter().map(|bucket| bucket.factors).sum::<u64>(), 5);
    }

    #[test]
    fn what_demands_the_step_is_told_alone() {
        let change = |field: &str, bump| FieldChange { field: field.into(), from: 1.into(), to: 2.into(), bump };
        let mut tally = Tally { counts: ChangeCounts { meaning: 2, number: 1, ..ChangeCounts::default() }, ..Tally::default() };
        tally.take_fields(&[change("price_year", Bump::Major), change("value", Bump::Minor)]);
        tally.take_fields(&[change("price_year", Bump::Major)]);
        tally.take_fields(&[change("value", Bump::Minor)]);
        let reason = |what: &str, factors| Reason { bump: Bump::Major, what: what.into(), factors };
        assert_eq!(tally.reasons(Bump::Patch), [reason("price_year", 2)]);
        assert_eq!(tally.reasons(Bump::Major), [reason("metadata", 0), reason("price_year", 2)]);
        assert_eq!(tally.members().iter().map(|m| (m.member.as_str(), m.factors)).collect::<Vec<_>>(), [("price_year", 2), ("value", 2)]);
        assert_eq!(Tally::default().reasons(Bump::None), []);
    }
}
