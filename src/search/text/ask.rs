//! A question put to the text indexes of several releases: strictly first, then with what it may have meant.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Term};

use super::any::AnyOf;
use super::fold::fold;
use super::index::{Hits, TextError, TextIndex, member};
use super::question::{Atom, Clause, Question};
use super::words::{pairs, phrase_key, runs, stem};
use crate::dataset::{Act, Principal};
use crate::release::{Dimension, PublishedRelease};

/// How far a question was relaxed before anything matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Matched {
    /// Every word stands in the factor, Chinese words as they were written.
    Exact,
    /// The last word is the beginning of one.
    Prefix,
    /// Words that stand nowhere were read as near ones.
    Typo,
    /// Most of the characters of a Chinese word stand together, in pairs.
    Loose,
    /// Half of the words or more.
    Any,
    /// Nothing matched.
    Nothing,
}

/// The order in which a question is relaxed.
pub const STAGES: [Matched; 5] = [Matched::Exact, Matched::Prefix, Matched::Typo, Matched::Loose, Matched::Any];

/// One release that is searched.
pub struct Searched {
    /// The release.
    pub release: Arc<PublishedRelease>,
    index: Arc<TextIndex>,
    /// Whether remarks and descriptions, which may tell numbers, are searched for whoever asks.
    notes: bool,
}

impl Searched {
    /// Opens the text index of a release for somebody who may read its names.
    ///
    /// # Errors
    /// [`TextError`] where it cannot be opened or built.
    pub fn open(release: &Arc<PublishedRelease>, who: &Principal) -> Result<Self, TextError> {
        Ok(Self { release: release.clone(), index: TextIndex::of(release)?, notes: release.may(who, Act::ReadNumbers).is_ok() })
    }

    /// The numbers of the factors that have any of these values of a member, ascending.
    ///
    /// # Errors
    /// [`TextError`] where the index cannot be read.
    pub fn having(&self, name: &str, values: &[String]) -> Result<Vec<usize>, TextError> {
        let terms = values.iter().map(|value| Term::from_field_text(self.index.fields.member, &member(name, value)));
        let query = BooleanQuery::new_multiterms_query(terms.collect());
        let hits = self.index.searcher.search(&query, &Hits { scored: false })?;
        Ok(hits.into_iter().map(|(number, _)| number).collect())
    }

    /// The fields that are searched, and what a hit in each weighs.
    fn weights(&self) -> Vec<(Field, Score)> {
        let fields = self.index.fields;
        let mut all = vec![(fields.name, 6.0), (fields.synonyms, 4.5), (fields.what, 3.0), (fields.class, 1.5)];
        if self.notes {
            all.push((fields.notes, 0.5));
        }
        all
    }

    fn counts(&self, field: Field) -> bool {
        self.notes || field != self.index.fields.notes
    }
}

/// How frequent words are over all releases that are searched, so that scores of different releases compare, and nothing that
/// whoever asks does not see counts.
struct Statistics<'s> {
    all: &'s [Searched],
    floors: &'s HashMap<Term, u64>,
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.all.iter().filter(|own| own.counts(field)).map(|own| own.index.searcher.total_num_tokens(field)).sum()
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.all.iter().map(|own| own.index.searcher.total_num_docs()).sum()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(frequency(self.all, term)?.max(self.floors.get(term).copied().unwrap_or(0)))
    }
}

/// How many factors hold a word in a field, of those whose field whoever asks sees.
fn frequency(all: &[Searched], term: &Term) -> tantivy::Result<u64> {
    all.iter().filter(|own| own.counts(term.field())).map(|own| own.index.searcher.doc_freq(term)).sum()
}

/// The words that are counted for one: itself, or the pairs of Chinese characters.
fn pieces(atom: &Atom) -> Vec<String> {
    match atom {
        Atom::Word(forms) => forms.first().cloned().into_iter().collect(),
        Atom::Han(text) => pairs(text),
    }
}

