//! The lines of a release: canonical JSON objects in order of key, each ended by a line feed.

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
}
