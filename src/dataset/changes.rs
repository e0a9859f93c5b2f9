//! The difference of two releases, factor by factor and field by field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use num_rational::BigRational;
use num_traits::Signed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Bump, LineReader, key_of, names_year};
use crate::factor::Decimal;

/// How many factors changed, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCounts {
    /// In the new release only.
    pub added: u64,
    /// In the old release only.
    pub removed: u64,
    /// Under another key, as a confirmed record of the crosswalk says (MAJOR: a key is gone).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renamed: u64,
    /// Meaning changed (MAJOR).
    pub meaning: u64,
    /// Number changed, meaning not (MINOR).
    pub number: u64,
    /// Words changed only (PATCH).
    pub text: u64,
    /// Only the place in the source or the way of writing a number differs: the old line is kept.
    pub provenance_only: u64,
    /// The same bytes.
    pub unchanged: u64,
}

/// Manifests that were made before there were crosswalks keep their bytes.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ChangeCounts {
    /// What these changes demand of the version.
    pub fn bump(&self) -> Bump {
        if self.removed + self.renamed + self.meaning > 0 {
            Bump::Major
        } else if self.added + self.number > 0 {
            Bump::Minor
        } else if self.text > 0 {
            Bump::Patch
        } else {
            Bump::None
        }
    }

    /// Counts one factor.
    pub fn count(&mut self, merged: &Merged<'_>) {
        let counter = match merged {
            Merged::Added(_) => &mut self.added,
            Merged::Removed(_) => &mut self.removed,
            Merged::Unchanged(_) => &mut self.unchanged,
            Merged::ProvenanceOnly { .. } => &mut self.provenance_only,
            Merged::Changed { bump: Bump::Major, .. } => &mut self.meaning,
            Merged::Changed { bump: Bump::Minor, .. } => &mut self.number,
            Merged::Changed { .. } => &mut self.text,
        };
        *counter += 1;
    }
}

/// One member of a factor that differs.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// Member of the canonical object.
    pub field: String,
    /// What it was; null where it was absent.
    #[schema(value_type = Object)]
    pub from: Value,
    /// What it is; null where it is absent.
    #[schema(value_type = Object)]
    pub to: Value,
    /// What this member alone demands of the version.
    pub bump: Bump,
}

/// One factor seen from both releases.
#[derive(Debug, Clone, PartialEq)]
pub enum Merged<'a> {
    /// New.
    Added(&'a [u8]),
    /// Gone.
    Removed(&'a [u8]),
    /// The same bytes.
    Unchanged(&'a [u8]),
    /// The same factor, read at another place or written another way.
    ProvenanceOnly {
        /// The line that stays.
        old: &'a [u8],
        /// The line as it was read this time.
        new: &'a [u8],
    },
    /// Different.
    Changed {
        /// Before.
        old: &'a [u8],
        /// After.
        new: &'a [u8],
        /// Member by member.
        fields: Vec<FieldChange>,
        /// The largest bump of the members.
        bump: Bump,
    },
}

/// What a change of each member demands; a member that is not listed demands MAJOR.
const MEMBER_BUMPS: &[(&str, Bump)] = &[
    ("name", Bump::Patch),
    ("description", Bump::Patch),
    ("note", Bump::Patch),
    ("synonyms", Bump::Patch),
    ("category", Bump::Patch),
    ("classifications", Bump::Patch),
    ("flags", Bump::Patch),
    ("quality", Bump::Patch),
    ("source", Bump::Patch),
    ("derived_from", Bump::Patch),
    ("certificate", Bump::Patch),
    ("published", Bump::Patch),
    ("value", Bump::Minor),
    ("stages", Bump::Minor),
    ("uncertainty", Bump::Minor),
    ("status", Bump::Minor),
    ("co2e_origin", Bump::Minor),
    ("rule", Bump::Minor),
];

/// Members that move by MINOR, unless the key itself names a year.
const DATED_MEMBERS: [&str; 3] = ["year", "period", "valid"];

/// Compares two lines of one key.
pub fn compare<'a>(old: &'a [u8], new: &'a [u8]) -> Result<Merged<'a>, serde_json::Error> {
    if old == new {
        return Ok(Merged::Unchanged(old));
    }
    let (before, after) = (members(old)?, members(new)?);
    let key_has_year = matches!(after.get("key").map(|key| key.read()).transpose()?, Some(Value::String(key)) if names_year(&key));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).map(AsRef::as_ref).collect();
    let mut fields = Vec::new();
    for name in names {
        let (from, to) = (before.get(name), after.get(name));
        // of two members that are written alike nothing needs to be read
        if from.map(Member::text) == to.map(Member::text) {
            continue;
        }
        let read = |member: Option<&Member<'_>>| member.map_or(Ok(Value::Null), Member::read);
        let (from, to) = (read(from)?, read(to)?);
        if !same_numbers(name, &from, &to) {
            let bump = member_bump(name, &from, &to, key_has_year);
            fields.push(FieldChange { field: name.to_owned(), from, to, bump });
        }
    }
    if fields.iter().all(|change| change.field == "source") {
        return Ok(Merged::ProvenanceOnly { old, new });
    }
    let bump = fields.iter().map(|change| change.bump).max().unwrap_or_default();
    Ok(Merged::Changed { old, new, fields, bump })
}

/// A member of a line as it is written.
#[derive(Deserialize)]
struct Member<'a>(#[serde(borrow)] &'a RawValue);

