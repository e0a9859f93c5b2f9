//! Building the index of a release from its lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::ReleaseError;
use super::index::{Dimension, FIXED_SECTIONS, HEADER_BYTES, MAGIC, SECTIONS};
use super::listing::{LISTING_SECTIONS, Listing};
use super::slots::{fill, first_bits, key_hash};
use crate::canon::{Digest, Hasher};
use crate::dataset::Lines;
use crate::factor::{Certificate, Classification, rule_key, rules_in};
use crate::flow::both;

/// The members of a line that the index holds.
#[derive(Deserialize)]
struct Selectable<'a> {
    key: &'a str,
    activity: &'a str,
    kind: &'a str,
    region: &'a str,
    year: Option<i32>,
    metric: &'a str,
    per: &'a str,
    basis: Option<&'a str>,
    gwp: Option<&'a str>,
    boundary: Option<&'a str>,
    #[serde(borrow)]
    technology: Option<std::borrow::Cow<'a, str>>,
    scope: Option<&'a str>,
    #[serde(borrow)]
    category: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    flags: Vec<&'a str>,
    price_year: Option<i32>,
    published: Option<&'a str>,
    status: Option<&'a str>,
    #[serde(default)]
    derived_from: Vec<IgnoredAny>,
    #[serde(default, borrow)]
    classifications: Vec<Coded<'a>>,
    #[serde(borrow)]
    rule: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    certificate: Option<std::borrow::Cow<'a, str>>,
}

/// A code in an outside classification.
#[derive(Deserialize)]
struct Coded<'a> {
    #[serde(borrow)]
    scheme: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    code: std::borrow::Cow<'a, str>,
}

impl Selectable<'_> {
    /// The texts by which a listing knows the factor.
    fn listed(&self, listing: Listing) -> Vec<String> {
        match listing {
            Listing::Code => self.classifications.iter().map(|own| Classification::entry(&own.scheme, &own.code)).collect(),
            Listing::Rule => rules_in(self.rule.as_deref().unwrap_or_default()).map(rule_key).collect(),
            Listing::Certificate => Certificate::all_in(self.certificate.as_deref().unwrap_or_default()).map(|own| own.entry()).collect(),
        }
    }
}

/// The factors of each text of a listing.
#[derive(Default)]
struct Postings(BTreeMap<String, Vec<u32>>);

