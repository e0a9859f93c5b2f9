//! The index of a release: where each line begins, and its selectable members as columns.
//!
//! A file beside the data, built once from the lines and mapped. It is no truth:
//! it names the digest of the lines that it was built from, and is built again
//! when it is missing, foreign or of another format. Its bytes follow from the
//! lines alone and end with their own digest, which [`verify_index`] looks at
//! and opening does not.

use std::ops::Range;

use super::listing::{LISTING_SECTIONS, Listing, number_at};
use super::slots::{first_bits, key_hash, probe};
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

    /// By what all factors are ordered once more, so that filters on these find theirs without looking at the others.
    pub const ORDER: [Self; 3] = [Self::Region, Self::Category, Self::Year];

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
pub(super) const MAGIC: &[u8; 8] = b"TYINDEX4";

/// Sections before the columns, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed {
    /// Where each line ends.
    LineEnds,
    /// Where each key stands in its line.
    Keys,
    /// The digest of each line.
    Digests,
    /// [`slots`](super::slots) by digest.
    DigestSlots,
    /// [`slots`](super::slots) by key.
    KeySlots,
    /// Where the factors of each activity begin.
    ActivityStarts,
    /// The factors of each activity, in order of key.
    OfActivity,
    /// The factors of each activity, by region, then in order of key.
    OfPlace,
    /// All factors by [`Dimension::ORDER`], then in order of key.
    Ordered,
    /// Factors that say what they are derived from.
    Derived,
}

