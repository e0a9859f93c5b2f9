//! The filters held against the columns of one release.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::{Asked, Test};
use super::coded::{with_certificates, with_codes, with_rules};
use crate::factor::dimension_name;
use crate::release::{Catalogue, Dimension, Numbers, PublishedRelease};

/// The filters, as codes of one release's columns.
pub(super) struct Wanted {
    release: Arc<PublishedRelease>,
    /// For each test the codes that pass it.
    passing: Vec<(Dimension, Passing)>,
    /// Whether a code of the flags' column holds a flag that is asked for; nothing where none is.
    flagged: Option<Passing>,
    /// Factors that got a flag that is asked for after the release.
    later: BTreeSet<usize>,
    /// Factors that are of a source that is asked for, ascending; nothing where none is.
    among: Option<Vec<usize>>,
    /// Factors with an asked code, rule or certificate, ascending, a list for each that is asked for.
    coded: Vec<Vec<usize>>,
}

impl Wanted {
    /// Nothing where no factor of the release can match; later flags count as far as `facts` tell of them.
    pub(super) fn new(catalogue: &Catalogue, release: &Arc<PublishedRelease>, asked: &Asked, facts: i64) -> Option<Self> {
        let licences = &release.manifest.metadata.licences;
        if !asked.licences.is_empty() && !licences.iter().any(|own| asked.licences.contains(&own.id)) {
            return None;
        }
        let mut passing = Vec::with_capacity(asked.tests.len());
        for (dimension, test) in &asked.tests {
            let codes = codes_that_pass(release, *dimension, test);
            if codes.count == 0 {
                return None;
            }
            passing.push((*dimension, codes));
        }
        let mut wanted = Self { release: release.clone(), passing, flagged: None, later: BTreeSet::new(), among: None, coded: Vec::new() };
        if !asked.codes.is_empty() {
            wanted.coded.push(with_codes(release, &asked.codes).into_iter().collect());
        }
        if !asked.rules.is_empty() {
            wanted.coded.push(with_rules(release, &asked.rules).into_iter().collect());
        }
        if !asked.certificates.is_empty() {
            wanted.coded.push(with_certificates(release, &asked.certificates).into_iter().collect());
        }
        if wanted.coded.iter().any(Vec::is_empty) {
            return None;
        }
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

    /// The factors that pass every filter, ascending.
    pub(super) fn numbers(&self) -> Vec<usize> {
        let mut found: Vec<usize> = match self.plan() {
            Plan::Listed(numbers) => numbers.into_iter().filter(|number| self.matches(*number)).collect(),
            Plan::Activities(codes) => {
                let index = self.release.data.index();
                codes.into_iter().flat_map(|code| index.of_activity(code).iter()).filter(|number| self.matches(*number)).collect()
            }
            Plan::Ordered => {
                let numbers = self.runs().into_iter().flat_map(Numbers::iter);
                let ordered = self.passing.iter().all(|(dimension, _)| Dimension::ORDER.contains(dimension));
                if ordered && self.flagged.is_none() { numbers.collect() } else { numbers.filter(|number| self.matches(*number)).collect() }
            }
            Plan::All => (0..self.release.data.index().len()).filter(|number| self.matches(*number)).collect(),
        };
        found.sort_unstable();
        found
    }

    /// The columns in which one code alone passes, and that code.
    pub(super) fn alike(&self) -> Vec<(Dimension, u32)> {
        let one = |(dimension, codes): &(Dimension, Passing)| Some((*dimension, codes.codes().next().filter(|_| codes.count == 1)?));
        self.passing.iter().filter_map(one).collect()
    }

    /// About how many factors are looked at to find those that pass.
    pub(super) fn cost(&self) -> usize {
        match self.plan() {
            Plan::Listed(numbers) => numbers.len(),
            Plan::Activities(codes) => codes.into_iter().map(|code| self.release.data.index().of_activity(code).len()).sum(),
            Plan::Ordered => self.runs().iter().map(Numbers::len).sum(),
            Plan::All => self.release.data.index().len(),
        }
    }

    /// The shortest of the lists that hold all that can pass.
    fn plan(&self) -> Plan {
        if let Some(numbers) = self.among.as_ref().or_else(|| self.coded.iter().min_by_key(|list| list.len())) {
            return Plan::Listed(numbers.clone());
        }
        let test = |dimension: Dimension| self.passing.iter().find(|(own, _)| *own == dimension).map(|(_, codes)| codes);
        let few = |codes: &&Passing| codes.count <= ACTIVITIES;
        if let Some(codes) = test(Dimension::Activity).filter(few) {
            return Plan::Activities(codes.codes().collect());
        }
        if Dimension::ORDER.into_iter().any(|dimension| test(dimension).is_some()) { Plan::Ordered } else { Plan::All }
    }

    /// The runs of the ordered factors that pass the filters that they are ordered by: for each column the codes that pass, or
    /// where nothing is asked of it one code after the other as they stand there.
    fn runs(&self) -> Vec<Numbers<'_>> {
        let index = self.release.data.index();
        let mut runs = vec![index.ordered()];
        let last = Dimension::ORDER.iter().rposition(|dimension| self.passing.iter().any(|(own, _)| own == dimension));
        for dimension in Dimension::ORDER.into_iter().take(last.map_or(0, |last| last + 1)) {
            let test = self.passing.iter().find(|(own, _)| *own == dimension).map(|(_, codes)| codes);
            let code = |number: usize| index.code(dimension, number);
            runs = runs
                .into_iter()
                .flat_map(|run| match test {
                    Some(passing) if passing.count <= FEW => passing.codes().map(|own| run.with(own, code)).collect::<Vec<_>>(),
                    _ => run
                        .split(code)
                        .filter(|part| test.is_none_or(|test| part.get(0).is_some_and(|own| test.passes(code(own)))))
                        .collect(),
                })
                .filter(|run| !run.is_empty())
                .collect();
        }
        runs
    }

