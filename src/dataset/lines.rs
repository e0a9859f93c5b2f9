//! The lines of a release: canonical JSON objects in order of key, each ended by a line feed.

use std::cmp::Ordering;
use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memrchr};
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
        let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        Some(line)
    }
}

/// Parts bytes into blocks of whole lines, each of at least so many bytes but the last.
pub fn blocks_of(lines: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let behind = rest.get(size..).unwrap_or_default();
        let end = memchr(b'\n', behind).map_or(rest.len(), |place| size + place + 1);
        let (block, next) = rest.split_at(end);
        rest = next;
        Some(block).filter(|block| !block.is_empty())
    })
}

/// Reads bytes in blocks of whole lines, each of about so many bytes; a line is never parted.
pub fn read_blocks(mut input: impl Read, size: usize) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let (mut begun, mut ended) = (Vec::new(), false);
    std::iter::from_fn(move || {
        let mut block = std::mem::take(&mut begun);
        while !ended {
            let before = block.len();
            block.reserve(size);
            match input.by_ref().take(size as u64).read_to_end(&mut block) {
                Ok(read) => ended = read < size,
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
            let last = memrchr(b'\n', block.get(before..).unwrap_or_default()).filter(|_| !ended);
            if let Some(place) = last {
                begun = block.split_off(before + place + 1);
                break;
            }
        }
        Some(block).filter(|block| !block.is_empty()).map(Ok)
    })
}

/// A block that lines are read from.
const READ_BYTES: usize = 256 << 10;

/// Lines of a file one after the other.
pub struct LineReader<R> {
    input: R,
    block: Vec<u8>,
    start: usize,
    ended: bool,
}

impl<R: Read> LineReader<R> {
    /// At the first line.
    pub fn new(input: R) -> Self {
        Self { input, block: Vec::new(), start: 0, ended: false }
    }

    /// The line at hand, without its line feed; nothing at the end.
    ///
    /// # Errors
    /// When the file does not read.
    pub fn peek(&mut self) -> io::Result<Option<&[u8]>> {
        let mut looked = self.start;
        loop {
            let new = self.block.get(looked..).unwrap_or_default();
            if let Some(place) = memchr(b'\n', new) {
                return Ok(self.block.get(self.start..looked + place));
            }
            if self.ended {
                return Ok(self.block.get(self.start..).filter(|rest| !rest.is_empty()));
            }
            self.block.drain(..self.start);
            self.start = 0;
            looked = self.block.len();
            let read = self.input.by_ref().take(READ_BYTES as u64).read_to_end(&mut self.block)?;
            self.ended = read < READ_BYTES;
        }
    }

    /// Passes the line at hand.
    pub fn pass(&mut self) {
        let rest = self.block.get(self.start..).unwrap_or_default();
        self.start = memchr(b'\n', rest).map_or(self.block.len(), |place| self.start + place + 1);
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
    fn a_file_is_read_line_by_line() {
        let long = "x".repeat(READ_BYTES);
        for text in ["", "\n", "a", "a\n\nb", &format!("{long}\nb\n{long}{long}\nc")] {
            let (mut reader, mut lines) = (LineReader::new(text.as_bytes()), Vec::new());
            while let Some(line) = reader.peek().unwrap() {
                lines.push(line.to_vec());
                reader.pass();
            }
            assert!(lines == Lines::new(text.as_bytes()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn blocks_hold_whole_lines() {
        for text in ["", "\n", "a", "a\n", "a\nbb\nccc\n\ndddd", "eeeeeeeeeeeeeeeee\nf\n"] {
            for size in 1..20 {
                let own: Vec<&[u8]> = blocks_of(text.as_bytes(), size).collect();
                let read: Vec<Vec<u8>> = read_blocks(text.as_bytes(), size).map(Result::unwrap).collect();
                assert_eq!((own.concat(), read.concat()), (text.as_bytes().to_vec(), text.as_bytes().to_vec()));
                let whole = |block: &&[u8]| block.ends_with(b"\n");
                assert!(own.iter().rev().skip(1).all(whole), "{own:?}");
                assert!(read.iter().map(Vec::as_slice).rev().skip(1).all(|block| whole(&block)), "{read:?}");
            }
        }
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
