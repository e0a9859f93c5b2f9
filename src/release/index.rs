//! The index of a release: where each line begins, and its selectable members as columns.
//!
//! A file beside the data, built once from the lines and mapped. It is no truth:
//! it names the digest of the lines that it was built from, and is built again
//! when it is missing, foreign or of another format. Its bytes follow from the
//! lines alone and end with their own digest, which [`verify_index`] looks at
//! and opening does not.

use std::ops::Range;

use super::listing::{LISTING_SECTIONS, Listing};
use crate::canon::{Digest, Hasher};

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

/// First bytes of an index file; the last digit is its format, which also moves when codes get another canonical form.
pub(super) const MAGIC: &[u8; 8] = b"TYINDEX3";

/// Sections before the columns: line ends, keys, digests, activity postings (starts, then numbers), derived factors.
pub(super) const FIXED_SECTIONS: usize = 6;
/// Sections of each column: codes, text ends, texts.
pub(super) const COLUMN_SECTIONS: usize = 3;
/// Sections of each listing, behind the columns.
pub(super) const FIRST_LISTING: usize = FIXED_SECTIONS + COLUMN_SECTIONS * Dimension::ALL.len();
/// All sections.
pub(super) const SECTIONS: usize = FIRST_LISTING + LISTING_SECTIONS * Listing::ALL.len();
/// Magic, digest of the lines, number of lines, then (offset, length) of each section.
pub(super) const HEADER_BYTES: usize = 8 + 32 + 8 + SECTIONS * 16;
/// The SHA-256 of everything before it, last in the file.
const TRAILER_BYTES: usize = 32;

/// Hashes a whole index file: says what is wrong with it, so that no flipped bit stays unseen.
///
/// # Errors
/// What is wrong, when it is not the index of these lines in this format as it was written.
pub fn verify_index(bytes: &[u8], lines: &Digest) -> Result<(), String> {
    let short = || format!("it has {} bytes, fewer than the head and the digest of any index", bytes.len());
    let body = bytes.len().checked_sub(TRAILER_BYTES).filter(|body| *body >= HEADER_BYTES).ok_or_else(short)?;
    let (body, trailer) = bytes.split_at_checked(body).ok_or_else(short)?;
    if !body.starts_with(MAGIC) {
        return Err(format!("it does not begin with {}", String::from_utf8_lossy(MAGIC)));
    }
    let mut hasher = Hasher::new();
    hasher.update(body);
    let found = hasher.finish();
    if found.as_bytes() != trailer {
        return Err(format!("its bytes have the digest {found}, and it ends with sha256:{}", hex::encode(trailer)));
    }
    if body.get(8..40) != Some(lines.as_bytes().as_slice()) {
        let named = body.get(8..40).map(hex::encode).unwrap_or_default();
        return Err(format!("it is the index of the lines sha256:{named}, not of {lines}"));
    }
    ReleaseIndex::open(bytes, lines).map(|_| ()).ok_or_else(|| "its sections do not fill it".to_owned())
}

/// An index, over the bytes of its file.
pub struct ReleaseIndex<B> {
    bytes: B,
    count: usize,
    sections: Vec<Range<usize>>,
}

