//! The lists of an index by which factors are found: classification codes, accounting rules, certificates.
//!
//! Each is a sorted list of texts with the factors of each text, so that what begins alike stands together.

use std::ops::Range;

use super::ReleaseIndex;
use super::index::{FIRST_LISTING, Numbers, partition, u32_at};

/// A member of which a factor may have several, each in its one written form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Listing {
    /// `classifications`, as `scheme=code`.
    Code,
    /// `rule`, as [`crate::factor::rule_key`] gives it.
    Rule,
    /// `certificate`, as [`crate::factor::Certificate::entry`] gives it.
    Certificate,
}

/// Sections of each: text ends, texts, starts, numbers.
pub(super) const LISTING_SECTIONS: usize = 4;

impl Listing {
    /// All, in the order of the file.
    pub const ALL: [Self; 3] = [Self::Code, Self::Rule, Self::Certificate];
}

pub(super) fn number_at(bytes: &[u8], position: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, position)?).ok()
}

impl<B: std::ops::Deref<Target = [u8]>> ReleaseIndex<B> {
    fn listing(&self, listing: Listing, part: usize) -> &[u8] {
        self.section(FIRST_LISTING + (listing as usize) * LISTING_SECTIONS + part)
    }

    /// How many texts a list has.
    pub fn entries(&self, listing: Listing) -> usize {
        self.listing(listing, 0).len() / 4
    }

    /// A text of a list; the texts are sorted.
    pub fn entry(&self, listing: Listing, entry: usize) -> Option<&str> {
        let ends = self.listing(listing, 0);
        let start = if entry == 0 { 0 } else { number_at(ends, entry - 1)? };
        std::str::from_utf8(self.listing(listing, 1).get(start..number_at(ends, entry)?)?).ok()
    }

    /// The texts of a list that begin with this one.
    pub fn entries_with_prefix(&self, listing: Listing, prefix: &str) -> Range<usize> {
        let count = self.entries(listing);
        let before = |entry: usize| self.entry(listing, entry).is_some_and(|own| own < prefix);
        let within = |entry: usize| self.entry(listing, entry).is_some_and(|own| own < prefix || own.starts_with(prefix));
        partition(count, before)..partition(count, within)
    }

    /// The place of a text in a list.
    pub fn entry_of(&self, listing: Listing, text: &str) -> Option<usize> {
        let first = self.entries_with_prefix(listing, text).start;
        (self.entry(listing, first) == Some(text)).then_some(first)
    }

    /// The factors of a text, in order of key.
    pub fn of_entry(&self, listing: Listing, entry: usize) -> impl Iterator<Item = usize> {
        let starts = self.listing(listing, 2);
        let start = number_at(starts, entry).unwrap_or(0);
        let end = number_at(starts, entry + 1).unwrap_or(start);
        Numbers::new(self.listing(listing, 3)).part(start..end).iter()
    }
}