/// How frequent the words of other ways of saying it count as at least: as frequent as the most frequent word that was written, so
/// that a rare translation does not outweigh it. What is written itself counts as it is.
fn floors(question: &Question, all: &[Searched]) -> Result<HashMap<Term, u64>, TextError> {
    let mut floors = HashMap::new();
    let Some(fields) = all.first().map(|own| own.index.fields) else { return Ok(floors) };
    let fields = [fields.name, fields.synonyms, fields.what, fields.class, fields.notes];
    let written: HashSet<String> = question.clauses.iter().flat_map(|clause| &clause.atoms).flat_map(pieces).collect();
    for clause in question.clauses.iter().filter(|clause| !clause.others.is_empty()) {
        let mut least = 0;
        for word in clause.atoms.iter().flat_map(pieces) {
            for field in fields {
                least = least.max(frequency(all, &Term::from_field_text(field, &word))?);
            }
        }
        for word in clause.others.iter().flatten().flat_map(pieces).filter(|word| !written.contains(word)) {
            for field in fields {
                let floor: &mut u64 = floors.entry(Term::from_field_text(field, &word)).or_default();
                *floor = least.max(*floor);
            }
        }
    }
    Ok(floors)
}

/// A query as it is understood where these releases are searched: two capitals are a word where they stand in a name, or stand
/// anywhere but in keys while no factor is of the region.
pub fn understood(query: &str, all: &[Searched]) -> Question {
    let Some(fields) = all.first().map(|own| own.index.fields) else { return Question::read(query, &|_, _| false) };
    let stands = |field: Field, word: &str| frequency(all, &Term::from_field_text(field, word)).is_ok_and(|count| count > 0);
    Question::read(query, &|word, code| {
        let of_region = |own: &Searched| own.release.data.index().code_of(Dimension::Region, code).is_some();
        stands(fields.name, word) || stands(fields.synonyms, word) || (stands(fields.class, word) && !all.iter().any(of_region))
    })
}

/// A question, read anew for one step of relaxing it.
pub struct Reading {
    /// The step.
    pub matched: Matched,
    /// What is looked for.
    pub question: Question,
    /// The query as it was read, where words were replaced.
    pub read_as: Option<String>,
    floors: HashMap<Term, u64>,
}

/// The words of one's choice that begin so, at most.
const EXPANSIONS: usize = 60;

impl Reading {
    /// The question as this step reads it; nothing where the step would change nothing.
    ///
    /// # Errors
    /// [`TextError`] where an index cannot be read.
    pub fn at(matched: Matched, query: &str, all: &[Searched]) -> Result<Option<Self>, TextError> {
        let mut question = understood(query, all);
        match matched {
            Matched::Exact | Matched::Nothing => return Ok(Some(Self::of(matched, question, None, all)?)),
            Matched::Prefix if widen_last(&mut question, all)? => return Ok(Some(Self::of(matched, question, None, all)?)),
            Matched::Prefix => return Ok(None),
            Matched::Typo | Matched::Loose | Matched::Any => {}
        }
        let corrected = corrected(query, &question, all)?;
        if matched == Matched::Typo && corrected.is_none() {
            return Ok(None);
        }
        if let Some(text) = &corrected {
            question = understood(text, all);
            widen_last(&mut question, all)?;
        }
        let long = |atom: &Atom| matches!(atom, Atom::Han(text) if text.chars().count() > 2);
        if matched == Matched::Loose && !question.clauses.iter().flat_map(|clause| &clause.atoms).any(long) {
            return Ok(None);
        }
        Ok(Some(Self::of(matched, question, corrected, all)?))
    }

    fn of(matched: Matched, question: Question, read_as: Option<String>, all: &[Searched]) -> Result<Self, TextError> {
        let floors = floors(&question, all)?;
        Ok(Self { matched, question, read_as, floors })
    }

    /// The same with regions so many steps wider, and of any year if wanted.
    #[must_use]
    pub fn fallen(&self, level: usize, any_year: bool) -> Self {
        let question = self.question.fallen(level, any_year);
        Self { matched: self.matched, question, read_as: self.read_as.clone(), floors: self.floors.clone() }
    }

