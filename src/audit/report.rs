//! What a verification found: what was looked at, what is wrong and where, and which chain was closed.

use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, for scripts: `fork`, `digest`, `tile`.
    pub code: &'static str,
    /// The file, address, or row.
    pub what: String,
    /// Where in it: byte, line, leaf, hash, key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
}

impl Finding {
    /// Something wrong with a file, an address or a row.
    pub fn new(code: &'static str, what: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self { code, what: what.into(), at: None, wrong: wrong.into(), right: None }
    }

    /// Says where in it.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        Self { at: Some(place.into()), ..self }
    }

    /// Says what would be right.
    #[must_use]
    pub fn right(self, right: impl Into<String>) -> Self {
        Self { right: Some(right.into()), ..self }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.what)?;
        if let Some(at) = &self.at {
            write!(f, ", {at}")?;
        }
        write!(f, ": {}", self.wrong)?;
        self.right.as_ref().map_or(Ok(()), |right| write!(f, "; {right}"))
    }
}

/// One link of the chain from bytes to those who are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `file → manifest`, `checkpoint → key`.
    pub link: &'static str,
    /// Whether it was checked and holds.
    pub closed: bool,
    /// By what it holds, or what is missing.
    pub says: String,
}

/// So many of one kind of thing were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `blobs`, `leaves`, `releases`.
    pub what: &'static str,
    /// How many.
    pub count: u64,
}

/// The outcome of a verification. It never stops at the first failure where going on makes sense.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was verified.
    pub target: String,
    /// What was looked at, in the order in which it came.
    pub checked: Vec<Checked>,
    /// How many bytes were hashed.
    pub bytes: u64,
    /// Whether a key that is believed, and enough witnesses, signed the checkpoint.
    pub authentic: bool,
    /// The chain, where one release or file was verified.
    pub chain: Vec<Link>,
    /// What is wrong.
    pub failures: Vec<Finding>,
    /// What could not be read at all.
    pub faults: Vec<String>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<String>,
}

/// How many failures are listed; a hostile server could name millions.
pub(super) const MAX_FAILURES: usize = 1000;

impl Report {
    /// Of this thing, with nothing checked yet.
    pub fn of(target: impl Into<String>) -> Self {
        Self { target: target.into(), ..Self::default() }
    }

    /// Whether everything that was looked at is as it should be.
    pub fn is_sound(&self) -> bool {
        self.failures.is_empty() && self.faults.is_empty()
    }

    /// So many more of a kind were checked.
    pub fn count(&mut self, what: &'static str, count: u64) {
        match self.checked.iter_mut().find(|checked| checked.what == what) {
            Some(checked) => checked.count += count,
            None => self.checked.push(Checked { what, count }),
        }
    }

    /// How many of a kind were checked.
    pub fn checked(&self, what: &str) -> u64 {
        self.checked.iter().find(|checked| checked.what == what).map_or(0, |checked| checked.count)
    }

    /// Takes in what was found elsewhere.
    pub fn absorb(&mut self, other: Self) {
        other.checked.into_iter().for_each(|checked| self.count(checked.what, checked.count));
        self.bytes += other.bytes;
        self.chain.extend(other.chain);
        other.failures.into_iter().for_each(|finding| self.fail(finding));
        self.faults.extend(other.faults);
        self.notes.extend(other.notes);
    }

    /// Something is wrong.
    pub fn fail(&mut self, finding: Finding) {
        if self.failures.len() == MAX_FAILURES {
            let more = "more is wrong than is listed";
            if self.notes.last().is_none_or(|note| note != more) {
                self.note(more);
            }
        } else if !self.failures.contains(&finding) {
            self.failures.push(finding);
        }
    }

    /// Something could not be read.
    pub fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    /// Something is worth knowing.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// A link of the chain holds, or is missing.
    pub fn link(&mut self, link: &'static str, closed: bool, says: impl Into<String>) {
        self.chain.push(Link { link, closed, says: says.into() });
    }
}

/// Where two byte strings part: the offset from 0 and the line from 1; none where they are equal.
pub(super) fn first_difference(found: &[u8], right: &[u8]) -> Option<(usize, usize)> {
    if found == right {
        return None;
    }
    let offset = found.iter().zip(right).take_while(|(a, b)| a == b).count();
    let line = 1 + found.iter().take(offset).filter(|byte| **byte == b'\n').count();
    Some((offset, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_part_somewhere() {
        assert_eq!(first_difference(b"a\nb\nc", b"a\nb\nc"), None);
        assert_eq!(first_difference(b"a\nb\nc", b"a\nb\nd"), Some((4, 3)));
        assert_eq!(first_difference(b"a\n", b"a\nb"), Some((2, 2)));
    }

    #[test]
    fn a_finding_in_words() {
        let finding = Finding::new("tile", "log/tile/0/000", "it is wrong").at("hash 3").right("be right");
        assert_eq!(finding.to_string(), "log/tile/0/000, hash 3: it is wrong; be right");
        let mut report = Report::of("x");
        report.fail(finding.clone());
        report.fail(finding);
        assert_eq!((report.failures.len(), report.is_sound()), (1, false));
    }
}
