//! What became of keys between two releases, as data: records that a steward confirmed.
//!
//! The verbs are those of migration files of life-cycle databases (create, replace, update, delete, and disaggregate, here
//! `split`, with its opposite `merge`). The artefact holds no names and no times, so that equal records give equal bytes.

use std::io::Read;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use crate::canon::{CanonError, canonical_bytes};
use crate::factor::{Decimal, notation};

/// What happened to the keys of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// New keys that stand for nothing before.
    Create,
    /// One key is gone, and another is to be used in its place: a rename, or a factor that took over.
    Replace,
    /// The key stays and what it says changed.
    Update,
    /// Keys are gone and nothing took their place.
    Delete,
    /// One key became several.
    Split,
    /// Several keys became one.
    Merge,
}

impl Verb {
    /// Every verb as it is written.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("create", Self::Create),
        ("replace", Self::Replace),
        ("update", Self::Update),
        ("delete", Self::Delete),
        ("split", Self::Split),
        ("merge", Self::Merge),
    ];

    /// The verb as it is written.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, verb)| *verb == self).map_or("", |(word, _)| word)
    }

    /// The verb that is written so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(own, _)| *own == word).map(|(_, verb)| *verb)
    }
}

/// What became of one or more keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrosswalkRecord {
    /// What happened.
    pub verb: Verb,
    /// Keys of the release before; none for `create`.
    #[serde(default)]
    pub from: Vec<String>,
    /// Keys of this release; none for `delete`.
    #[serde(default)]
    pub to: Vec<String>,
    /// Of a split: how much of what the old key counted falls to each new one, in the order of `to`; they add up to 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub share: Vec<Decimal>,
    /// Why, in words.
    pub reason: String,
    /// Who said so; in the draft and in the release's record, not in the artefact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What is wrong with a record, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the crosswalk record {record}: {why}")]
pub struct CrosswalkError {
    /// The record in short, or its row in a table.
    pub record: String,
    /// What is wrong.
    pub why: String,
}

/// The most keys on one side of a record.
const MAX_KEYS: usize = 1000;

/// The most records of a release.
const MAX_RECORDS: usize = 20_000;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

impl CrosswalkRecord {
    /// `replace a -> b`.
    pub fn shown(&self) -> String {
        let list = |keys: &[String]| keys.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("`{} {} -> {}`", self.verb.as_str(), list(&self.from), list(&self.to))
    }

    /// Whether the record is one: as many keys on each side as its verb has, shares that add up, a reason.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), CrosswalkError> {
        let fail = |why: String| Err(CrosswalkError { record: self.shown(), why });
        let (before, after) = (self.from.len(), self.to.len());
        let (fits, right) = match self.verb {
            Verb::Create => (before == 0 && after > 0, "`create` has no key before, and one or more after"),
            Verb::Delete => (before > 0 && after == 0, "`delete` has one or more keys before, and none after"),
            Verb::Replace => (before == 1 && after == 1 && self.from != self.to, "`replace` has one key before and another one after"),
            Verb::Update => (before == 1 && self.from == self.to, "`update` has the same one key before and after"),
            Verb::Split => (before == 1 && after > 1, "`split` has one key before and several after"),
            Verb::Merge => (before > 1 && after == 1, "`merge` has several keys before and one after"),
        };
        if !fits {
            return fail(format!("{right}; here are {before} and {after}"));
        }
        if before > MAX_KEYS || after > MAX_KEYS {
            return fail(format!("at most {MAX_KEYS} keys stand on a side"));
        }
        for keys in [&self.from, &self.to] {
            let distinct: std::collections::BTreeSet<&String> = keys.iter().collect();
            if distinct.len() < keys.len() {
                return fail("a key stands twice on one side".into());
            }
        }
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
            return fail(format!("say why, in 1 to {MAX_REASON} characters on one line"));
        }
        self.check_share()
    }

    fn check_share(&self) -> Result<(), CrosswalkError> {
        let fail = |why: &str| Err(CrosswalkError { record: self.shown(), why: why.to_owned() });
        if self.share.is_empty() {
            return Ok(());
        }
        if self.verb != Verb::Split || self.share.len() != self.to.len() {
            return fail("shares belong to a split, one for each key after");
        }
        let sum = self.share.iter().fold(BigRational::zero(), |sum, share| sum + share.to_rational());
        if self.share.iter().any(|share| share.is_negative() || share.is_zero()) || sum != BigRational::from(BigInt::from(1)) {
            return fail("shares are above zero and add up to 1");
        }
        Ok(())
    }

    /// Without who and when.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { by: None, at: None, ..self.clone() }
    }

    fn place(&self) -> (Vec<String>, Vec<String>, Verb) {
        (self.from.clone(), self.to.clone(), self.verb)
    }
}

/// The records of one release, or of a draft, in order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Crosswalk {
    records: Vec<CrosswalkRecord>,
}