    /// The hits in one release: numbers ascending, with their scores in thousandths.
    ///
    /// # Errors
    /// [`TextError`] where an index cannot be read.
    pub fn hits(&self, searched: &Searched, all: &[Searched]) -> Result<Vec<(usize, u64)>, TextError> {
        let Some(query) = (Asking { matched: self.matched, searched, weights: searched.weights() }).query(&self.question) else {
            return Ok(Vec::new());
        };
        let statistics = Statistics { all, floors: &self.floors };
        Ok(searched.index.searcher.search_with_statistics_provider(&query, &Hits { scored: true }, &statistics)?)
    }
}

/// One question to one release.
struct Asking<'s> {
    matched: Matched,
    searched: &'s Searched,
    weights: Vec<(Field, Score)>,
}

/// What a member weighs beside words.
const PLACE: Score = 14.0;
const YEAR: Score = 6.0;
const KIND: Score = 5.0;
const METRIC: Score = 1.0;
/// A name, or its beginning up to a comma, that is nothing but the words: in one part of the query, in another way of saying it, in
/// all that names no member.
const IS: Score = 6.0;
const IS_OTHER: Score = 4.0;
const IS_WHOLE: Score = 8.0;
/// What the words of a region or a year weigh beside the member.
const MEMBER_WORDS: Score = 0.3;
const SOURCE: Score = 0.5;
/// A whole key comes before everything.
const KEY: Score = 100_000.0;
/// What another way of saying it weighs, by how many times as many words it has, so that their sum stays below what was written.
const OTHER: [Score; 4] = [0.6, 0.3, 0.2, 0.15];
/// What a word weighs that need not match.
const OPTIONAL: Score = 0.2;
/// What a second field that holds the word adds.
const TIE: Score = 0.1;

