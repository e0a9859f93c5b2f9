//! What matches, in which releases; nothing here knows of pages.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::{Asked, Test};
use super::columns::{Wanted, later_flags};
use super::page::read_cursor;
use super::query::{FilterQuery, FilterRefusal, filled, read_code, shown, wrong};
use super::rank::Ranking;
use super::text::ask::{Matched, Reading, STAGES, Searched, corrected};
use crate::dataset::{Act, Principal};
use crate::factor::Scheme;
use crate::release::{Catalogue, Dimension, Listing, PublishedRelease};

/// Numbers and scores of what was hit, by release.
type Scored = Vec<Vec<(usize, u64)>>;

/// What matches in one release.
pub(super) struct Part {
    /// The release.
    pub(super) release: Arc<PublishedRelease>,
    /// Its factors by number, ascending, so in order of key.
    pub(super) numbers: Vec<usize>,
    /// Columns in which the filters leave one code.
    pub(super) alike: Vec<(Dimension, u32)>,
    /// Their scores, where words were looked for; else none.
    pub(super) scores: Vec<u64>,
}

/// All that matches.
pub(super) struct Matches {
    /// By release, in the order of their datasets. A release may have none.
    pub(super) parts: Vec<Part>,
    /// How many public facts the releases were chosen by.
    pub(super) facts: i64,
    /// How the words were read, where words were looked for.
    pub(super) told: Option<Told>,
}

/// How the words of a query were read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Told {
    /// How far they were relaxed before anything matched.
    pub matched: Matched,
    /// The query as it was read, where words were replaced by near ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
    /// A query that may have been meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Regions that the words name.
    pub regions: Vec<String>,
    /// Years that the words name.
    pub years: Vec<u16>,
    /// Those of the regions that no match is of: wider ones stand in for them, or they were left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions_without: Vec<String>,
    /// Those of the years that no match is of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub years_without: Vec<u16>,
}

/// Factors of several releases by number, ascending; each release stands once.
pub type Selection = Vec<(Arc<PublishedRelease>, Vec<usize>)>;

/// Every factor that a query matches in the releases whose names `who` may read, without pages: by release, numbers ascending.
///
/// `sort`, `limit`, `cursor` and `facets` make no difference here, releases without a match are left out, and every release
/// stands once.
///
/// # Errors
/// The [`FilterRefusal`] that says what is wrong or missing, as for a page.
pub fn selection(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Result<Selection, FilterRefusal> {
    let parts = Sought::new(catalogue, query, who, catalogue.facts())?.find()?.parts;
    Ok(parts.into_iter().filter(|part| !part.numbers.is_empty()).map(|part| (part.release, part.numbers)).collect())
}

/// Opens the text indexes of the latest releases, and builds what is missing, so that no question has to wait for it.
pub fn prepare(catalogue: &Catalogue) {
    for release in catalogue.datasets().filter_map(|(_, releases)| releases.latest()) {
        if let Err(error) = Searched::open(release, &Principal::Operator) {
            tracing::warn!(%error, release = release.id(), "the text index cannot be built");
        }
    }
}

/// The releases that a search looks at, before anybody is asked who may read them.
///
/// # Errors
/// As for a page.
pub fn scope(catalogue: &Catalogue, query: &FilterQuery) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let (facts, _) = read_cursor(filled(&query.cursor), catalogue.facts())?;
    releases(catalogue, query, facts, &Principal::Operator)
}

/// A query as it is understood, with the releases that it looks at and what passes its filters in each.
pub(super) struct Sought<'c> {
    catalogue: &'c Catalogue,
    who: &'c Principal,
    facts: i64,
    asked: Asked,
    releases: Vec<Arc<PublishedRelease>>,
    wanted: Vec<Option<Wanted>>,
}

