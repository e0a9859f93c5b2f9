//! The delta of two releases: what to put and what to delete, so that the lines of one become the exact bytes of the other.
//!
//! A text of lines (NDJSON). The first names both ends, each with its version, the digest of its `factors.ndjson` and its count;
//! then come `{"put":LINE}` and `{"delete":"KEY"}` in order of key; the last is `{"end":{"puts":N,"deletes":M}}`. The bytes
//! follow from the two releases alone.

use std::cmp::Ordering;
use std::io::{self, BufRead, Read, Write};

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::canon::{Digest, Hasher};
use crate::dataset::{DatasetId, Lines, key_of};
use crate::release::PublishedRelease;

/// The format of deltas that this program writes and reads.
pub const DELTA_FORMAT: u32 = 1;

/// The longest line of a delta that is read, in bytes.
const MAX_LINE_BYTES: u64 = 16 << 20;

const PUT: &[u8] = b"{\"put\":";

/// One end of a delta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaEnd {
    /// The version of the release.
    pub version: Version,
    /// The digest of its `factors.ndjson`.
    pub lines: Digest,
    /// How many factors it has.
    pub factors: u64,
}

/// The first line of a delta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaHead {
    /// [`DELTA_FORMAT`].
    pub delta: u32,
    /// The dataset of both ends.
    pub dataset: DatasetId,
    /// What it is applied to.
    pub from: DeltaEnd,
    /// What comes of it.
    pub to: DeltaEnd,
}

/// How many lines a delta puts and deletes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaCounts {
    /// Lines that are new or other than before.
    pub puts: u64,
    /// Keys that go.
    pub deletes: u64,
}

/// The last line of a delta.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeltaLast {
    end: DeltaCounts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete<'a> {
    #[serde(borrow)]
    delete: std::borrow::Cow<'a, str>,
}

/// Why a delta was not applied.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line that has no place in a delta.
    #[error("line {line} of the delta: {why}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The delta is for other lines than these.
    #[error("the delta is for {dataset}@{version}, whose lines have {wanted}; these have {found}")]
    Base {
        /// The dataset.
        dataset: String,
        /// The version that it is applied to.
        version: String,
        /// The digest that its first line names.
        wanted: Digest,
        /// The digest of the lines given.
        found: Digest,
    },
    /// What came of it is not what its first line promises.
    #[error("what comes of the delta has {found}, and its first line promises {wanted} for {dataset}@{version}")]
    Result {
        /// The dataset.
        dataset: String,
        /// The version that was promised.
        version: String,
        /// The digest that its first line names.
        wanted: Digest,
        /// The digest that came of it.
        found: Digest,
    },
    /// Lines to apply it to that are no lines of a release.
    #[error("line {line} of the base is no canonical line: {why}")]
    BaseLine {
        /// Counted from 1.
        line: u64,
        /// Why not.
        why: String,
    },
}

impl DeltaError {
    /// Whether it was understood and denied, so that nothing is broken.
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Io(_))
    }
}

/// The end of a delta that a release is; nothing where it lists no lines.
pub fn delta_end(release: &PublishedRelease) -> Option<DeltaEnd> {
    let lines = release.file("factors.ndjson", "identity")?.sha256;
    Some(DeltaEnd { version: release.version.clone(), lines, factors: release.data.index().len() as u64 })
}

