//! The lines of a release: canonical JSON objects in order of key, each ended by a line feed.

use std::cmp::Ordering;
use std::ops::Range;

use serde::Deserialize;

/// Iterates over the lines of `factors.ndjson`, without their line feeds.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// Over these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut parts = self.rest.splitn(2, |byte| *byte == b'\n');
        let line = parts.next()?;
        self.rest = parts.next().unwrap_or_default();
        Some(line)
    }
}

/// The key of a canonical line, without reading the rest of it into memory.
pub fn key_of(line: &[u8]) -> Result<&str, serde_json::Error> {
    #[derive(Deserialize)]
    struct KeyOnly<'a> {
        key: &'a str,
    }
    serde_json::from_slice::<KeyOnly<'_>>(line).map(|only| only.key)
}

/// Finds the line with a key among lines in order of key; only the lines that the search touches are read.
///
/// `Ok` holds where it stands, without its line feed; `Err` where it would have to begin.
///
/// # Errors
/// When a line that was touched has no key.
pub fn find_line(lines: &[u8], key: &str) -> Result<Result<Range<usize>, usize>, serde_json::Error> {
    let (mut low, mut high) = (0, lines.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let (before, after) = (lines.get(low..middle).unwrap_or_default(), lines.get(middle..high).unwrap_or_default());
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(low, |place| low + place + 1);
        let end = after.iter().position(|byte| *byte == b'\n').map_or(high, |place| middle + place);
        match key_of(lines.get(start..end).unwrap_or_default())?.cmp(key) {
            Ordering::Less => low = (end + 1).min(lines.len()),
            Ordering::Greater => high = start,
            Ordering::Equal => return Ok(Ok(start..end)),
        }
    }
    Ok(Err(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one() {
        assert_eq!(Lines::new(b"a\nb\n").collect::<Vec<_>>(), [b"a", b"b"]);
        assert_eq!(Lines::new(b"").count(), 0);
    }

    #[test]
    fn the_key_is_found() {
        assert_eq!(key_of(br#"{"activity":"a","key":"a/b","value":"1"}"#).unwrap(), "a/b");
        assert!(key_of(br#"{"activity":"a"}"#).is_err());
    }

    #[test]
    fn each_line_is_found_and_each_gap() {
        let line = |key: &str| format!("{{\"key\":\"{key}\"}}\n");
        let keys = ["b", "d", "f", "h/1", "h/2"];
        let lines: String = keys.iter().map(|key| line(key)).collect();
        for key in keys {
            let place = find_line(lines.as_bytes(), key).unwrap().unwrap();
            assert_eq!(&lines[place.clone()], line(key).trim_end());
            assert_eq!(place.start, lines.find(&line(key)).unwrap());
        }
        for (key, next) in [("a", 0), ("c", 12), ("e", 24), ("h", 36), ("z", lines.len())] {
            assert_eq!(find_line(lines.as_bytes(), key).unwrap(), Err(next), "{key}");
        }
        assert_eq!(find_line(b"", "a").unwrap(), Err(0));
        assert!(find_line(b"x\n", "a").is_err());
    }
}