impl<'c> Sought<'c> {
    /// Reads a query, for everything as it was when there were so many public facts.
    pub(super) fn new(catalogue: &'c Catalogue, query: &FilterQuery, who: &'c Principal, facts: i64) -> Result<Self, FilterRefusal> {
        let asked = Asked::read(query)?;
        let releases = releases(catalogue, query, facts, who)?;
        known(catalogue, &asked, who)?;
        let wanted = releases.iter().map(|release| Wanted::new(catalogue, release, &asked, facts)).collect();
        Ok(Self { catalogue, who, facts, asked, releases, wanted })
    }

    /// About how many factors are looked at; nothing where a text index is read, which nobody can tell beforehand.
    pub(super) fn cost(&self) -> Option<usize> {
        let reads = self.asked.words.is_some() || !self.asked.sources.is_empty();
        (!reads).then(|| self.wanted.iter().flatten().map(Wanted::cost).sum())
    }

    /// Everything that matches.
    pub(super) fn find(self) -> Result<Matches, FilterRefusal> {
        let Self { catalogue, who, facts, asked, releases, mut wanted } = self;
        for (release, own) in releases.iter().zip(&mut wanted).filter(|(_, own)| own.is_some() && !asked.sources.is_empty()) {
            let numbers = Searched::open(release, who)?.having("source", &asked.sources)?;
            *own = own.take().map(|own| own.among(numbers));
        }
        let (found, told) = match &asked.words {
            Some(words) => relevant(catalogue, &releases, &wanted, words, (who, facts))?,
            None => {
                let numbers = wanted.iter().map(|own| own.as_ref().map(Wanted::numbers).unwrap_or_default());
                (numbers.map(|numbers| (numbers, Vec::new())).collect(), None)
            }
        };
        let parts = releases.into_iter().zip(wanted).zip(found).map(|((release, own), (numbers, scores))| {
            let alike = own.as_ref().map(Wanted::alike).unwrap_or_default();
            Part { release, numbers, alike, scores }
        });
        Ok(Matches { parts: parts.collect(), facts, told })
    }
}

/// The factors of each release by number, and their scores.
type Found = Vec<(Vec<usize>, Vec<u64>)>;

/// What holds the words: strictly at first, and relaxed step by step while nothing passes the filters.
fn relevant(
    catalogue: &Catalogue,
    releases: &[Arc<PublishedRelease>],
    wanted: &[Option<Wanted>],
    words: &str,
    (who, facts): (&Principal, i64),
) -> Result<(Found, Option<Told>), FilterRefusal> {
    let all = releases.iter().map(|release| Searched::open(release, who)).collect::<Result<Vec<_>, _>>()?;
    let find = |reading: &Reading| -> Result<Option<Scored>, FilterRefusal> {
        let mut hits: Scored = Vec::with_capacity(all.len());
        for (searched, own) in all.iter().zip(wanted) {
            let mut found = match own {
                Some(_) => reading.hits(searched, &all)?,
                None => Vec::new(),
            };
            found.retain(|(number, _)| own.as_ref().is_some_and(|own| own.matches(*number)));
            hits.push(found);
        }
        Ok(hits.iter().any(|found| !found.is_empty()).then_some(hits))
    };
    let answer = |read: &Reading, asked: &Reading, hits: Vec<Vec<(usize, u64)>>| {
        let told = told(asked, words, &all, Some((releases, &hits)))?;
        Ok((weighed(catalogue, releases, read, hits, facts), Some(told)))
    };
    let mut readings: Vec<Reading> = Vec::new();
    for step in STAGES.into_iter().filter(|step| *step != Matched::Any) {
        let Some(reading) = Reading::at(step, words, &all)? else { continue };
        if let Some(hits) = find(&reading)? {
            return answer(&reading, &reading, hits);
        }
        readings.push(reading);
    }
    for (level, any_year) in falls(&readings) {
        for asked in &readings {
            let reading = asked.fallen(level, any_year);
            if let Some(hits) = find(&reading)? {
                return answer(&reading, asked, hits);
            }
        }
    }
    if let Some(reading) = Reading::at(Matched::Any, words, &all)?
        && let Some(hits) = find(&reading)?
    {
        return answer(&reading, &reading, hits);
    }
    let nothing = Reading::at(Matched::Nothing, words, &all)?.map(|reading| told(&reading, words, &all, None)).transpose()?;
    Ok((releases.iter().map(|_| (Vec::new(), Vec::new())).collect(), nothing))
}