impl Crosswalk {
    /// The records.
    pub fn records(&self) -> &[CrosswalkRecord] {
        &self.records
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Takes a record.
    ///
    /// # Errors
    /// When it is none, or another one speaks of the same keys.
    pub fn add(&mut self, mut record: CrosswalkRecord) -> Result<(), CrosswalkError> {
        record.check()?;
        if self.records.len() >= MAX_RECORDS {
            return Err(CrosswalkError { record: record.shown(), why: format!("a release has at most {MAX_RECORDS} records") });
        }
        record.reason = record.reason.trim().to_owned();
        if record.share.is_empty() && record.verb != Verb::Update {
            record.to.sort();
        }
        record.from.sort();
        for other in &self.records {
            let before = other.from.iter().find(|key| record.from.contains(key));
            let after = other.to.iter().find(|key| record.to.contains(key));
            if let Some(key) = before.or(after) {
                let why = format!("{} speaks of `{key}` already: remove it first, or write one split or merge", other.shown());
                return Err(CrosswalkError { record: record.shown(), why });
            }
        }
        let place = self.records.partition_point(|other| other.place() < record.place());
        self.records.insert(place, record);
        Ok(())
    }

    /// Takes out every record that speaks of a key, and says how many there were.
    pub fn remove(&mut self, key: &str) -> usize {
        let before = self.records.len();
        self.records.retain(|record| !record.from.iter().chain(&record.to).any(|own| own == key));
        before - self.records.len()
    }

    /// The record that says what became of a key.
    pub fn of(&self, key: &str) -> Option<&CrosswalkRecord> {
        self.records.iter().find(|record| record.from.iter().any(|own| own == key))
    }

    /// Old and new key of every `replace`.
    pub fn replaced(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records
            .iter()
            .filter(|record| record.verb == Verb::Replace)
            .filter_map(|record| Some((record.from.first()?.as_str(), record.to.first()?.as_str())))
    }

    /// Canonical lines, one a record, without who and when: the artefact.
    ///
    /// # Errors
    /// None for what can be written; see [`canonical_bytes`].
    pub fn to_lines(&self) -> Result<Vec<u8>, CanonError> {
        let mut lines = Vec::new();
        for record in &self.records {
            lines.extend(canonical_bytes(&record.anonymous())?);
            lines.push(b'\n');
        }
        Ok(lines)
    }

    /// Reads the artefact.
    ///
    /// # Errors
    /// When a line is no record.
    pub fn from_lines(bytes: &[u8]) -> Result<Self, CrosswalkError> {
        let mut crosswalk = Self::default();
        for (number, line) in (1..).zip(super::Lines::new(bytes)) {
            let at = |why: String| CrosswalkError { record: format!("of line {number}"), why };
            let record: CrosswalkRecord = serde_json::from_slice(line).map_err(|error| at(error.to_string()))?;
            record.check()?;
            crosswalk.records.push(record);
        }
        Ok(crosswalk)
    }
}

const COLUMNS: [&str; 7] = ["verb", "from", "to", "share", "reason", "by", "at"];

/// The records as a table: `verb,from,to,share,reason,by,at`, several keys in a cell parted by `;`.
///
/// # Errors
/// None but those of memory.
pub fn write_crosswalk_csv(crosswalk: &Crosswalk) -> std::io::Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    let join = |keys: &[String]| notation::write_list(keys.iter().map(String::as_str));
    for record in crosswalk.records() {
        let share = notation::write_list(record.share.iter().map(Decimal::as_str));
        let rest = [record.reason.clone(), record.by.clone().unwrap_or_default(), record.at.clone().unwrap_or_default()];
        let cells = [record.verb.as_str().to_owned(), join(&record.from), join(&record.to), share].into_iter().chain(rest);
        table.write_record(cells.collect::<Vec<_>>())?;
    }
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// Reads such a table; who and when are the reader's to say, so those columns are passed over.
///
/// # Errors
/// The first row that is no record.
pub fn read_crosswalk_csv(input: impl Read) -> Result<Vec<CrosswalkRecord>, CrosswalkError> {
    let mut table = csv::ReaderBuilder::new().from_reader(input);
    let at = |row: u64, why: String| CrosswalkError { record: format!("of row {row}"), why };
    let header = table.headers().map_err(|error| at(1, error.to_string()))?.clone();
    if let Some(wrong) = header.iter().find(|name| !COLUMNS.contains(name)) {
        let shown: String = wrong.chars().take(60).collect();
        return Err(at(1, format!("`{shown}` is no column; the columns are {}", COLUMNS.join(", "))));
    }
    let column = |name: &str| header.iter().position(|own| own == name);
    let (verb, from, to) = (column("verb"), column("from"), column("to"));
    let (Some(verb), Some(from), Some(to), Some(reason)) = (verb, from, to, column("reason")) else {
        return Err(at(1, "the columns verb, from, to and reason are wanted".into()));
    };
    let mut records = Vec::new();
    for (row, cells) in (2..).zip(table.records()) {
        let cells = cells.map_err(|error| at(row, error.to_string()))?;
        let cell = |place: usize| cells.get(place).unwrap_or_default();
        let share = column("share").map(|place| notation::read_list(cell(place))).unwrap_or_default();
        let share: Result<Vec<Decimal>, _> = share.iter().map(|share| share.parse()).collect();
        let word: String = cell(verb).chars().take(60).collect();
        let verb = Verb::from_word(&word);
        let record = CrosswalkRecord {
            verb: verb.ok_or_else(|| at(row, format!("`{word}` is no verb: write create, replace, update, delete, split or merge")))?,
            from: notation::read_list(cell(from)),
            to: notation::read_list(cell(to)),
            share: share.map_err(|error| at(row, format!("share: {error}")))?,
            reason: cell(reason).trim().to_owned(),
            by: None,
            at: None,
        };
        record.check().map_err(|error| at(row, error.why))?;
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(verb: Verb, from: &[&str], to: &[&str]) -> CrosswalkRecord {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        CrosswalkRecord { verb, from: keys(from), to: keys(to), share: Vec::new(), reason: "because".into(), by: None, at: None }
    }

    #[test]
    fn each_verb_has_its_sides() {
        for (verb, from, to) in [
            (Verb::Create, &[][..], &["a"][..]),
            (Verb::Delete, &["a", "b"], &[]),
            (Verb::Replace, &["a"], &["b"]),
            (Verb::Update, &["a"], &["a"]),
            (Verb::Split, &["a"], &["b", "c"]),
            (Verb::Merge, &["a", "b"], &["c"]),
        ] {
            assert_eq!(record(verb, from, to).check(), Ok(()), "{verb:?}");
            assert!(record(verb, to, from).check().is_err() || verb == Verb::Update || verb == Verb::Replace, "{verb:?}");
        }
        for (verb, from, to) in [
            (Verb::Replace, &["a"][..], &["a"][..]),
            (Verb::Update, &["a"], &["b"]),
            (Verb::Split, &["a"], &["b", "b"]),
            (Verb::Merge, &["a", "a"], &["b"]),
            (Verb::Create, &[], &[]),
        ] {
            assert!(record(verb, from, to).check().is_err(), "{verb:?}");
        }
        assert!(CrosswalkRecord { reason: " ".into(), ..record(Verb::Replace, &["a"], &["b"]) }.check().is_err());
    }

    #[test]
    fn shares_add_up() {
        let share = |shares: &[&str]| {
            let share = shares.iter().map(|share| share.parse().unwrap()).collect();
            CrosswalkRecord { share, ..record(Verb::Split, &["a"], &["b", "c", "d"]) }.check().is_ok()
        };
        assert!(share(&["0.1", "0.2", "0.7"]));
        assert!(!share(&["0.1", "0.2"]) && !share(&["0.1", "0.2", "0.8"]) && !share(&["0", "0.3", "0.7"]));
    }

    #[test]
    fn equal_records_give_equal_bytes_whoever_said_them() {
        let (a, b) = (record(Verb::Replace, &["a"], &["z"]), record(Verb::Merge, &["d", "c"], &["y"]));
        let (mut one, mut other) = (Crosswalk::default(), Crosswalk::default());
        one.add(a.clone()).unwrap();
        one.add(b.clone()).unwrap();
        other.add(CrosswalkRecord { by: Some("w".into()), at: Some("t".into()), ..b }).unwrap();
        other.add(a).unwrap();
        assert_eq!(one.to_lines().unwrap(), other.to_lines().unwrap());
        assert_eq!(Crosswalk::from_lines(&one.to_lines().unwrap()).unwrap(), one);
        let table = write_crosswalk_csv(&other).unwrap();
        let mut read = Crosswalk::default();
        read_crosswalk_csv(&table[..]).unwrap().into_iter().for_each(|record| read.add(record).unwrap());
        assert_eq!(read, one);
        assert!(one.add(record(Verb::Delete, &["a"], &[])).unwrap_err().why.contains("already"));
        assert_eq!((one.remove("z"), one.remove("z")), (1, 0));
    }

    #[test]
    fn a_wrong_table_says_where() {
        for (table, word) in [
            ("verb,from\n", "wanted"),
            ("verb,from,to,reason,colour\n", "`colour`"),
            ("verb,from,to,reason\nrename,a,b,r\n", "row 2: `rename` is no verb"),
            ("verb,from,to,reason\nreplace,a,b,r\nreplace,a,,r\n", "row 3"),
            ("verb,from,to,share,reason\nsplit,a,b;c,x;y,r\n", "share"),
        ] {
            let said = read_crosswalk_csv(table.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(word), "{said}");
        }
    }
}