impl Asking<'_> {
    fn query(&self, question: &Question) -> Option<AnyOf> {
        let mut needed: Vec<(&Clause, Box<dyn Query>)> = Vec::new();
        let mut optional: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for clause in &question.clauses {
            let query = self.clause(clause)?;
            if clause.optional {
                optional.push((Occur::Should, Box::new(BoostQuery::new(query, OPTIONAL))));
            } else {
                needed.push((clause, query));
            }
        }
        if needed.is_empty() {
            return None;
        }
        let mut parts = optional;
        if self.matched == Matched::Any {
            let (members, words): (Vec<_>, Vec<_>) = needed.into_iter().partition(|(clause, _)| clause.is_member());
            let bare = |all: Vec<(&Clause, Box<dyn Query>)>| all.into_iter().map(|(_, query)| query).collect::<Vec<_>>();
            let (must, should) = if words.is_empty() { (bare(members), Vec::new()) } else { (bare(words), bare(members)) };
            let half = must.len().div_ceil(2);
            parts.push((Occur::Must, Box::new(BooleanQuery::union_with_minimum_required_clauses(must, half))));
            parts.extend(should.into_iter().map(|query| (Occur::Should, query)));
        } else {
            // a factor has one region and one year: of several that are asked for, any will do
            let (places, rest): (Vec<_>, Vec<_>) = needed.into_iter().partition(|(clause, _)| !clause.places.is_empty());
            let (years, words): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(clause, _)| clause.year.is_some());
            for members in [places, years].into_iter().filter(|members| !members.is_empty()) {
                let any = members.into_iter().map(|(_, query)| query).collect();
                parts.push((Occur::Must, Box::new(AnyOf::new(any, 1.0))));
            }
            parts.extend(words.into_iter().map(|(_, query)| (Occur::Must, query)));
        }
        let plain = question.clauses.iter().filter(|clause| !clause.is_member() && !clause.optional);
        let whole = key_of(&plain.flat_map(|clause| clause.atoms.iter().cloned()).collect::<Vec<_>>());
        parts.push((Occur::Should, Box::new(ConstScoreQuery::new(self.member("is", &whole), IS_WHOLE))));
        let key = ConstScoreQuery::new(self.member("key", &question.whole), KEY);
        Some(AnyOf::new(vec![Box::new(BooleanQuery::new(parts)), Box::new(key)], 1.0))
    }

    fn member(&self, name: &str, value: &str) -> Box<dyn Query> {
        let term = Term::from_field_text(self.searched.index.fields.member, &member(name, value));
        Box::new(TermQuery::new(term, IndexRecordOption::Basic))
    }

    fn clause(&self, clause: &Clause) -> Option<Box<dyn Query>> {
        let mut said: Vec<Box<dyn Query>> = self.all_of(&clause.atoms).into_iter().collect();
        let count = |atoms: &[Atom]| atoms.iter().flat_map(pieces).count();
        let share = |other: &[Atom]| match count(other).div_ceil(count(&clause.atoms).max(1)) {
            0 | 1 => OTHER[0],
            2 => OTHER[1],
            3 => OTHER[2],
            _ => OTHER[3],
        };
        let others = clause.others.iter().filter_map(|other| Some((self.all_of(other)?, share(other))));
        said.extend(others.map(|(query, share)| Box::new(BoostQuery::new(query, share)) as Box<dyn Query>));
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        if !said.is_empty() {
            let words = AnyOf::new(said, TIE);
            any.push(Box::new(BoostQuery::new(Box::new(words), if clause.is_member() { MEMBER_WORDS } else { 1.0 })));
        }
        let mut add = |query: Box<dyn Query>, weight: Score| any.push(Box::new(ConstScoreQuery::new(query, weight)));
        clause.places.iter().for_each(|code| add(self.member("region", code), PLACE));
        clause.kinds.iter().for_each(|kind| add(self.member("kind", kind), KIND));
        clause.metric.into_iter().for_each(|metric| add(self.member("metric", metric), METRIC));
        clause.year.into_iter().for_each(|year| add(self.member("year", &year.to_string()), YEAR));
        if !clause.is_member() && !clause.optional {
            add(self.member("is", &key_of(&clause.atoms)), IS);
            clause.others.iter().for_each(|other| add(self.member("is", &key_of(other)), IS_OTHER));
            self.sources(&clause.atoms).iter().for_each(|id| add(self.member("source", id), SOURCE));
        }
        if any.is_empty() { None } else { Some(Box::new(AnyOf::new(any, 1.0))) }
    }

    /// The sources whose title, publisher or number holds the words.
    fn sources(&self, atoms: &[Atom]) -> Vec<&str> {
        let long = |atom: &Atom| match atom {
            Atom::Word(forms) => forms.first().is_some_and(|form| form.len() > 2),
            Atom::Han(text) => text.chars().count() > 1,
        };
        if atoms.is_empty() || !atoms.iter().all(long) {
            return Vec::new();
        }
        let holds = |text: &str| {
            let folded = fold(text);
            let words: Vec<String> = runs(&folded).into_iter().filter(|run| !run.han).map(|run| stem(&run.text)).collect();
            atoms.iter().all(|atom| match atom {
                Atom::Word(forms) => forms.iter().any(|form| words.contains(form)),
                Atom::Han(text) => folded.contains(text.as_str()),
            })
        };
        let sources = &self.searched.release.manifest.metadata.sources;
        sources
            .iter()
            .filter(|source| holds(&serde_json::json!(crate::release::told_of_source(source)).to_string()))
            .map(|source| source.id.as_str())
            .collect()
    }

    fn all_of(&self, atoms: &[Atom]) -> Option<Box<dyn Query>> {
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for atom in atoms {
            parts.push((Occur::Must, self.atom(atom)?));
        }
        if parts.len() < 2 {
            return parts.pop().map(|(_, query)| query);
        }
        parts.extend(self.side_by_side(atoms).map(|query| (Occur::Should, query)));
        Some(Box::new(BooleanQuery::new(parts)))
    }

    /// Latin words that stand together in the name weigh more than the same words apart.
    fn side_by_side(&self, atoms: &[Atom]) -> Option<Box<dyn Query>> {
        let word = |atom: &Atom| match atom {
            Atom::Word(forms) => forms.first().map(|form| Term::from_field_text(self.searched.index.fields.name, form)),
            Atom::Han(_) => None,
        };
        let terms: Vec<Term> = atoms.iter().map(word).collect::<Option<_>>()?;
        Some(Box::new(PhraseQuery::new(terms)))
    }

    /// The words in any of the fields.
    fn atom(&self, atom: &Atom) -> Option<Box<dyn Query>> {
        match atom {
            Atom::Word(forms) => self.in_fields(|field| Some(forms.iter().map(|form| term(field, form)).collect())),
            Atom::Han(text) if matches!(self.matched, Matched::Loose | Matched::Any) => self.most_pairs(text),
            Atom::Han(text) => self.in_fields(|field| together(field, text).map(|query| vec![query])),
        }
    }

    fn in_fields(&self, queries: impl Fn(Field) -> Option<Vec<Box<dyn Query>>>) -> Option<Box<dyn Query>> {
        let mut fields: Vec<Box<dyn Query>> = Vec::new();
        for (field, weight) in &self.weights {
            fields.extend(queries(*field)?.into_iter().map(|query| Box::new(BoostQuery::new(query, *weight)) as Box<dyn Query>));
        }
        Some(Box::new(AnyOf::new(fields, TIE)))
    }

    /// Three of five pairs, or half of them where any word will do, wherever each stands.
    fn most_pairs(&self, text: &str) -> Option<Box<dyn Query>> {
        let pairs = pairs(text);
        let needed = if self.matched == Matched::Any { pairs.len().div_ceil(2) } else { (pairs.len() * 3).div_ceil(5) };
        let found = pairs.iter().map(|pair| self.in_fields(|field| Some(vec![term(field, pair)]))).collect::<Option<Vec<_>>>()?;
        if found.is_empty() { None } else { Some(Box::new(BooleanQuery::union_with_minimum_required_clauses(found, needed))) }
    }
}

