//! The index of a release: where each line begins, and its selectable members as columns.
//!
//! A file beside the data, built once from the lines and mapped. It is no truth:
//! it names the digest of the lines that it was built from, and is built again
//! when it is missing, foreign or of another format.

use std::ops::Range;

use crate::canon::Digest;

/// Members that a factor can be selected or counted by, one column each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// `activity`.
    Activity,
    /// `kind`.
    Kind,
    /// `region`.
    Region,
    /// `year`, as text.
    Year,
    /// `metric`.
    Metric,
    /// `per`.
    Per,
    /// `basis`.
    Basis,
    /// `gwp`.
    Gwp,
    /// `boundary`.
    Boundary,
    /// `technology`.
    Technology,
    /// `scope`.
    Scope,
    /// `category`.
    Category,
    /// `flags`, joined by a blank.
    Flags,
    /// `price_year`, as text.
    PriceYear,
    /// `published`.
    Published,
    /// `status`.
    Status,
}

impl Dimension {
    /// All, in the order of the file.
    pub const ALL: [Self; 16] = [
        Self::Activity,
        Self::Kind,
        Self::Region,
        Self::Year,
        Self::Metric,
        Self::Per,
        Self::Basis,
        Self::Gwp,
        Self::Boundary,
        Self::Technology,
        Self::Scope,
        Self::Category,
        Self::Flags,
        Self::PriceYear,
        Self::Published,
        Self::Status,
    ];

    /// The member's name, as in the canonical object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Kind => "kind",
            Self::Region => "region",
            Self::Year => "year",
            Self::Metric => "metric",
            Self::Per => "per",
            Self::Basis => "basis",
            Self::Gwp => "gwp",
            Self::Boundary => "boundary",
            Self::Technology => "technology",
            Self::Scope => "scope",
            Self::Category => "category",
            Self::Flags => "flags",
            Self::PriceYear => "price_year",
            Self::Published => "published",
            Self::Status => "status",
        }
    }

    pub(super) const fn position(self) -> usize {
        self as usize
    }
}

/// First bytes of an index file; the last digit is its format.
pub(super) const MAGIC: &[u8; 8] = b"TYINDEX1";

/// Sections before the columns: line ends, keys, digests, activity postings (starts, then numbers).
pub(super) const FIXED_SECTIONS: usize = 5;
/// Sections of each column: codes, text ends, texts.
pub(super) const COLUMN_SECTIONS: usize = 3;
/// All sections.
pub(super) const SECTIONS: usize = FIXED_SECTIONS + COLUMN_SECTIONS * Dimension::ALL.len();
/// Magic, digest of the lines, number of lines, then (offset, length) of each section.
pub(super) const HEADER_BYTES: usize = 8 + 32 + 8 + SECTIONS * 16;

/// An index, over the bytes of its file.
pub struct ReleaseIndex<B> {
    bytes: B,
    count: usize,
    sections: Vec<Range<usize>>,
}

impl<B: std::ops::Deref<Target = [u8]>> ReleaseIndex<B> {
    /// Reads the header; nothing if the file is not the index of these lines in this format, or is cut short.
    pub fn open(bytes: B, lines: &Digest) -> Option<Self> {
        let header = bytes.get(..HEADER_BYTES)?;
        if !header.starts_with(MAGIC) || header.get(8..40)? != lines.as_bytes() {
            return None;
        }
        let count = usize::try_from(u64_at(header.get(40..)?, 0)?).ok()?;
        let table = header.get(48..)?;
        let sections: Vec<Range<usize>> = (0..SECTIONS)
            .map(|section| {
                let start = usize::try_from(u64_at(table, section * 2)?).ok()?;
                let length = usize::try_from(u64_at(table, section * 2 + 1)?).ok()?;
                let end = start.checked_add(length)?;
                (end <= bytes.len()).then_some(start..end)
            })
            .collect::<Option<_>>()?;
        Some(Self { bytes, count, sections })
    }