/// Writes the delta between the lines of two ends, both in order of key.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a line without key; what `out` refuses.
pub fn write_delta(head: &DeltaHead, (old, new): (&[u8], &[u8]), out: &mut impl Write) -> io::Result<DeltaCounts> {
    let invalid = |error: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, error);
    write_line(head, out)?;
    let (mut old, mut new) = (Lines::new(old).peekable(), Lines::new(new).peekable());
    let mut counts = DeltaCounts::default();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => key_of(before).map_err(invalid)?.cmp(key_of(after).map_err(invalid)?),
        };
        let before = old.next_if(|_| order.is_le());
        let after = new.next_if(|_| order.is_ge());
        match (before, after) {
            (Some(before), Some(after)) if before == after => {}
            (_, Some(line)) => {
                counts.puts += 1;
                out.write_all(PUT)?;
                out.write_all(line)?;
                out.write_all(b"}\n")?;
            }
            (Some(line), None) => {
                counts.deletes += 1;
                write_line(&Delete { delete: key_of(line).map_err(invalid)?.into() }, out)?;
            }
            (None, None) => break,
        }
    }
    write_line(&DeltaLast { end: counts }, out)?;
    Ok(counts)
}

fn write_line(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// One line of a delta after the first.
enum Step<'a> {
    Put(&'a str, &'a [u8]),
    Delete(std::borrow::Cow<'a, str>),
    End(DeltaCounts),
}

impl<'a> Step<'a> {
    fn read(text: &'a [u8]) -> Result<Self, String> {
        const SHAPES: &str = "it is none of {\"put\":LINE}, {\"delete\":\"KEY\"} and {\"end\":{\"puts\":N,\"deletes\":M}}";
        if let Some(line) = text.strip_prefix(PUT).and_then(|rest| rest.strip_suffix(b"}")) {
            return Ok(Self::Put(key_of(line).map_err(|error| format!("what it puts has no key: {error}"))?, line));
        }
        if let Ok(delete) = serde_json::from_slice::<Delete<'_>>(text) {
            return Ok(Self::Delete(delete.delete));
        }
        serde_json::from_slice::<DeltaLast>(text).map(|last| Self::End(last.end)).map_err(|_| SHAPES.to_owned())
    }

    fn key(&self) -> Option<&str> {
        match self {
            Self::Put(key, _) => Some(key),
            Self::Delete(key) => Some(key),
            Self::End(_) => None,
        }
    }
}

/// Reads a delta line by line, each of bounded length.
struct DeltaLines<R> {
    reader: R,
    text: Vec<u8>,
    number: u64,
}

impl<R: BufRead> DeltaLines<R> {
    /// The next line without its line feed; nothing at the end.
    fn next(&mut self) -> Result<Option<&[u8]>, DeltaError> {
        self.text.clear();
        self.number += 1;
        let count = self.reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut self.text)?;
        if count == 0 {
            return Ok(None);
        }
        match self.text.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line)),
            None if count as u64 == MAX_LINE_BYTES => Err(self.wrong(format!("it is longer than {MAX_LINE_BYTES} bytes"))),
            None => Err(self.wrong("it does not end with a line feed: the delta was cut short")),
        }
    }

    fn wrong(&self, why: impl Into<String>) -> DeltaError {
        DeltaError::Line { line: self.number, why: why.into() }
    }
}

/// The lines of the base, copied as far as the delta leaves them.
struct Base<'a> {
    lines: std::iter::Peekable<Lines<'a>>,
    number: u64,
}

impl<'a> Base<'a> {
    fn next_key(&mut self) -> Result<Option<&'a str>, DeltaError> {
        let Some(line) = self.lines.peek() else { return Ok(None) };
        key_of(line).map(Some).map_err(|error| DeltaError::BaseLine { line: self.number, why: error.to_string() })
    }

    fn skip(&mut self) {
        self.lines.next();
        self.number += 1;
    }

    /// Copies what stands before this key, or everything; says whether the key itself comes next.
    fn copy_until(&mut self, key: Option<&str>, out: &mut Hashed<impl Write>) -> Result<bool, DeltaError> {
        while let Some(own) = self.next_key()? {
            match key.map_or(Ordering::Less, |key| own.cmp(key)) {
                Ordering::Less => {
                    out.line(self.lines.peek().copied().unwrap_or_default())?;
                    self.skip();
                }
                Ordering::Equal => return Ok(true),
                Ordering::Greater => return Ok(false),
            }
        }
        Ok(false)
    }
}

