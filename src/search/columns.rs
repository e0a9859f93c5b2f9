//! The filters held against the columns of one release.

use std::collections::BTreeSet;

use super::asked::{Asked, Test};
use crate::factor::dimension_name;
use crate::release::{Catalogue, Dimension, PublishedRelease};

/// The filters, as codes of one release's columns.
pub(super) struct Wanted<'a> {
    release: &'a PublishedRelease,
    /// For each test, whether a code passes it.
    passing: Vec<(Dimension, Vec<bool>)>,
    /// Whether a code of the flags' column holds a flag that is asked for; nothing where none is.
    flagged: Option<Vec<bool>>,
    /// Factors that got a flag that is asked for after the release.
    later: BTreeSet<usize>,
    /// Factors that are of a source that is asked for, ascending; nothing where none is.
    among: Option<Vec<usize>>,
}

impl<'a> Wanted<'a> {
    /// Nothing where no factor of the release can match; later flags count as far as `facts` tell of them.
    pub(super) fn new(catalogue: &Catalogue, release: &'a PublishedRelease, asked: &Asked, facts: i64) -> Option<Self> {
        let licences = &release.manifest.metadata.licences;
        if !asked.licences.is_empty() && !licences.iter().any(|own| asked.licences.contains(&own.id)) {
            return None;
        }
        let mut passing = Vec::with_capacity(asked.tests.len());
        for (dimension, test) in &asked.tests {
            let codes = codes_that_pass(release, *dimension, test);
            if !codes.contains(&true) {
                return None;
            }
            passing.push((*dimension, codes));
        }
        let mut wanted = Self { release, passing, flagged: None, later: BTreeSet::new(), among: None };
        if !asked.flags.is_empty() {
            let holds = |own: &str| own.split(' ').any(|own| asked.flags.contains(&own));
            wanted.flagged = Some(codes_where(release, Dimension::Flags, holds));
            wanted.later = later_flags(catalogue, release, facts)
                .into_iter()
                .filter(|(_, flag)| asked.flags.contains(&flag.as_str()))
                .map(|(number, _)| number)
                .collect();
        }
        Some(wanted)
    }

    /// The same for these factors alone, ascending.
    pub(super) fn among(self, numbers: Vec<usize>) -> Self {
        Self { among: Some(numbers), ..self }
    }

    /// Whether a factor passes every filter.
    pub(super) fn matches(&self, number: usize) -> bool {
        let index = self.release.data.index();
        let passes = |dimension: Dimension, codes: &[bool]| at(codes, index.code(dimension, number));
        self.passing.iter().all(|(dimension, codes)| passes(*dimension, codes))
            && self.flagged.as_ref().is_none_or(|codes| passes(Dimension::Flags, codes) || self.later.contains(&number))
            && self.among.as_ref().is_none_or(|among| among.binary_search(&number).is_ok())
    }
}

fn at(codes: &[bool], code: u32) -> bool {
    usize::try_from(code).ok().and_then(|code| codes.get(code)).copied().unwrap_or(false)
}

fn codes_that_pass(release: &PublishedRelease, dimension: Dimension, test: &Test) -> Vec<bool> {
    match test {
        Test::OneOf(texts) => {
            let index = release.data.index();
            let mut codes = vec![false; usize::try_from(index.codes(dimension)).unwrap_or(0)];
            for code in texts.iter().filter_map(|text| index.code_of(dimension, text)) {
                if let Some(passes) = usize::try_from(code).ok().and_then(|code| codes.get_mut(code)) {
                    *passes = true;
                }
            }
            codes
        }
        Test::Begins(beginning) => codes_where(release, dimension, |own| own.starts_with(beginning.as_str())),
        Test::Years(ranges) => codes_where(release, dimension, |own| {
            own.parse::<u16>().is_ok_and(|year| ranges.iter().any(|(from, to)| (*from..=*to).contains(&year)))
        }),
        Test::Measures(dimensions) => codes_where(release, dimension, |own| dimensions.contains(&dimension_name(own))),
    }
}

/// For each code of a column whether its text is so; never for absence.
fn codes_where(release: &PublishedRelease, dimension: Dimension, is_so: impl Fn(&str) -> bool) -> Vec<bool> {
    let index = release.data.index();
    (0..index.codes(dimension)).map(|code| index.text(dimension, code).is_some_and(&is_so)).collect()
}

/// Flags that were raised after the release, as far as `facts` tell of them, and the factors that have them.
pub(super) fn later_flags(catalogue: &Catalogue, release: &PublishedRelease, facts: i64) -> Vec<(usize, String)> {
    let Ok(releases) = catalogue.dataset(release.dataset.as_str()) else { return Vec::new() };
    let mut found = Vec::new();
    for key in releases.flagged_keys() {
        let Some(number) = release.data.find(key) else { continue };
        let Some(digest) = release.data.digest(number) else { continue };
        let flags = releases.later_flags(key, &digest).into_iter().filter(|flag| flag.seq < facts);
        found.extend(flags.map(|flag| (number, flag.flag.clone())));
    }
    found.sort_unstable();
    found.dedup();
    found
}