    /// Whether a factor passes every filter.
    pub(super) fn matches(&self, number: usize) -> bool {
        let index = self.release.data.index();
        let passes = |dimension: Dimension, codes: &Passing| codes.passes(index.code(dimension, number));
        self.passing.iter().all(|(dimension, codes)| passes(*dimension, codes))
            && self.flagged.as_ref().is_none_or(|codes| passes(Dimension::Flags, codes) || self.later.contains(&number))
            && self.coded.iter().all(|list| list.binary_search(&number).is_ok())
            && self.among.as_ref().is_none_or(|among| among.binary_search(&number).is_ok())
    }
}

/// The codes of a column that pass a test.
struct Passing {
    passes: Vec<bool>,
    count: usize,
}

impl Passing {
    fn of(passes: Vec<bool>) -> Self {
        Self { count: passes.iter().filter(|passes| **passes).count(), passes }
    }

    fn passes(&self, code: u32) -> bool {
        usize::try_from(code).ok().and_then(|code| self.passes.get(code)).copied().unwrap_or(false)
    }

    fn codes(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.passes).filter(|(_, passes)| **passes).map(|(code, _)| code)
    }
}

/// Which factors are looked at.
enum Plan {
    /// These.
    Listed(Vec<usize>),
    /// Those of these activities.
    Activities(Vec<u32>),
    /// Those of some runs of the ordered factors.
    Ordered,
    /// Every one.
    All,
}

/// Up to so many activities are looked through one by one.
const ACTIVITIES: usize = 64;

/// Up to so many codes are looked for in a run; of more, the run is looked through code by code.
const FEW: usize = 16;

fn codes_that_pass(release: &PublishedRelease, dimension: Dimension, test: &Test) -> Passing {
    match test {
        Test::OneOf(texts) => {
            let index = release.data.index();
            let mut codes = vec![false; usize::try_from(index.codes(dimension)).unwrap_or(0)];
            for code in texts.iter().filter_map(|text| index.code_of(dimension, text)) {
                if let Some(passes) = usize::try_from(code).ok().and_then(|code| codes.get_mut(code)) {
                    *passes = true;
                }
            }
            Passing::of(codes)
        }
        Test::Begins(beginning) => codes_where(release, dimension, |own| own.starts_with(beginning.as_str())),
        Test::Years(ranges) => codes_where(release, dimension, |own| {
            own.parse::<u16>().is_ok_and(|year| ranges.iter().any(|(from, to)| (*from..=*to).contains(&year)))
        }),
        Test::Measures(dimensions) => codes_where(release, dimension, |own| dimensions.contains(&dimension_name(own))),
    }
}

/// The codes of a column whose text is so; never absence.
fn codes_where(release: &PublishedRelease, dimension: Dimension, is_so: impl Fn(&str) -> bool) -> Passing {
    let index = release.data.index();
    Passing::of((0..index.codes(dimension)).map(|code| index.text(dimension, code).is_some_and(&is_so)).collect())
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
