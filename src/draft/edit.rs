//! One line of a draft changed by hand: where it goes, and what it says beside the release before.

use std::ops::Range;

use super::PrepareError;
use crate::dataset::{Merged, compare, find_line};

/// A line in its place among those of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line that stands there, with its line feed; empty where none does.
    pub range: Range<usize>,
}

impl Place {
    /// Where a key stands, or would stand.
    ///
    /// # Errors
    /// When a line that was touched does not read.
    pub fn of(lines: &[u8], key: &str) -> Result<Self, PrepareError> {
        let range = match find_line(lines, key)? {
            Ok(found) => found.start..(found.end + 1).min(lines.len()),
            Err(gap) => gap..gap,
        };
        Ok(Self { range })
    }

    /// The line that stands there, without its line feed.
    pub fn line<'a>(&self, lines: &'a [u8]) -> Option<&'a [u8]> {
        let line = lines.get(self.range.clone())?;
        Some(line.strip_suffix(b"\n").unwrap_or(line)).filter(|line| !line.is_empty())
    }

    /// What stands before it, and what stands behind it.
    pub fn around<'a>(&self, lines: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        (lines.get(..self.range.start).unwrap_or_default(), lines.get(self.range.end..).unwrap_or_default())
    }
}

/// The line that a draft keeps: that of the release before, where the new one differs from it only in its place in the
/// source or in the way a number is written.
///
/// # Errors
/// When a line does not read.
pub fn laid_over<'a>(before: Option<&'a [u8]>, new: &'a [u8]) -> Result<&'a [u8], PrepareError> {
    Ok(match before.map(|before| compare(before, new)).transpose()? {
        Some(Merged::ProvenanceOnly { old, .. }) => old,
        _ => new,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_parts_the_lines() {
        let lines = b"{\"key\":\"b\"}\n{\"key\":\"d\"}\n";
        let place = Place::of(lines, "d").unwrap();
        assert_eq!(place.line(lines), Some(&b"{\"key\":\"d\"}"[..]));
        assert_eq!(place.around(lines), (&b"{\"key\":\"b\"}\n"[..], &b""[..]));
        let gap = Place::of(lines, "c").unwrap();
        assert_eq!((gap.line(lines), gap.around(lines).1), (None, &b"{\"key\":\"d\"}\n"[..]));
    }

    #[test]
    fn a_new_place_in_the_source_keeps_the_line() {
        let old = br#"{"key":"a","source":{"id":"s","locator":"p1"},"value":"1"}"#;
        let moved = br#"{"key":"a","source":{"id":"s","locator":"p2"},"value":"1.0"}"#;
        let other = br#"{"key":"a","source":{"id":"s","locator":"p2"},"value":"2"}"#;
        assert_eq!(laid_over(Some(old), moved).unwrap(), old);
        assert_eq!(laid_over(Some(old), other).unwrap(), other);
        assert_eq!(laid_over(None, moved).unwrap(), moved);
    }
}