impl Member<'_> {
    fn text(&self) -> &str {
        self.0.get()
    }

    fn read(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.text())
    }
}

/// The members of a line; a name with an escape, which no factor has, is not borrowed.
fn members(line: &[u8]) -> Result<BTreeMap<Cow<'_, str>, Member<'_>>, serde_json::Error> {
    match serde_json::from_slice::<BTreeMap<&str, Member<'_>>>(line) {
        Ok(members) => Ok(members.into_iter().map(|(name, member)| (Cow::Borrowed(name), member)).collect()),
        Err(_) => serde_json::from_slice(line),
    }
}

fn member_bump(name: &str, from: &Value, to: &Value, key_has_year: bool) -> Bump {
    if DATED_MEMBERS.contains(&name) {
        return if key_has_year { Bump::Major } else { Bump::Minor };
    }
    if name == "gases" || name == "gases_co2e" {
        return if gas_set(from) == gas_set(to) { Bump::Minor } else { Bump::Major };
    }
    MEMBER_BUMPS.iter().find(|(member, _)| *member == name).map_or(Bump::Major, |(_, bump)| *bump)
}

fn gas_set(gases: &Value) -> Vec<(Option<&str>, Option<&str>)> {
    gases
        .as_array()
        .map(|gases| gases.iter().map(|gas| (gas.get("gas").and_then(Value::as_str), gas.get("origin").and_then(Value::as_str))).collect())
        .unwrap_or_default()
}

