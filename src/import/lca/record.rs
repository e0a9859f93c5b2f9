//! Data sets as steps: rows are counted, identities kept apart, sources gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::LcaFormat;
use super::draft::{Draft, is_chinese, one_line, slug};
use crate::canon::Digest;
use crate::dataset::SourceDocument;
use crate::factor::Text;
use crate::import::archive::{Member, Tree};
use crate::import::entry::{Entry, Problem, Step, TakeStep};

/// Why an inventory gives no factor.
pub(super) const NO_RESULT: &str = "inventory without a climate change result";

/// What the files say of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The documents that the cells cite, by id.
    pub sources: BTreeMap<String, SourceDocument>,
    /// What the files say of licence and access, word for word; no class of redistribution is read from it.
    pub licences: BTreeSet<String>,
}

/// Who stands behind a data set.
#[derive(Debug, Clone, Default)]
pub(super) struct Publisher {
    /// Names, as they stand.
    pub(super) name: Text,
    /// An identifier, for names without Latin letters.
    pub(super) id: Option<String>,
    /// Where it was published.
    pub(super) url: Option<String>,
}

impl Publisher {
    /// A publisher by one name.
    pub(super) fn named(name: &str) -> Self {
        let name = Some(one_line(name));
        let name = if name.as_deref().is_some_and(is_chinese) { Text { en: None, zh: name } } else { Text { en: name, zh: None } };
        Self { name, ..Self::default() }
    }
}

/// What a data set came to.
pub(super) enum Found {
    /// It declares results.
    Drafts(Vec<Draft>),
    /// It has exchanges and no result.
    Inventory {
        /// How many exchanges it lists.
        exchanges: u64,
    },
    /// It is passed over for another reason.
    Passed(&'static str),
    /// It cannot be read.
    Wrong(Problem),
}

/// Counts and names the records of one tree.
pub(super) struct Recorder<'a> {
    format: LcaFormat,
    words: &'a mut Words,
    take: &'a mut TakeStep<'a>,
    /// Name of the folder or file.
    name: String,
    rows: u64,
    with_result: u64,
    inventories: u64,
    exchanges: u64,
    wrong: u64,
    seen: BTreeMap<String, (Digest, String)>,
    missing_providers: (u64, String),
}

impl<'a> Recorder<'a> {
    pub(super) fn new<'b: 'a>(format: LcaFormat, tree: &Tree, words: &'a mut Words, take: &'a mut TakeStep<'b>) -> Self {
        Self {
            format,
            words,
            take,
            name: tree.name().to_owned(),
            rows: 0,
            with_result: 0,
            inventories: 0,
            exchanges: 0,
            wrong: 0,
            seen: BTreeMap::new(),
            missing_providers: (0, String::new()),
        }
    }

    /// Gives the next data set its row; later ones with its identity are held against it.
    ///
    /// `id` is what the data set calls itself, `place` names it for people, `bytes` are its own.
    pub(super) fn record(&mut self, id: Option<&str>, place: &str, bytes: &[u8], parts: u64, found: Found) -> io::Result<()> {
        self.rows += 1;
        let row = self.rows;
        self.rows += parts;
        let parts: Vec<u64> = (row + 1..=self.rows).collect();
        if let Some(id) = id {
            let digest = Digest::of(bytes);
            match self.seen.get(id) {
                Some((first, _)) if *first == digest => {
                    (self.take)(Step::Skipped { row, reason: "the same data set again".to_owned() })?;
                    return parts
                        .into_iter()
                        .try_for_each(|row| (self.take)(Step::Skipped { row, reason: "the same data set again".to_owned() }));
                }
                Some((_, first)) => {
                    let note = format!("{place} and {first} are both `{id}`, with different content: keep the one that is meant");
                    self.wrong += 1;
                    return (self.take)(Step::Wrong { row, parts, problems: vec![Problem::new("identity-conflict", "key", note)] });
                }
                None => drop(self.seen.insert(id.to_owned(), (digest, place.to_owned()))),
            }
        }
        match found {
            Found::Drafts(drafts) => self.entry(row, parts, place, drafts),
            Found::Inventory { exchanges } => {
                self.inventories += 1;
                self.exchanges += exchanges;
                (self.take)(Step::Skipped { row, reason: NO_RESULT.to_owned() })
            }
            Found::Passed(reason) => {
                self.inventories += 1;
                (self.take)(Step::Skipped { row, reason: reason.to_owned() })
            }
            Found::Wrong(problem) => {
                self.wrong += 1;
                let problem = Problem { message: format!("{place}: {}", problem.message), ..problem };
                (self.take)(Step::Wrong { row, parts, problems: vec![problem] })
            }
        }
    }