impl Postings {
    fn push(&mut self, texts: Vec<String>, number: u32) {
        for text in texts {
            let numbers = self.0.entry(text).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
    }

    fn sections(&self) -> [Vec<u8>; LISTING_SECTIONS] {
        let (mut ends, mut texts, mut starts, mut numbers) = (Vec::new(), Vec::new(), vec![0u32], Vec::new());
        for (text, own) in &self.0 {
            texts.extend_from_slice(text.as_bytes());
            ends.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
            numbers.extend_from_slice(own);
            starts.push(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        }
        [le_bytes(&ends), texts, le_bytes(&starts), le_bytes(&numbers)]
    }
}

#[derive(Default)]
struct Column {
    codes: Vec<u32>,
    texts: BTreeMap<String, u32>,
}

impl Column {
    fn push(&mut self, text: Option<&str>) {
        let code = match text {
            None => 0,
            Some(text) => match self.texts.get(text) {
                Some(code) => *code,
                None => {
                    let code = u32::try_from(self.texts.len() + 1).unwrap_or(u32::MAX);
                    self.texts.insert(text.to_owned(), code);
                    code
                }
            },
        };
        self.codes.push(code);
    }

    /// Codes in the order of their texts.
    fn sort(&mut self) {
        let mut places = vec![0u32; self.texts.len() + 1];
        for (place, code) in self.texts.values_mut().enumerate() {
            let sorted = u32::try_from(place + 1).unwrap_or(u32::MAX);
            if let Some(slot) = places.get_mut(usize::try_from(*code).unwrap_or(0)) {
                *slot = sorted;
            }
            *code = sorted;
        }
        for code in &mut self.codes {
            *code = places.get(usize::try_from(*code).unwrap_or(0)).copied().unwrap_or(0);
        }
    }

    fn sections(&self) -> [Vec<u8>; 3] {
        let mut texts = Vec::new();
        let mut ends = vec![0u32];
        for text in self.texts.keys() {
            texts.extend_from_slice(text.as_bytes());
            ends.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        }
        [le_bytes(&self.codes), le_bytes(&ends), texts]
    }
}

fn le_bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[derive(Default)]
struct Builder {
    line_ends: Vec<u8>,
    keys: Vec<u8>,
    digests: Vec<u8>,
    key_hashes: Vec<u64>,
    derived: Vec<u32>,
    columns: [Column; Dimension::ALL.len()],
    listings: [Postings; Listing::ALL.len()],
    position: u64,
}

impl Builder {
    fn push(&mut self, line: &[u8]) -> Result<(), String> {
        let members: Selectable<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let key_start = members.key.as_ptr().addr().wrapping_sub(line.as_ptr().addr());
        let packed = (u64::try_from(key_start).unwrap_or(0) << 16) | u64::try_from(members.key.len()).unwrap_or(0);
        self.keys.extend_from_slice(&packed.to_le_bytes());
        let number = u32::try_from(self.key_hashes.len()).map_err(|_| "more than four milliard factors")?;
        self.digests.extend_from_slice(Digest::of(line).as_bytes());
        self.key_hashes.push(key_hash(members.key.as_bytes()));
        if !members.derived_from.is_empty() {
            self.derived.push(number);
        }
        for (postings, listing) in self.listings.iter_mut().zip(Listing::ALL) {
            postings.push(members.listed(listing), number);
        }
        self.position += u64::try_from(line.len()).unwrap_or(0);
        self.line_ends.extend_from_slice(&self.position.to_le_bytes());
        self.position += 1;
        let year = members.year.map(|year| year.to_string());
        let price_year = members.price_year.map(|year| year.to_string());
        let flags = Some(members.flags.join(" ")).filter(|flags| !flags.is_empty());
        for (column, dimension) in self.columns.iter_mut().zip(Dimension::ALL) {
            column.push(match dimension {
                Dimension::Activity => Some(members.activity),
                Dimension::Kind => Some(members.kind),
                Dimension::Region => Some(members.region),
                Dimension::Year => year.as_deref(),
                Dimension::Metric => Some(members.metric),
                Dimension::Per => Some(members.per),
                Dimension::Basis => members.basis,
                Dimension::Gwp => members.gwp,
                Dimension::Boundary => members.boundary,
                Dimension::Technology => members.technology.as_deref(),
                Dimension::Scope => members.scope,
                Dimension::Category => members.category.as_deref(),
                Dimension::Flags => flags.as_deref(),
                Dimension::PriceYear => price_year.as_deref(),
                Dimension::Published => members.published,
                Dimension::Status => members.status,
            });
        }
        Ok(())
    }

    /// Where the factors of each activity begin, and the factors of each in order of key: a counting sort.
    fn of_activity(&self) -> (Vec<u32>, Vec<u32>) {
        let [activity, ..] = &self.columns;
        let mut starts = vec![0u32; activity.texts.len() + 2];
        for code in &activity.codes {
            if let Some(count) = starts.get_mut(usize::try_from(*code).unwrap_or(0) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut numbers = vec![0u32; activity.codes.len()];
        for (number, code) in (0u32..).zip(&activity.codes) {
            if let Some(place) = next.get_mut(usize::try_from(*code).unwrap_or(0)) {
                if let Some(slot) = numbers.get_mut(usize::try_from(*place).unwrap_or(0)) {
                    *slot = number;
                }
                *place += 1;
            }
        }
        (starts, numbers)
    }

    /// The same factors, of each activity by region and then in order of key.
    fn of_place(&self, starts: &[u32], mut numbers: Vec<u32>) -> Vec<u32> {
        let [_, _, region, ..] = &self.columns;
        let code = |number: &u32| usize::try_from(*number).ok().and_then(|number| region.codes.get(number)).copied();
        for range in starts.windows(2) {
            let [start, end] = range else { continue };
            let range = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
            if let Some(own) = numbers.get_mut(range) {
                own.sort_by_key(code);
            }
        }
        numbers
    }

    /// All factors by the order of the index.
    fn ordered(&self) -> Vec<u8> {
        let columns =
            Dimension::ORDER.map(|own| self.columns.get(own.position()).map(|column| column.codes.as_slice()).unwrap_or_default());
        let codes = |number: u32| {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            columns.map(|column| column.get(at).copied().unwrap_or(0))
        };
        let mut numbers: Vec<u32> = (0u32..).take(self.key_hashes.len()).collect();
        numbers.sort_unstable_by_key(|number| (codes(*number), *number));
        le_bytes(&numbers)
    }

    /// The sections before the columns, in their order.
    fn fixed_sections(&mut self) -> [Vec<u8>; FIXED_SECTIONS] {
        let ordered = self.ordered();
        let (digests, _) = self.digests.as_chunks::<32>();
        let digest_slots = fill(&digests.iter().map(|digest| first_bits(&Digest::from_bytes(*digest))).collect::<Vec<_>>());
        let (starts, numbers) = self.of_activity();
        let of_activity = le_bytes(&numbers);
        let of_place = le_bytes(&self.of_place(&starts, numbers));
        [
            std::mem::take(&mut self.line_ends),
            std::mem::take(&mut self.keys),
            std::mem::take(&mut self.digests),
            digest_slots,
            fill(&std::mem::take(&mut self.key_hashes)),
            le_bytes(&starts),
            of_activity,
            of_place,
            ordered,
            le_bytes(&self.derived),
        ]
    }
}

/// Builds the index of `lines` and puts it in its place by renaming, so that a reader sees all of it or none.
pub fn build_index(lines: &[u8], digest: &Digest, path: &Path) -> Result<(), ReleaseError> {
    let damaged = |number: usize, why: String| ReleaseError::Damaged { what: format!("line {} of the release", number + 1), why };
    let (found, built) = both(
        || Digest::of(lines),
        || {
            let mut builder = Builder::default();
            Lines::new(lines).enumerate().try_for_each(|(number, line)| builder.push(line).map_err(|why| damaged(number, why)))?;
            Ok::<_, ReleaseError>(builder)
        },
    );
    if found != *digest {
        return Err(ReleaseError::Damaged { what: format!("the lines {digest}"), why: format!("their bytes have the digest {found}") });
    }
    let mut builder = built?;
    builder.columns.iter_mut().for_each(Column::sort);
    let count = u64::try_from(builder.key_hashes.len()).unwrap_or(0);
    let mut sections = Vec::from(builder.fixed_sections());
    sections.extend(builder.columns.iter().flat_map(Column::sections));
    sections.extend(builder.listings.iter().flat_map(Postings::sections));
    write_index(&sections, count, digest, path)?;
    Ok(())
}

fn write_index(sections: &[Vec<u8>], count: u64, digest: &Digest, path: &Path) -> std::io::Result<()> {
    debug_assert_eq!(sections.len(), SECTIONS);
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder)?;
    let mut out = BufWriter::new(file);
    let mut hasher = Hasher::new();
    let mut put = |bytes: &[u8]| {
        hasher.update(bytes);
        out.write_all(bytes)
    };
    put(MAGIC)?;
    put(digest.as_bytes())?;
    put(&count.to_le_bytes())?;
    let mut offset = u64::try_from(HEADER_BYTES).unwrap_or(0);
    for section in sections {
        let length = u64::try_from(section.len()).unwrap_or(0);
        put(&offset.to_le_bytes())?;
        put(&length.to_le_bytes())?;
        offset += length;
    }
    for section in sections {
        put(section)?;
    }
    out.write_all(hasher.finish().as_bytes())?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