/// How a question is widened whose region or year has nothing, one step after another: another year, then the region that holds
/// the one asked for, and so on outwards.
fn falls(readings: &[Reading]) -> Vec<(usize, bool)> {
    let levels = readings.iter().map(|reading| reading.question.levels()).max().unwrap_or(0);
    let years = readings.iter().any(|reading| reading.question.has_years());
    let all = (0..=levels).flat_map(|level| [(level, false), (level, true)]);
    all.skip(1).filter(|(_, any_year)| years || !any_year).collect()
}

/// What was found, release by release: numbers and scores.
type Hits<'h> = (&'h [Arc<PublishedRelease>], &'h [Vec<(usize, u64)>]);

/// The values of a column among what was found.
fn values<'h>((releases, hits): Hits<'h>, dimension: Dimension) -> BTreeSet<&'h str> {
    let own = |(release, found): (&'h Arc<PublishedRelease>, &'h Vec<(usize, u64)>)| {
        found.iter().filter_map(move |(number, _)| release.data.index().value(dimension, *number))
    };
    releases.iter().zip(hits).flat_map(own).collect()
}

fn told(reading: &Reading, words: &str, all: &[Searched], found: Option<Hits<'_>>) -> Result<Told, FilterRefusal> {
    let Reading { matched, question, read_as, .. } = reading;
    let did_you_mean = if read_as.is_none() { corrected(words, question, all)? } else { None };
    let regions: Vec<String> = question.clauses.iter().flat_map(|clause| clause.places.iter().cloned()).collect();
    let years: Vec<u16> = question.clauses.iter().filter_map(|clause| clause.year).collect();
    let (mut regions_without, mut years_without) = (Vec::new(), Vec::new());
    if let Some(found) = found.filter(|_| !regions.is_empty()) {
        regions_without = question.regions_without(&values(found, Dimension::Region));
    }
    if let Some(found) = found.filter(|_| !years.is_empty()) {
        let own = values(found, Dimension::Year);
        years_without = years.iter().copied().filter(|year| !own.contains(year.to_string().as_str())).collect();
    }
    Ok(Told { matched: *matched, read_as: read_as.clone(), did_you_mean, regions, years, regions_without, years_without })
}

fn weighed(
    catalogue: &Catalogue,
    releases: &[Arc<PublishedRelease>],
    reading: &Reading,
    hits: Vec<Vec<(usize, u64)>>,
    facts: i64,
) -> Found {
    let ranking = Ranking::new(&reading.question, releases.iter().map(AsRef::as_ref).zip(hits.iter().map(Vec::as_slice)));
    let weighed = releases.iter().zip(hits).map(|(release, found)| {
        let later = later_flags(catalogue, release, facts);
        let weigh = |(number, score): (usize, u64)| {
            let own = later.iter().filter(|(flagged, _)| *flagged == number).map(|(_, flag)| flag.as_str()).collect::<Vec<_>>();
            (number, ranking.weigh(release, number, score, &own))
        };
        found.into_iter().map(weigh).unzip()
    });
    weighed.collect()
}

/// The most values that a refusal lists.
const LISTED: usize = 50;

