//! The filters as they are understood: whatever has a list of codes stands in it.

use super::coded::{CodeTarget, read_certificate, read_rules};
use super::query::{FilterQuery, FilterRefusal, filled, listed, read_code, shown, wrong};
use crate::factor::{GwpSet, Metric, Region, Unit, UnitError, dimension_names, flag_code, flags, kinds};
use crate::release::Dimension;

/// What one column must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text that begins so.
    Begins(String),
    /// A year of one of these ranges, both ends included.
    Years(Vec<(u16, u16)>),
    /// A unit of one of these dimensions.
    Measures(Vec<&'static str>),
}

/// What is asked of a factor, and of its release.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// All of these must hold.
    pub(super) tests: Vec<(Dimension, Test)>,
    /// Any of these flags, of the release or later.
    pub(super) flags: Vec<&'static str>,
    /// Any of these licences of the release.
    pub(super) licences: Vec<String>,
    /// Any of these sources.
    pub(super) sources: Vec<String>,
    /// Where to look for any of the codes; nothing where none is asked for.
    pub(super) codes: Vec<CodeTarget>,
    /// Any of the rules with these keys.
    pub(super) rules: Vec<String>,
    /// Any of these certificates.
    pub(super) certificates: Vec<(String, bool)>,
    /// Words that are looked for.
    pub(super) words: Option<String>,
}

impl Asked {
    /// Reads the filters of a query.
    pub(super) fn read(query: &FilterQuery) -> Result<Self, FilterRefusal> {
        let mut asked = Self::default();
        asked.one_of(Dimension::Kind, read_kinds(query)?);
        asked.pattern(Dimension::Activity, filled(&query.activity));
        asked.one_of(Dimension::Region, read_regions(query)?);
        if let Some(years) = read_years(query)? {
            asked.tests.push((Dimension::Year, Test::Years(years)));
        }
        asked.pattern(Dimension::Category, filled(&query.category));
        let dimensions = read_dimensions(query)?;
        if !dimensions.is_empty() {
            asked.tests.push((Dimension::Per, Test::Measures(dimensions)));
        }
        asked.one_of(Dimension::Per, read_units(query)?);
        asked.one_of(Dimension::Metric, read_metrics(query)?);
        asked.one_of(Dimension::Gwp, read_sets(query)?);
        if let Some(published) = read_published(query)? {
            asked.tests.push((Dimension::Published, Test::Begins(published)));
        }
        for text in listed(&query.code) {
            asked.codes.extend(CodeTarget::read(text)?);
        }
        asked.rules = read_rules(listed(&query.rule));
        asked.certificates = listed(&query.certificate).map(read_certificate).collect();
        asked.flags = read_flags(query)?;
        asked.licences = listed(&query.licence).map(str::to_owned).collect();
        asked.sources = listed(&query.source).map(str::to_owned).collect();
        asked.words = read_words(query)?;
        Ok(asked)
    }

    fn one_of(&mut self, dimension: Dimension, texts: Vec<String>) {
        if !texts.is_empty() {
            self.tests.push((dimension, Test::OneOf(texts)));
        }
    }

    fn pattern(&mut self, dimension: Dimension, text: Option<&str>) {
        let test = text.map(|text| match text.strip_suffix('*') {
            Some(beginning) => Test::Begins(beginning.to_owned()),
            None => Test::OneOf(vec![text.to_owned()]),
        });
        self.tests.extend(test.map(|test| (dimension, test)));
    }
}

/// The most characters, and the most words parted by blanks, of what is looked for.
const CHARACTERS: usize = 400;
const WORDS: usize = 60;

fn read_words(query: &FilterQuery) -> Result<Option<String>, FilterRefusal> {
    let Some(text) = filled(&query.q) else { return Ok(None) };
    let (characters, words) = (text.chars().count(), text.split_whitespace().count());
    if characters > CHARACTERS || words > WORDS {
        let detail =
            format!("it has {characters} characters in {words} words; at most {CHARACTERS} characters in {WORDS} words are searched for");
        return Err(wrong("q", detail, []));
    }
    Ok(Some(text.to_owned()))
}

fn read_kinds(query: &FilterQuery) -> Result<Vec<String>, FilterRefusal> {
    let all: Vec<&str> = kinds().keys().map(String::as_str).collect();
    listed(&query.kind).map(|text| read_code("kind", text, all.contains(&text).then(|| text.to_owned()), &all)).collect()
}