impl<B: std::ops::Deref<Target = [u8]>> ReleaseIndex<B> {
    /// Reads the header; nothing if the file is not the index of these lines in this format, or has not its length.
    pub fn open(bytes: B, lines: &Digest) -> Option<Self> {
        let header = bytes.get(..HEADER_BYTES)?;
        if !header.starts_with(MAGIC) || header.get(8..40)? != lines.as_bytes() {
            return None;
        }
        let count = usize::try_from(u64_at(header.get(40..)?, 0)?).ok()?;
        let table = header.get(48..)?;
        let body = bytes.len().checked_sub(TRAILER_BYTES)?;
        let sections: Vec<Range<usize>> = (0..SECTIONS)
            .map(|section| {
                let start = usize::try_from(u64_at(table, section * 2)?).ok()?;
                let length = usize::try_from(u64_at(table, section * 2 + 1)?).ok()?;
                let end = start.checked_add(length)?;
                (end <= body).then_some(start..end)
            })
            .collect::<Option<_>>()?;
        if sections.last()?.end != body {
            return None;
        }
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

    pub(super) fn section(&self, section: usize) -> &[u8] {
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

    /// The factors whose line says what they are derived from, in order of key.
    pub fn derived(&self) -> impl Iterator<Item = usize> {
        let (numbers, _) = self.section(5).as_chunks::<4>();
        numbers.iter().filter_map(|number| usize::try_from(u32::from_le_bytes(*number)).ok())
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
pub(super) fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
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

pub(super) fn u32_at(bytes: &[u8], position: usize) -> Option<u32> {
    bytes.get(position * 4..)?.first_chunk::<4>().map(|chunk| u32::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::super::index_build::build_index;
    use super::*;

    const LINES: &str = concat!(
        r#"{"activity":"a","key":"k/1","kind":"process","metric":"CO2","name":{"en":"n"},"per":"kg","region":"CN","value":"1","year":2022}"#,
        "\n",
        r#"{"activity":"b","derived_from":[{"dataset":"ab","key":"k","version":"1.0.0"}],"flags":["rounded"],"key":"k/2","kind":"process","#,
        r#""classifications":[{"code":"7208","scheme":"cn"}],"metric":"CO2","name":{"en":"n"},"per":"kg","region":"CN-ZJ","value":"2"}"#,
        "\n",
        r#"{"activity":"a","certificate":"epd:S-P-1","classifications":[{"code":"7208.10.00","scheme":"cn"},{"code":"720810","scheme":"hs-2022"}],"#,
        r#""key":"k/3","kind":"process","metric":"CO2","name":{"en":"n"},"per":"kg","region":"CN","rule":"GB/T 24067—2024","value":"3","year":2021}"#,
        "\n",
    );

    fn built(lines: &str) -> (Vec<u8>, Digest) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let digest = Digest::of(lines.as_bytes());
        build_index(lines.as_bytes(), &digest, &path).unwrap();
        (std::fs::read(path).unwrap(), digest)
    }

    #[test]
    fn derived_factors_are_listed() {
        let (bytes, digest) = built(LINES);
        let index = ReleaseIndex::open(bytes.as_slice(), &digest).unwrap();
        assert_eq!(index.derived().collect::<Vec<_>>(), [1]);
        assert_eq!((index.len(), index.value(Dimension::Region, 1), index.value(Dimension::Year, 2)), (3, Some("CN-ZJ"), Some("2021")));
        let (bytes, digest) = built("");
        assert_eq!(ReleaseIndex::open(bytes.as_slice(), &digest).unwrap().derived().count(), 0);
        assert_eq!(verify_index(&bytes, &digest), Ok(()));
    }

    #[test]
    fn codes_are_found_by_what_they_begin_with() {
        let (bytes, digest) = built(LINES);
        let index = ReleaseIndex::open(bytes.as_slice(), &digest).unwrap();
        let texts = |range: Range<usize>| range.filter_map(|entry| index.entry(Listing::Code, entry)).collect::<Vec<_>>();
        assert_eq!(texts(index.entries_with_prefix(Listing::Code, "cn=7208")), ["cn=7208", "cn=72081000"]);
        assert_eq!(texts(index.entries_with_prefix(Listing::Code, "hs-2022=")), ["hs-2022=720810"]);
        assert!(index.entries_with_prefix(Listing::Code, "cn=73").is_empty() && index.entries_with_prefix(Listing::Code, "zz").is_empty());
        let of = |listing, text| index.entry_of(listing, text).map(|entry| index.of_entry(listing, entry).collect::<Vec<_>>());
        assert_eq!(of(Listing::Code, "cn=7208"), Some(vec![1]));
        assert_eq!(of(Listing::Rule, "gbt240672024"), Some(vec![2]));
        assert_eq!((of(Listing::Certificate, "epd:S-P-1"), of(Listing::Certificate, "epd:")), (Some(vec![2]), None));
        assert_eq!((index.entries(Listing::Code), index.entries(Listing::Rule)), (3, 1));
        let (bytes, digest) = built("");
        let empty = ReleaseIndex::open(bytes.as_slice(), &digest).unwrap();
        assert_eq!((empty.entries(Listing::Code), empty.entry(Listing::Code, 0), empty.of_entry(Listing::Rule, 0).count()), (0, None, 0));
    }

    #[test]
    fn the_bytes_follow_from_the_lines() {
        assert_eq!(built(LINES), built(LINES));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let (mut bytes, digest) = built(LINES);
        assert_eq!(verify_index(&bytes, &digest), Ok(()));
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(verify_index(&bytes, &digest).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let (bytes, digest) = built(LINES);
        let other = Digest::of(b"other");
        let wrong = |bytes: &[u8], lines: &Digest| verify_index(bytes, lines).unwrap_err();
        assert!(wrong(&bytes, &other).contains(&format!("of the lines {digest}, not of {other}")));
        assert!(wrong(&bytes[..100], &digest).contains("it has 100 bytes"));
        assert!(wrong(&bytes[..bytes.len() - 1], &digest).contains("its bytes have the digest"));
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(wrong(&longer, &digest).contains("its bytes have the digest"));
        assert!(ReleaseIndex::open(bytes.as_slice(), &digest).is_some());
        assert!(
            ReleaseIndex::open(longer.as_slice(), &digest).is_none() && ReleaseIndex::open(&bytes[..bytes.len() - 1], &digest).is_none()
        );
        let mut former = bytes.clone();
        former[7] = b'2';
        assert!(wrong(&former, &digest).contains("does not begin with TYINDEX3"));
        assert!(ReleaseIndex::open(former.as_slice(), &digest).is_none());
        // a section too short for its file, under a digest that fits
        let mut gap = bytes[..bytes.len() - 32].to_vec();
        gap.push(0);
        let end = Digest::of(&gap);
        gap.extend_from_slice(end.as_bytes());
        assert!(wrong(&gap, &digest).contains("sections"));
    }
}