/// Refuses a licence, a source, an activity or a category that no release has whose names `who` may read.
fn known(catalogue: &Catalogue, asked: &Asked, who: &Principal) -> Result<(), FilterRefusal> {
    let readable = || catalogue.releases().filter(|release| release.may(who, Act::ReadNames).is_ok());
    let refuse = |parameter: &'static str, text: &str, valid: BTreeSet<&str>| {
        let all: Vec<&str> = valid.into_iter().collect();
        read_code::<()>(parameter, text, None, &all).map_err(|refusal| match refusal {
            FilterRefusal::Parameter { parameter, detail, mut valid } => {
                valid.sort_by_cached_key(|own| strsim::damerau_levenshtein(own, &shown(text)));
                valid.truncate(LISTED);
                FilterRefusal::Parameter { parameter, detail, valid }
            }
            other => other,
        })
    };
    let licences = || readable().flat_map(|release| &release.manifest.metadata.licences).map(|own| own.id.as_str());
    for text in asked.licences.iter().filter(|text| !licences().any(|own| own == *text)) {
        refuse("licence", text, licences().collect())?;
    }
    let sources = || readable().flat_map(|release| &release.manifest.metadata.sources).map(|own| own.id.as_str());
    for text in asked.sources.iter().filter(|text| !sources().any(|own| own == *text)) {
        refuse("source", text, sources().collect())?;
    }
    for (dimension, test) in &asked.tests {
        let parameter = match dimension {
            Dimension::Activity => "activity",
            Dimension::Category => "category",
            _ => continue,
        };
        if readable().any(|release| has(release, *dimension, test)) {
            continue;
        }
        let texts = readable().flat_map(|release| {
            let index = release.data.index();
            (1..index.codes(*dimension)).filter_map(move |code| index.text(*dimension, code))
        });
        let text = match test {
            Test::OneOf(texts) => texts.first().cloned().unwrap_or_default(),
            Test::Begins(beginning) => format!("{beginning}*"),
            Test::Years(_) | Test::Measures(_) => continue,
        };
        refuse(parameter, &text, texts.take(COMPARED).collect())?;
    }
    let ids = || Scheme::all().iter().map(|scheme| scheme.id.as_str());
    for target in asked.codes.iter().filter(|target| Scheme::named(&target.scheme).is_empty()) {
        let prefix = format!("{}=", target.scheme);
        if !readable().any(|release| !release.data.index().entries_with_prefix(Listing::Code, &prefix).is_empty()) {
            refuse("code", &target.scheme, ids().collect())?;
        }
    }
    Ok(())
}

/// The most values that a wrong one is compared with.
const COMPARED: usize = 20_000;

fn has(release: &PublishedRelease, dimension: Dimension, test: &Test) -> bool {
    let index = release.data.index();
    match test {
        Test::OneOf(texts) => texts.iter().any(|text| index.code_of(dimension, text).is_some()),
        Test::Begins(start) => {
            (1..index.codes(dimension)).any(|code| index.text(dimension, code).is_some_and(|own| own.starts_with(start)))
        }
        Test::Years(_) | Test::Measures(_) => true,
    }
}

/// The datasets that are named, parted by commas; a part that goes on with a range's comma belongs to the one before.
fn named(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in text.split(',') {
        match names.last_mut() {
            Some(before) if before.contains('@') && part.trim_start().starts_with(['<', '>', '=', '^', '~', '*']) => {
                before.push(',');
                before.push_str(part);
            }
            _ => names.push(part.trim().to_owned()),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The most datasets that one query names.
const NAMED: usize = 100;

fn releases(catalogue: &Catalogue, query: &FilterQuery, facts: i64, who: &Principal) -> Result<Vec<Arc<PublishedRelease>>, FilterRefusal> {
    let names = filled(&query.dataset).map(named).unwrap_or_default();
    if names.is_empty() {
        let latest = catalogue.datasets().filter_map(|(_, releases)| releases.latest_as_of(facts));
        return Ok(latest.filter(|release| release.may(who, Act::ReadNames).is_ok()).cloned().collect());
    }
    if names.len() > NAMED {
        return Err(wrong("dataset", format!("it names {} datasets, more than {NAMED}", names.len()), []));
    }
    let mut found: Vec<Arc<PublishedRelease>> = Vec::new();
    for name in names {
        let release = catalogue.resolve_as_of(&name, facts)?.release;
        release.permit(who, Act::ReadNames)?;
        if !found.iter().any(|own| own.manifest_digest == release.manifest_digest) {
            found.push(release);
        }
    }
    found.sort_by(|a, b| (&a.dataset, &a.version).cmp(&(&b.dataset, &b.version)));
    Ok(found)
}