    /// How many factors there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn section(&self, section: usize) -> &[u8] {
        self.sections.get(section).and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }

    /// Where the line of a factor stands, without its line feed.
    pub fn line_range(&self, number: usize) -> Option<Range<usize>> {
        let ends = self.section(0);
        let end = usize::try_from(u64_at(ends, number)?).ok()?;
        let start = if number == 0 { 0 } else { usize::try_from(u64_at(ends, number - 1)?).ok()? + 1 };
        Some(start..end)
    }

    /// Where the key of a factor stands in the lines.
    pub fn key_range(&self, number: usize) -> Option<Range<usize>> {
        let packed = u64_at(self.section(1), number)?;
        let start = self.line_range(number)?.start + usize::try_from(packed >> 16).ok()?;
        Some(start..start + usize::try_from(packed & 0xffff).ok()?)
    }

    /// The factors whose digest begins with these eight bytes.
    pub fn with_digest_prefix(&self, prefix: u64) -> impl Iterator<Item = usize> {
        let entries = self.section(2);
        let at = |position: usize| entries.get(position * 12..position * 12 + 12);
        let prefix_of =
            move |position: usize| at(position).and_then(|entry| entry.first_chunk::<8>()).map(|bytes| u64::from_be_bytes(*bytes));
        let first = partition(entries.len() / 12, |position| prefix_of(position).is_some_and(|found| found < prefix));
        (first..entries.len() / 12).take_while(move |position| prefix_of(*position) == Some(prefix)).filter_map(move |position| {
            at(position).and_then(|entry| entry.get(8..)).and_then(|bytes| u32_at(bytes, 0)).and_then(|number| usize::try_from(number).ok())
        })
    }

    /// The factors of an activity, by its code, in order of key.
    pub fn of_activity(&self, code: u32) -> impl Iterator<Item = usize> {
        let starts = self.section(3);
        let position = usize::try_from(code).unwrap_or(usize::MAX - 1);
        let start = u32_at(starts, position).unwrap_or(0);
        let end = u32_at(starts, position + 1).unwrap_or(start);
        let numbers = self.section(4);
        (start..end).filter_map(move |at| usize::try_from(u32_at(numbers, usize::try_from(at).ok()?)?).ok())
    }

    fn column(&self, dimension: Dimension, part: usize) -> &[u8] {
        self.section(FIXED_SECTIONS + dimension.position() * COLUMN_SECTIONS + part)
    }

    /// A factor's code in a column; 0 stands for absent.
    pub fn code(&self, dimension: Dimension, number: usize) -> u32 {
        u32_at(self.column(dimension, 0), number).unwrap_or(0)
    }

    /// How many codes a column has, 0 included.
    pub fn codes(&self, dimension: Dimension) -> u32 {
        u32::try_from(self.column(dimension, 1).len() / 4).unwrap_or(0)
    }

    /// The text of a code; nothing for 0.
    pub fn text(&self, dimension: Dimension, code: u32) -> Option<&str> {
        if code == 0 {
            return None;
        }
        let position = usize::try_from(code).ok()?;
        let ends = self.column(dimension, 1);
        let start = usize::try_from(u32_at(ends, position - 1)?).ok()?;
        let end = usize::try_from(u32_at(ends, position)?).ok()?;
        std::str::from_utf8(self.column(dimension, 2).get(start..end)?).ok()
    }

    /// A factor's text in a column.
    pub fn value(&self, dimension: Dimension, number: usize) -> Option<&str> {
        self.text(dimension, self.code(dimension, number))
    }

    /// The code of a text; the texts of a column are sorted.
    pub fn code_of(&self, dimension: Dimension, text: &str) -> Option<u32> {
        let codes = usize::try_from(self.codes(dimension)).ok()?;
        let found = 1 + partition(codes.saturating_sub(1), |position| {
            u32::try_from(position + 1).ok().and_then(|code| self.text(dimension, code)).is_some_and(|own| own < text)
        });
        let code = u32::try_from(found).ok()?;
        (self.text(dimension, code) == Some(text)).then_some(code)
    }
}

/// The first position in `0..count` for which `before` does not hold.
fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn u64_at(bytes: &[u8], position: usize) -> Option<u64> {
    bytes.get(position * 8..)?.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], position: usize) -> Option<u32> {
    bytes.get(position * 4..)?.first_chunk::<4>().map(|chunk| u32::from_le_bytes(*chunk))
}