/// Whether a member differs at most in the way that its numbers are written.
///
/// Only amounts compare as numbers: the code `01` is not the code `1`, scope 3.1 is not 3.10.
fn same_numbers(name: &str, from: &Value, to: &Value) -> bool {
    const AMOUNTS: [&str; 11] = ["kg", "co2e", "value", "gsd", "sd", "low", "high", "mode", "percent", "level", "dqr"];
    match (from, to) {
        (Value::String(a), Value::String(b)) if AMOUNTS.contains(&name) => {
            a == b || matches!((a.parse::<Decimal>(), b.parse::<Decimal>()), (Ok(a), Ok(b)) if a.same_number(&b))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_numbers(name, a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let same = |(member, own): (&String, &Value)| b.get(member).is_some_and(|other| same_numbers(member, own, other));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => from == to,
    }
}

/// Walks two sorted lists of lines side by side and hands out each factor once, in order of key.
///
/// `E` is the caller's error; malformed lines give `malformed`.
pub fn merge_lines<'a, E>(
    old: impl Iterator<Item = &'a [u8]>,
    new: impl Iterator<Item = &'a [u8]>,
    malformed: impl Fn(serde_json::Error) -> E,
    mut take: impl FnMut(Merged<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let (mut old, mut new) = (old.peekable(), new.peekable());
    loop {
        let merged = match (old.peek().copied(), new.peek().copied()) {
            (None, None) => return Ok(()),
            (Some(line), None) => Merged::Removed(line),
            (None, Some(line)) => Merged::Added(line),
            (Some(before), Some(after)) => merge(before, after).map_err(&malformed)?,
        };
        if !matches!(merged, Merged::Added(_)) {
            old.next();
        }
        if !matches!(merged, Merged::Removed(_)) {
            new.next();
        }
        take(merged)?;
    }
}

/// Counts what differs between two sorted lists of lines that are read from their files: in memory is a block of each.
///
/// # Errors
/// When a file or a line does not read.
pub fn count_changes(old: impl Read, new: impl Read) -> io::Result<ChangeCounts> {
    let (mut old, mut new) = (LineReader::new(old), LineReader::new(new));
    let mut counts = ChangeCounts::default();
    loop {
        let merged = match (old.peek()?, new.peek()?) {
            (None, None) => return Ok(counts),
            (Some(line), None) => Merged::Removed(line),
            (None, Some(line)) => Merged::Added(line),
            (Some(before), Some(after)) => merge(before, after)?,
        };
        counts.count(&merged);
        let (removed, added) = (matches!(merged, Merged::Removed(_)), matches!(merged, Merged::Added(_)));
        if !added {
            old.pass();
        }
        if !removed {
            new.pass();
        }
    }
}

/// Of two lines the one that stands first, or both where they are of one key.
fn merge<'a>(before: &'a [u8], after: &'a [u8]) -> Result<Merged<'a>, serde_json::Error> {
    if before == after {
        return Ok(Merged::Unchanged(before));
    }
    match key_of(before)?.cmp(key_of(after)?) {
        std::cmp::Ordering::Less => Ok(Merged::Removed(before)),
        std::cmp::Ordering::Greater => Ok(Merged::Added(after)),
        std::cmp::Ordering::Equal => compare(before, after),
    }
}

/// By how many percent of its size a value moved; nothing where it was zero.
pub fn percent_change(from: &Decimal, to: &Decimal) -> Option<BigRational> {
    let (from, to) = (from.to_rational(), to.to_rational());
    let hundred = BigRational::from(num_bigint::BigInt::from(100));
    (!from.numer().eq(&0.into())).then(|| (to - &from) / from.abs() * hundred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEYED_BY_YEAR: &str = "grid-average/cn/2022";

    fn line(key: &str, changes: &Value) -> Vec<u8> {
        let mut object = json!({
            "activity": "electricity/grid-average", "boundary": "generation", "gases": [{"gas": "CO2", "kg": "0.5"}],
            "key": key, "kind": "electricity-direct", "metric": "CO2", "name": {"en": "Grid"}, "per": "kW.h",
            "region": "CN", "source": {"id": "s", "locator": "p. 1"}, "value": "0.5366", "year": 2022
        });
        for (name, value) in changes.as_object().unwrap() {
            object[name] = value.clone();
        }
        object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        crate::canon::canonical_value(&object).unwrap()
    }

    fn bump_of(key: &str, changes: &Value) -> Bump {
        match compare(&line(key, &json!({})), &line(key, changes)).unwrap() {
            Merged::Changed { bump, .. } => bump,
            _ => Bump::None,
        }
    }

    #[test]
    fn each_member_demands_its_step() {
        let table = [
            (json!({"name": {"en": "Grid average"}}), Bump::Patch),
            (json!({"flags": ["partial_gases"]}), Bump::Patch),
            (json!({"derived_from": [{"dataset": "a", "key": "k", "version": "1.0.0"}]}), Bump::Patch),
            (json!({"value": "0.5367"}), Bump::Minor),
            (json!({"gases": [{"gas": "CO2", "kg": "0.6"}]}), Bump::Minor),
            (json!({"uncertainty": {"type": "percent", "percent": "5"}}), Bump::Minor),
            (json!({"status": "deprecated"}), Bump::Minor),
            (json!({"gases": [{"gas": "CH4", "kg": "0.5"}]}), Bump::Major),
            (json!({"gases": null}), Bump::Major),
            (json!({"per": "MJ"}), Bump::Major),
            (json!({"basis": "net_cv"}), Bump::Major),
            (json!({"boundary": null}), Bump::Major),
            (json!({"region": "CN-ZJ"}), Bump::Major),
            (json!({"metric": "CO2e"}), Bump::Major),
            (json!({"technology": "x"}), Bump::Major),
            (json!({"scope": "2"}), Bump::Major),
            (json!({"year": 2023}), Bump::Major),
            (json!({"value": "0.9", "per": "MJ"}), Bump::Major),
        ];
        for (changes, bump) in table {
            assert_eq!(bump_of(KEYED_BY_YEAR, &changes), bump, "{changes}");
        }
        assert_eq!(bump_of("grid-average/cn", &json!({"year": 2023})), Bump::Minor);
    }

    #[test]
    fn place_and_writing_alone_keep_the_old_line() {
        for changes in [
            json!({"source": {"id": "t", "locator": "p. 9"}}),
            json!({"value": "0.53660"}),
            json!({"gases": [{"gas": "CO2", "kg": "0.50"}]}),
        ] {
            let (old, new) = (line("k", &json!({})), line("k", &changes));
            assert!(matches!(compare(&old, &new).unwrap(), Merged::ProvenanceOnly { .. }), "{changes}");
        }
        let (old, new) = (
            line("k", &json!({"classifications": [{"scheme": "hs", "code": "01"}]})),
            line("k", &json!({"classifications": [{"scheme": "hs", "code": "1"}]})),
        );
        assert!(matches!(compare(&old, &new).unwrap(), Merged::Changed { bump: Bump::Patch, .. }));
    }

    #[test]
    fn lines_that_are_not_canonical_compare_by_what_they_mean() {
        let same = [r#"{"key":"k","year":2022,"a\\n":{"x":[1, 2]}}"#, r#"{"a\\n": {"x":[1,2]}, "year":2022,"key":"k"}"#];
        let same = same.map(|line| line.replace("\\\\", "\\"));
        assert!(matches!(compare(same[0].as_bytes(), same[1].as_bytes()).unwrap(), Merged::ProvenanceOnly { .. }));
        assert!(compare(b"[1]", b"{}").is_err() && compare(b"{\"a\":1", b"{}").is_err());
    }

    #[test]
    fn every_member_of_a_factor_has_a_rule() {
        let major = [
            "activity",
            "basis",
            "boundary",
            "gwp",
            "key",
            "kind",
            "metric",
            "per",
            "price_basis",
            "price_year",
            "region",
            "scope",
            "technology",
        ];
        let schema: Value = serde_json::from_str(include_str!("../../schema/factor.json")).unwrap();
        for name in schema["properties"].as_object().unwrap().keys() {
            let named = MEMBER_BUMPS.iter().any(|(member, _)| member == name);
            let special = DATED_MEMBERS.contains(&name.as_str()) || name.starts_with("gases") || major.contains(&name.as_str());
            assert!(named != special, "{name}");
        }
    }

    #[test]
    fn two_lists_are_walked_once() {
        let (a, b, c, b2) = (line("a", &json!({})), line("b", &json!({})), line("c", &json!({})), line("b", &json!({"value": "1"})));
        let mut counts = ChangeCounts::default();
        merge_lines(
            [&a[..], &b[..]].into_iter(),
            [&b2[..], &c[..]].into_iter(),
            |error| error,
            |merged| {
                counts.count(&merged);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(counts, ChangeCounts { added: 1, removed: 1, number: 1, ..ChangeCounts::default() });
        assert_eq!(counts.bump(), Bump::Major);
        let file = |lines: &[&Vec<u8>]| lines.iter().map(|line| [line.as_slice(), b"\n"].concat()).collect::<Vec<_>>().concat();
        assert_eq!(count_changes(&file(&[&a, &b])[..], &file(&[&b2, &c])[..]).unwrap(), counts);
        assert_eq!(count_changes(&b""[..], &file(&[&a])[..]).unwrap(), ChangeCounts { added: 1, ..ChangeCounts::default() });
        assert!(count_changes(&b"x\n"[..], &file(&[&a])[..]).is_err());
    }
}
