//! The lines of a draft: what was imported, laid over the previous release.
//!
//! A row that differs from the previous release only in its place in the source
//! or in the way its numbers are written keeps the previous line, so that its
//! digest stays; the new place goes to the import run's places.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::canon::{CanonError, canonical_bytes};
use crate::dataset::{ChangeCounts, LineReader, Merged, compare, key_of};
use crate::import::KeyedLine;

/// What became of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prepared {
    /// The difference with the previous release.
    pub counts: ChangeCounts,
    /// How many lines were written.
    pub lines: u64,
    /// The sources that kept lines cite: a release declares them, also where the package no longer does.
    pub cited: BTreeSet<String>,
}

/// Why lines could not be laid over each other.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The disk.
    #[error("writing the draft failed: {0}")]
    Io(#[from] io::Error),
    /// The previous release is not readable.
    #[error("a line of the previous release is damaged: {0}")]
    Line(#[from] serde_json::Error),
    /// A place without canonical form.
    #[error("a place has no canonical form: {0}")]
    Canon(#[from] CanonError),
}

/// Lays lines, given in order of key, over a previous release.
pub struct Prepare<R, L: Write, P: Write> {
    old: LineReader<R>,
    lines: L,
    places: P,
    prepared: Prepared,
}

/// Begins with the previous release's lines (none: empty), and where lines and places go.
///
/// Places are canonical lines `{"key":…,"row":…}`, with `source` and `value` as
/// read this time where the previous line is kept.
pub fn prepare<R: Read, L: Write, P: Write>(previous: R, lines: L, places: P) -> Prepare<R, L, P> {
    Prepare { old: LineReader::new(previous), lines, places, prepared: Prepared::default() }
}

impl<R: Read, L: Write, P: Write> Prepare<R, L, P> {
    /// Takes the next line.
    pub fn take(&mut self, new: &KeyedLine) -> Result<(), PrepareError> {
        let same_key = self.pass_removed(new)?;
        let merged = match self.old.peek()?.filter(|_| same_key) {
            Some(old) => compare(old, &new.line)?,
            None => Merged::Added(&new.line),
        };
        self.prepared.counts.count(&merged);
        let mut place = Place { key: &new.key, row: new.row, read: None };
        let kept = match merged {
            Merged::ProvenanceOnly { old, new } => {
                let mut read: serde_json::Value = serde_json::from_slice(new)?;
                let mut member = |name: &str| read.get_mut(name).map(serde_json::Value::take).unwrap_or_default();
                place.read = Some(Kept { source: member("source"), value: member("value") });
                self.prepared.cited.insert(source_of(old)?);
                old
            }
            _ => &new.line,
        };
        self.lines.write_all(kept)?;
        self.lines.write_all(b"\n")?;
        self.places.write_all(&canonical_bytes(&place)?)?;
        self.places.write_all(b"\n")?;
        self.prepared.lines += 1;
        if same_key {
            self.old.pass();
        }
        Ok(())
    }

    /// Ends, and hands the writers back.
    pub fn finish(mut self) -> Result<(Prepared, L, P), PrepareError> {
        while let Some(old) = self.old.peek()? {
            self.prepared.counts.count(&Merged::Removed(old));
            self.old.pass();
        }
        Ok((self.prepared, self.lines, self.places))
    }

    /// Passes what stands before a line; says whether its key is at hand. Of a line that stands as it stood the key is not read.
    fn pass_removed(&mut self, new: &KeyedLine) -> Result<bool, PrepareError> {
        while let Some(old) = self.old.peek()? {
            if old == new.line {
                return Ok(true);
            }
            match key_of(old)?.cmp(&new.key) {
                Ordering::Less => self.prepared.counts.count(&Merged::Removed(old)),
                Ordering::Equal => return Ok(true),
                Ordering::Greater => return Ok(false),
            }
            self.old.pass();
        }
        Ok(false)
    }
}

/// Where a factor was read.
#[derive(Serialize)]
struct Place<'a> {
    key: &'a str,
    row: u64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    read: Option<Kept>,
}

/// What was read this time where the previous line is kept.
#[derive(Serialize)]
struct Kept {
    source: serde_json::Value,
    value: serde_json::Value,
}

/// The id of the source that a line cites.
fn source_of(line: &[u8]) -> Result<String, serde_json::Error> {
    #[derive(Deserialize)]
    struct Cited {
        source: Id,
    }
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    serde_json::from_slice::<Cited>(line).map(|cited| cited.source.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::canonical_value;
    use serde_json::json;

    fn line(key: &str, value: &str, locator: &str) -> Vec<u8> {
        let value = json!({"key": key, "value": value, "source": {"id": "s", "locator": locator}});
        canonical_value(&value).unwrap()
    }

    fn keyed(row: u64, key: &str, value: &str, locator: &str) -> KeyedLine {
        KeyedLine { key: key.into(), row, line: line(key, value, locator) }
    }

    #[test]
    fn lines_are_laid_over_the_previous_release() {
        let previous = [line("a", "1", "p1"), line("b", "2", "p1"), line("c", "3", "p1"), line("d", "4", "p1")]
            .map(|l| [l, b"\n".to_vec()].concat())
            .concat();
        let mut preparing = prepare(&previous[..], Vec::new(), Vec::new());
        for new in [keyed(9, "a", "1.0", "p7"), keyed(3, "bb", "5", "p1"), keyed(4, "c", "3.1", "p1"), keyed(5, "d", "4", "p1")] {
            preparing.take(&new).unwrap();
        }
        let (prepared, lines, places) = preparing.finish().unwrap();
        let expected = [line("a", "1", "p1"), line("bb", "5", "p1"), line("c", "3.1", "p1"), line("d", "4", "p1")]
            .map(|l| [l, b"\n".to_vec()].concat())
            .concat();
        assert_eq!(lines, expected);
        let counts = ChangeCounts { added: 1, removed: 1, number: 1, provenance_only: 1, unchanged: 1, ..ChangeCounts::default() };
        assert_eq!(prepared, Prepared { counts, lines: 4, cited: ["s".to_owned()].into() });
        let first = String::from_utf8(places).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(first, r#"{"key":"a","row":9,"source":{"id":"s","locator":"p7"},"value":"1.0"}"#);
    }
}