/// Words in the form in which whole names stand in the index.
fn key_of(atoms: &[Atom]) -> String {
    let text = |atom: &Atom| match atom {
        Atom::Word(forms) => forms.first().cloned().unwrap_or_default(),
        Atom::Han(text) => text.clone(),
    };
    phrase_key(&atoms.iter().map(text).collect::<Vec<_>>().join(" "))
}

fn term(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

/// Chinese characters as they stand: their pairs, side by side.
fn together(field: Field, text: &str) -> Option<Box<dyn Query>> {
    let pairs = pairs(text);
    match pairs.as_slice() {
        [] => None,
        [one] => Some(term(field, one)),
        _ => Some(Box::new(PhraseQuery::new(pairs.iter().map(|pair| Term::from_field_text(field, pair)).collect()))),
    }
}

/// Adds to the forms of the last word those that begin with it; says whether there are any.
fn widen_last(question: &mut Question, all: &[Searched]) -> Result<bool, TextError> {
    let Some(clause) = question.clauses.last_mut().filter(|clause| !clause.is_member()) else { return Ok(false) };
    let Some(Atom::Word(forms)) = clause.atoms.last_mut() else { return Ok(false) };
    let Some(begun) = forms.first().filter(|form| form.chars().count() > 1).cloned() else { return Ok(false) };
    let mut found = near(all, &FuzzyTermQuery::new_prefix, &begun, 0)?;
    found.retain(|(word, _)| *word != begun);
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(EXPANSIONS);
    forms.extend(found.iter().map(|(word, _)| word.clone()));
    Ok(!found.is_empty())
}

/// Words of the indexes within a distance of one, with how many factors hold each.
fn near(
    all: &[Searched],
    query: &dyn Fn(Term, u8, bool) -> FuzzyTermQuery,
    word: &str,
    distance: u8,
) -> Result<Vec<(String, u32)>, TextError> {
    let mut found = std::collections::BTreeMap::<String, u32>::new();
    for own in all {
        for (field, _) in own.weights() {
            let automaton = query(Term::from_field_text(field, word), distance, true).automaton()?;
            for segment in own.index.searcher.segment_readers() {
                let inverted = segment.inverted_index(field)?;
                let mut stream = inverted.terms().search(&automaton).into_stream()?;
                while let Some((bytes, info)) = stream.next() {
                    if let Ok(word) = std::str::from_utf8(bytes) {
                        *found.entry(word.to_owned()).or_default() += info.doc_freq;
                    }
                }
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The query with each word that stands nowhere replaced by the nearest that stands somewhere; nothing where none is.
///
/// # Errors
/// [`TextError`] where an index cannot be read.
pub fn corrected(query: &str, question: &Question, all: &[Searched]) -> Result<Option<String>, TextError> {
    let mut replaced: Vec<(String, String)> = Vec::new();
    // a word may have lost a letter that only looked like a plural: stainles
    let written: HashMap<String, String> = runs(&fold(query)).into_iter().map(|run| (stem(&run.text), run.text)).collect();
    let capitals = words_in_capitals(query);
    for clause in &question.clauses {
        let known = clause.is_member() || clause.optional || !clause.others.is_empty() || !clause.kinds.is_empty();
        for atom in clause.atoms.iter().filter(|_| !known) {
            if let Atom::Word(forms) = atom
                && let Some(word) = forms.first()
                && !capitals.contains(word)
                && let Some(meant) = nearest_word(word, written.get(word).unwrap_or(word), all)?
            {
                replaced.push((word.clone(), meant));
            }
        }
    }
    if replaced.is_empty() {
        return Ok(None);
    }
    let meant = |word: &str| replaced.iter().find(|(own, _)| *own == stem(word)).map(|(_, meant)| meant.clone());
    let words = query.split_whitespace().map(|part| {
        let found = runs(&fold(part));
        // what has nothing to correct stays as it was written: CN-ZJ
        if found.iter().any(|run| meant(&run.text).is_some()) {
            found.into_iter().map(|run| meant(&run.text).unwrap_or(run.text)).collect::<Vec<_>>().join(" ")
        } else {
            part.to_owned()
        }
    });
    Ok(Some(words.collect::<Vec<_>>().join(" ")))
}

/// The words that are written in capitals, which are names and no slips.
fn words_in_capitals(query: &str) -> BTreeSet<String> {
    let parts = query.split(|c: char| !c.is_ascii_alphanumeric());
    let capitals = parts.filter(|part| part.len() > 1 && part.bytes().all(|byte| !byte.is_ascii_lowercase()));
    capitals.map(|part| stem(&fold(part))).collect()
}

/// The word that was probably meant by one that stands nowhere, as it is looked for and as it was written; two letters may differ
/// from eight letters on, and words of four letters or less are left alone.
fn nearest_word(word: &str, written: &str, all: &[Searched]) -> Result<Option<String>, TextError> {
    let letters = written.len();
    if !(5..=60).contains(&letters)
        || !written.bytes().all(|byte| byte.is_ascii_lowercase())
        || !word.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return Ok(None);
    }
    for own in all {
        for (field, _) in own.weights() {
            if own.index.searcher.doc_freq(&Term::from_field_text(field, word))? > 0 {
                return Ok(None);
            }
        }
    }
    let distance = if letters >= 8 { 2 } else { 1 };
    let mut found = near(all, &FuzzyTermQuery::new, word, distance)?;
    if written != word {
        found.extend(near(all, &FuzzyTermQuery::new, written, distance)?);
    }
    let plain = |candidate: &String| candidate.bytes().all(|byte| byte.is_ascii_lowercase());
    let weighed = found.into_iter().filter(|(candidate, _)| plain(candidate)).map(|(candidate, count)| {
        let other_start = candidate.as_bytes().first() != word.as_bytes().first();
        (strsim::osa_distance(word, &candidate).min(strsim::osa_distance(written, &candidate)), other_start, u32::MAX - count, candidate)
    });
    Ok(weighed.min().map(|(.., candidate)| candidate))
}