    fn entry(&mut self, row: u64, parts: Vec<u64>, place: &str, drafts: Vec<Draft>) -> io::Result<()> {
        let mut entry = Entry { row, parts, factors: Vec::new(), notices: Vec::new() };
        let mut problems: Vec<Problem> = Vec::new();
        let push = |list: &mut Vec<Problem>, problem: Problem| {
            let problem = Problem { message: format!("{place}: {}", problem.message), ..problem };
            if !list.contains(&problem) {
                list.push(problem);
            }
        };
        for draft in drafts {
            let (cells, notices, wrong) = draft.finish();
            notices.into_iter().for_each(|notice| push(&mut entry.notices, notice));
            wrong.into_iter().for_each(|problem| push(&mut problems, problem));
            entry.factors.push(cells);
        }
        self.with_result += 1;
        if problems.is_empty() {
            return (self.take)(Step::Entry(entry));
        }
        self.wrong += 1;
        (self.take)(Step::Wrong { row, parts: entry.parts, problems })
    }

    /// The bytes of a record's document; a document that cannot be read is a record that is wrong.
    pub(super) fn bytes(&mut self, tree: &Tree, member: &Member, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let read = tree.read(member, limit);
        self.or_unreadable(&member.name, read)
    }

    /// The start of a document that may be a record.
    pub(super) fn start(&mut self, tree: &Tree, member: &Member, count: u64) -> io::Result<Option<Vec<u8>>> {
        let read = tree.start(member, count);
        self.or_unreadable(&member.name, read)
    }

    fn or_unreadable<T>(&mut self, place: &str, read: io::Result<T>) -> io::Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if is_unreadable(&error) => self.unreadable(place, error.to_string()).map(|()| None),
            Err(error) => Err(error),
        }
    }

    /// A record that cannot be read.
    pub(super) fn unreadable(&mut self, place: &str, wrong: String) -> io::Result<()> {
        self.record(None, place, &[], 0, Found::Wrong(Problem::new("record-unreadable", "", wrong)))
    }

    /// An exchange names a provider that is not among the files.
    pub(super) fn provider_missing(&mut self, place: impl FnOnce() -> String) {
        if self.missing_providers.0 == 0 {
            self.missing_providers.1 = place();
        }
        self.missing_providers.0 += 1;
    }

    /// The id of the source that this publisher stands for; declared in the words.
    pub(super) fn source(&mut self, publisher: Option<&Publisher>) -> String {
        let named = publisher.and_then(|publisher| {
            let name = publisher.name.en.as_deref().map(slug).filter(|slug| !slug.is_empty());
            let id = name.or_else(|| publisher.id.as_deref().map(|id| format!("publisher-{}", slug(id))))?;
            Some((id, publisher.name.clone(), publisher.url.clone()))
        });
        let (id, title, url) = named.unwrap_or_else(|| {
            let name = Text { en: Some(self.name.clone()).filter(|name| !name.is_empty()), zh: None };
            (self.format.name().to_owned(), name, None)
        });
        self.words.sources.entry(id.clone()).or_insert_with(|| SourceDocument {
            id: id.clone(),
            publisher: if publisher.is_some() { title.clone() } else { Text::default() },
            title,
            document_no: None,
            date: None,
            version: None,
            url,
            landing_page: None,
            sha256: None,
            media_type: None,
            level: None,
        });
        id
    }

    /// What a data set says of its licence or of who may have it.
    pub(super) fn licence(&mut self, text: Option<&str>) {
        if let Some(text) = text.map(one_line).filter(|text| !text.is_empty())
            && self.words.licences.len() < 100
        {
            self.words.licences.insert(text);
        }
    }

    /// What is to be said of the tree as a whole.
    pub(super) fn finish(self) -> io::Result<()> {
        let (missing, first) = &self.missing_providers;
        if *missing > 0 {
            let note =
                format!("{missing} exchanges name a provider that is not among the files, first {first}: export the providers with them");
            (self.take)(Step::File(Problem::new("provider-missing", "", note)))?;
        }
        let (what, right) = match self.format {
            LcaFormat::Pact | LcaFormat::CatenaX => ("footprints", "send footprints with a total that excludes biogenic uptake"),
            _ => ("processes", "calculate first and export with LCIA results (climate change, GWP 100)"),
        };
        if self.rows == 0 {
            let note = format!("the files hold no {what} of the format {}", self.format.name());
            return (self.take)(Step::File(Problem::new("no-result", "", note)));
        }
        if self.with_result == 0 && self.wrong == 0 {
            let exchanges = match self.format {
                LcaFormat::Pact | LcaFormat::CatenaX => String::new(),
                _ => format!(" with {} exchanges", self.exchanges),
            };
            let note = format!(
                "the files hold {} {what}{exchanges} and no declared climate change result: an inventory is not a factor, and none is computed from it; {right}",
                self.inventories
            );
            return (self.take)(Step::File(Problem::new("no-result", "", note)));
        }
        Ok(())
    }
}

/// Whether an error is the document's own fault and not the disk's.
pub(super) fn is_unreadable(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(error.kind(), FileTooLarge | InvalidData | InvalidInput | UnexpectedEof | Other)
}