fn read_flags(query: &FilterQuery) -> Result<Vec<&'static str>, FilterRefusal> {
    let all: Vec<&str> = flags().keys().map(String::as_str).collect();
    listed(&query.flag).map(|text| read_code("flag", text, flag_code(text), &all)).collect()
}

fn read_metrics(query: &FilterQuery) -> Result<Vec<String>, FilterRefusal> {
    let read = |text: &str| read_code("metric", text, Metric::from_code(text).map(|metric| metric.code().to_owned()), Metric::CODES);
    listed(&query.metric).map(read).collect()
}

fn read_sets(query: &FilterQuery) -> Result<Vec<String>, FilterRefusal> {
    let all: Vec<&str> = GwpSet::all().iter().map(|set| set.id.as_str()).collect();
    listed(&query.gwp).map(|text| read_code("gwp", text, all.contains(&text).then(|| text.to_owned()), &all)).collect()
}

fn read_dimensions(query: &FilterQuery) -> Result<Vec<&'static str>, FilterRefusal> {
    let all: Vec<&'static str> = dimension_names().collect();
    let named = |text: &str| match text {
        "distance" => "length".to_owned(),
        "weight" => "mass".to_owned(),
        "currency" | "spend" => "money".to_owned(),
        other => other.to_owned(),
    };
    let read = |text: &str| read_code("dimension", text, all.iter().copied().find(|own| *own == named(text)), &all);
    listed(&query.dimension).map(read).collect()
}

fn read_units(query: &FilterQuery) -> Result<Vec<String>, FilterRefusal> {
    let read = |text: &str| match Unit::parse(text) {
        Ok(unit) => Ok(unit.code().to_owned()),
        Err(UnitError::Unknown { hint, .. }) => {
            let meant = hint.as_deref().map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default();
            Err(wrong("per", format!("`{}` is not a UCUM unit or an ISO 4217 currency{meant}", shown(text)), hint.as_deref()))
        }
        Err(error) => Err(wrong("per", error.to_string(), [])),
    };
    listed(&query.per).map(read).collect()
}

fn read_regions(query: &FilterQuery) -> Result<Vec<String>, FilterRefusal> {
    let read = |code: &str| match Region::get(code) {
        Some(region) => Ok(region.code.clone()),
        None => {
            let valid = Region::suggestion(code);
            let detail = format!("`{}` is not GLO, a UN M49 or ISO 3166 code or a named grid (CN-GRID-EAST)", shown(code));
            Err(wrong("region", detail, valid.iter().map(String::as_str)))
        }
    };
    listed(&query.region).map(read).collect()
}

fn read_years(query: &FilterQuery) -> Result<Option<Vec<(u16, u16)>>, FilterRefusal> {
    let year = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
    let end = |text: &str, open: u16| if text.is_empty() { Some(open) } else { year(text) };
    let range = |text: &str| match text.split_once("..") {
        Some((from, to)) if !(from.is_empty() && to.is_empty()) => Some((end(from, 0)?, end(to, 9999)?)),
        Some(_) => None,
        None => year(text).map(|year| (year, year)),
    };
    let read = |text: &str| {
        let refusal = || {
            wrong("year", format!("`{}` is not a year of four digits or a range of years", shown(text)), ["2023", "2020..2023", "2020.."])
        };
        match range(text) {
            Some((from, to)) if from > to => {
                let turned = format!("{to}..{from}");
                Err(wrong("year", format!("`{text}` is a range that ends before it begins: write `{turned}`"), [turned.as_str()]))
            }
            other => other.ok_or_else(refusal),
        }
    };
    let years = listed(&query.year).map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(years).filter(|years| !years.is_empty()))
}

fn read_published(query: &FilterQuery) -> Result<Option<String>, FilterRefusal> {
    let Some(text) = filled(&query.published) else { return Ok(None) };
    let digits = |part: &str, count: usize, most: u8| {
        part.len() == count
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (count == 4 || part.parse().is_ok_and(|n: u8| (1..=most).contains(&n)))
    };
    let parts: Vec<&str> = text.split('-').collect();
    let sound = match parts.as_slice() {
        [year] => digits(year, 4, 0),
        [year, month] => digits(year, 4, 0) && digits(month, 2, 12),
        [year, month, day] => digits(year, 4, 0) && digits(month, 2, 12) && digits(day, 2, 31),
        _ => false,
    };
    let detail = || format!("`{}` is not a date or the beginning of one", shown(text));
    if sound { Ok(Some(text.to_owned())) } else { Err(wrong("published", detail(), ["2024", "2024-12", "2024-12-20"])) }
}