/// Hashes and counts what is written.
struct Hashed<W> {
    out: W,
    hasher: Hasher,
    lines: u64,
}

impl<W: Write> Hashed<W> {
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.hasher.update(line);
        self.hasher.update(b"\n");
        self.lines += 1;
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }
}

/// Applies a delta to the lines that it is for, and writes the lines that come of it.
///
/// On an error part of them may have been written: whoever keeps them throws that away.
///
/// # Errors
/// [`DeltaError`]: another base, a delta cut short, keys out of order, twice or unknown, another result.
pub fn apply_delta(base: &[u8], delta: impl BufRead, out: &mut impl Write) -> Result<(DeltaHead, DeltaCounts), DeltaError> {
    let mut delta = DeltaLines { reader: delta, text: Vec::new(), number: 0 };
    let head = read_head(&mut delta)?;
    let found = Digest::of(base);
    if found != head.from.lines {
        let (dataset, version) = (head.dataset.to_string(), head.from.version.to_string());
        return Err(DeltaError::Base { dataset, version, wanted: head.from.lines, found });
    }
    let mut base = Base { lines: Lines::new(base).peekable(), number: 1 };
    let mut out = Hashed { out, hasher: Hasher::new(), lines: 0 };
    let (mut last, mut counts) = (None::<String>, DeltaCounts::default());
    let told = loop {
        let number = delta.number + 1;
        let wrong = |why: String| DeltaError::Line { line: number, why };
        let Some(text) = delta.next()? else { return Err(wrong("the delta was cut short: its last line says {\"end\":…}".to_owned())) };
        let step = Step::read(text).map_err(wrong)?;
        let Some(key) = step.key() else {
            let Step::End(told) = step else { return Err(wrong("it has no key".to_owned())) };
            break told;
        };
        if last.as_deref().is_some_and(|last| last >= key) {
            let shown: String = key.chars().take(200).collect();
            return Err(wrong(format!("`{shown}` stands twice or out of order: keys ascend")));
        }
        let stands = base.copy_until(Some(key), &mut out)?;
        match &step {
            Step::Put(_, line) => {
                counts.puts += 1;
                out.line(line)?;
            }
            Step::Delete(key) if !stands => return Err(wrong(format!("the base has no `{key}` to delete"))),
            Step::Delete(_) | Step::End(_) => counts.deletes += 1,
        }
        if stands {
            base.skip();
        }
        last = Some(key.to_owned());
    };
    if told != counts {
        let why =
            format!("it counts {} puts and {} deletes, and there were {} and {}", told.puts, told.deletes, counts.puts, counts.deletes);
        return Err(delta.wrong(why));
    }
    if delta.next()?.is_some() {
        return Err(delta.wrong("something follows the last line"));
    }
    base.copy_until(None, &mut out)?;
    let (found, lines) = (out.hasher.finish(), out.lines);
    if found != head.to.lines || lines != head.to.factors {
        let (dataset, version) = (head.dataset.to_string(), head.to.version.to_string());
        return Err(DeltaError::Result { dataset, version, wanted: head.to.lines, found });
    }
    Ok((head, counts))
}

fn read_head(delta: &mut DeltaLines<impl BufRead>) -> Result<DeltaHead, DeltaError> {
    const SHAPE: &str = "a delta begins with {\"delta\":1,\"dataset\":…,\"from\":…,\"to\":…}";
    let Some(text) = delta.next()? else { return Err(delta.wrong(format!("there is none; {SHAPE}"))) };
    let head = serde_json::from_slice::<DeltaHead>(text).map_err(|error| format!("{SHAPE}: {error}"));
    let head = head.map_err(|why| delta.wrong(why))?;
    if head.delta == DELTA_FORMAT {
        return Ok(head);
    }
    Err(delta.wrong(format!("the delta has format {}, this program reads {DELTA_FORMAT}", head.delta)))
}