/// How many of them there are.
pub(super) const FIXED_SECTIONS: usize = 10;
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

    pub(super) fn fixed(&self, section: Fixed) -> &[u8] {
        self.section(section as usize)
    }

    /// Where the line of a factor stands, without its line feed.
    pub fn line_range(&self, number: usize) -> Option<Range<usize>> {
        let ends = self.fixed(Fixed::LineEnds);
        let end = usize::try_from(u64_at(ends, number)?).ok()?;
        let start = if number == 0 { 0 } else { usize::try_from(u64_at(ends, number - 1)?).ok()? + 1 };
        Some(start..end)
    }

    /// Where the key of a factor stands in the lines.
    pub fn key_range(&self, number: usize) -> Option<Range<usize>> {
        let packed = u64_at(self.fixed(Fixed::Keys), number)?;
        let start = self.line_range(number)?.start + usize::try_from(packed >> 16).ok()?;
        Some(start..start + usize::try_from(packed & 0xffff).ok()?)
    }

    /// The digest of a factor's line, as it was when the index was built.
    pub fn digest(&self, number: usize) -> Option<Digest> {
        self.fixed(Fixed::Digests).get(number * 32..)?.first_chunk().map(|bytes| Digest::from_bytes(*bytes))
    }

    /// The factors whose digest begins with these 64 bits.
    pub fn with_digest_prefix(&self, prefix: u64) -> impl Iterator<Item = usize> {
        let numbers = probe(self.fixed(Fixed::DigestSlots), prefix);
        numbers.filter(move |number| self.digest(*number).is_some_and(|digest| first_bits(&digest) == prefix))
    }

    /// The factors that may have this key: it is among them, if any has it.
    pub fn with_key_like(&self, key: &str) -> impl Iterator<Item = usize> {
        probe(self.fixed(Fixed::KeySlots), key_hash(key.as_bytes()))
    }

    /// The factors of an activity, by its code, in order of key.
    pub fn of_activity(&self, code: u32) -> Numbers<'_> {
        self.of_code(code, Fixed::OfActivity)
    }

    /// The factors of an activity in a region, by their codes, in order of key.
    pub fn of_place(&self, activity: u32, region: u32) -> Numbers<'_> {
        self.of_code(activity, Fixed::OfPlace).with(region, |number| self.code(Dimension::Region, number))
    }

    /// All factors by [`Dimension::ORDER`], then in order of key.
    pub fn ordered(&self) -> Numbers<'_> {
        Numbers::new(self.fixed(Fixed::Ordered))
    }

    fn of_code(&self, code: u32, section: Fixed) -> Numbers<'_> {
        let starts = self.fixed(Fixed::ActivityStarts);
        let position = usize::try_from(code).unwrap_or(usize::MAX - 1);
        let start = number_at(starts, position).unwrap_or(0);
        let end = number_at(starts, position + 1).unwrap_or(start);
        Numbers::new(self.fixed(section)).part(start..end)
    }

    /// The factors whose line says what they are derived from, in order of key.
    pub fn derived(&self) -> impl Iterator<Item = usize> {
        Numbers::new(self.fixed(Fixed::Derived)).iter()
    }

    /// Whether the line of a factor says what it is derived from.
    pub fn is_derived(&self, number: usize) -> bool {
        Numbers::new(self.fixed(Fixed::Derived)).holds(number)
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
        std::str::from_utf8(self.text_bytes(dimension, code)?).ok()
    }

    fn text_bytes(&self, dimension: Dimension, code: u32) -> Option<&[u8]> {
        let position = usize::try_from(code).ok().filter(|code| *code > 0)?;
        let ends = self.column(dimension, 1);
        let start = usize::try_from(u32_at(ends, position - 1)?).ok()?;
        let end = usize::try_from(u32_at(ends, position)?).ok()?;
        self.column(dimension, 2).get(start..end)
    }

    /// A factor's text in a column.
    pub fn value(&self, dimension: Dimension, number: usize) -> Option<&str> {
        self.text(dimension, self.code(dimension, number))
    }

    /// The code of a text; the texts of a column are sorted.
    pub fn code_of(&self, dimension: Dimension, text: &str) -> Option<u32> {
        let codes = usize::try_from(self.codes(dimension)).ok()?;
        let found = 1 + partition(codes.saturating_sub(1), |position| {
            u32::try_from(position + 1).ok().and_then(|code| self.text_bytes(dimension, code)).is_some_and(|own| own < text.as_bytes())
        });
        let code = u32::try_from(found).ok()?;
        (self.text_bytes(dimension, code) == Some(text.as_bytes())).then_some(code)
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

/// Numbers of factors in a section: four bytes each.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a>(&'a [[u8; 4]]);

impl<'a> Numbers<'a> {
    pub(super) fn new(section: &'a [u8]) -> Self {
        Self(section.as_chunks().0)
    }

    /// Those that stand there.
    pub(super) fn part(self, range: Range<usize>) -> Self {
        Self(self.0.get(range).unwrap_or_default())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one at this place.
    pub fn get(&self, at: usize) -> Option<usize> {
        self.0.get(at).and_then(|bytes| usize::try_from(u32::from_le_bytes(*bytes)).ok())
    }

    /// One after the other.
    pub fn iter(self) -> impl ExactSizeIterator<Item = usize> + DoubleEndedIterator + Clone + 'a {
        self.0.iter().map(|bytes| usize::try_from(u32::from_le_bytes(*bytes)).unwrap_or(usize::MAX))
    }

    /// Whether this number is among them; they ascend.
    pub fn holds(self, number: usize) -> bool {
        self.around(number, 1).get(0) == Some(number)
    }

    /// Those with this code, where they stand in order of their codes.
    pub fn with(self, wanted: u32, code: impl Fn(usize) -> u32) -> Self {
        let first = partition(self.len(), |at| self.get(at).is_some_and(|own| code(own) < wanted));
        self.part(first..self.len()).led(|number| code(number) == wanted)
    }

    /// The parts with one code each, where they stand in order of their codes.
    pub fn split(self, code: impl Fn(usize) -> u32) -> impl Iterator<Item = Self> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let own = code(rest.get(0)?);
            let part = rest.led(|number| code(number) == own);
            rest = rest.part(part.len()..rest.len());
            Some(part)
        })
    }

    /// The first ones, for which it holds; it holds for none behind them. Steps grow, since most runs are short.
    fn led(self, holds: impl Fn(usize) -> bool) -> Self {
        let is_so = |at: usize| self.get(at).is_some_and(&holds);
        let mut step = 1;
        while step < self.len() && is_so(step) {
            step *= 2;
        }
        let start = step / 2;
        let end = start + partition(self.len().min(step + 1) - start.min(self.len()), |at| is_so(start + at));
        self.part(0..end)
    }

    /// At most so many around the place where this number stands or would stand; the numbers ascend.
    pub fn around(self, number: usize, most: usize) -> Self {
        let place = partition(self.len(), |at| self.get(at).is_some_and(|own| own < number));
        let start = place.saturating_sub(most / 2).min(self.len().saturating_sub(most));
        self.part(start..self.len().min(start + most))
    }
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
        assert!(wrong(&former, &digest).contains("does not begin with TYINDEX4"));
        assert!(ReleaseIndex::open(former.as_slice(), &digest).is_none());
        // a section too short for its file, under a digest that fits
        let mut gap = bytes[..bytes.len() - 32].to_vec();
        gap.push(0);
        let end = Digest::of(&gap);
        gap.extend_from_slice(end.as_bytes());
        assert!(wrong(&gap, &digest).contains("sections"));
    }
}
