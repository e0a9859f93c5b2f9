//! The text index of a release: built once from its lines, and found again beside the other indexes.
//!
//! It is no truth. It follows from the lines alone, names their digest, and is built again when it is missing, foreign, damaged or
//! of another format. Where the folder cannot be written it is built in memory, so that a server that only reads searches too.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{DocId, Index, IndexWriter, ReloadPolicy, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyDocument};

use super::pack::Pack;
use super::words::{Words, phrase_key};
use crate::canon::Digest;
use crate::dataset::Lines;
use crate::factor::{dimension_name, unit_name};
use crate::release::PublishedRelease;

/// Bytes that the writer gathers before it writes a segment: what building takes, whatever the number of factors.
const WRITER_BYTES: usize = 32 << 20;

/// The name under which the tokenizer is known.
const TOKENIZER: &str = "words";

/// What is put into the index, and what a hit is weighed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// Names in both languages.
    pub name: Field,
    /// Other names in both languages.
    pub synonyms: Field,
    /// Activity, key and technology.
    pub what: Field,
    /// Category, codes, units, source and where it stood.
    pub class: Field,
    /// Descriptions and remarks: what a reader of names alone is not told.
    pub notes: Field,
    /// Whole members: `region:CN-ZJ`; whole names and their beginnings up to a comma: `is:natural gas`.
    pub member: Field,
    /// The factor's number in its release.
    pub number: Field,
}

fn schema() -> (Schema, Fields) {
    let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing);
    let mut builder = Schema::builder();
    let fields = Fields {
        name: builder.add_text_field("name", text.clone()),
        synonyms: builder.add_text_field("synonyms", text.clone()),
        what: builder.add_text_field("what", text.clone()),
        class: builder.add_text_field("class", text.clone()),
        notes: builder.add_text_field("notes", text),
        member: builder.add_text_field("member", STRING),
        number: builder.add_u64_field("number", FAST),
    };
    (builder.build(), fields)
}

/// The members of a line that are looked for.
#[derive(Deserialize)]
struct Searchable<'a> {
    key: &'a str,
    activity: &'a str,
    kind: &'a str,
    region: &'a str,
    year: Option<i32>,
    metric: &'a str,
    per: &'a str,
    #[serde(borrow)]
    technology: Option<Cow<'a, str>>,
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    boundary: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Words2<'a>,
    #[serde(borrow, default)]
    description: Words2<'a>,
    #[serde(borrow, default)]
    note: Words2<'a>,
    #[serde(borrow, default)]
    synonyms: Lists<'a>,
    #[serde(borrow, default)]
    classifications: Vec<Code<'a>>,
    #[serde(borrow)]
    source: From<'a>,
    #[serde(borrow)]
    rule: Option<Cow<'a, str>>,
    #[serde(borrow)]
    certificate: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct Words2<'a> {
    #[serde(borrow)]
    en: Option<Cow<'a, str>>,
    #[serde(borrow)]
    zh: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct Lists<'a> {
    #[serde(borrow, default)]
    en: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    zh: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Code<'a> {
    #[serde(borrow)]
    scheme: Cow<'a, str>,
    #[serde(borrow)]
    code: Cow<'a, str>,
}

#[derive(Deserialize)]
struct From<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    locator: Option<Cow<'a, str>>,
}

/// A member as it stands in the index.
pub fn member(name: &str, value: &str) -> String {
    format!("{name}:{value}")
}

fn document(fields: &Fields, line: &[u8], number: u64) -> Result<TantivyDocument, serde_json::Error> {
    let own: Searchable<'_> = serde_json::from_slice(line)?;
    let mut document = TantivyDocument::new();
    document.add_u64(fields.number, number);
    let mut put = |field: Field, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            document.add_text(field, text);
        }
    };
    put(fields.name, own.name.en.as_deref());
    put(fields.name, own.name.zh.as_deref());
    own.synonyms.en.iter().chain(&own.synonyms.zh).for_each(|text| put(fields.synonyms, Some(text)));
    for name in [&own.name.en, &own.name.zh].into_iter().flatten().chain(&own.synonyms.en).chain(&own.synonyms.zh) {
        let head = name.split([',', '，', '(', '（', ';', '；']).next().unwrap_or_default();
        let (whole, head) = (phrase_key(name), phrase_key(head));
        if !whole.is_empty() && whole != head {
            put(fields.member, Some(&member("is", &whole)));
        }
        if !head.is_empty() {
            put(fields.member, Some(&member("is", &head)));
        }
    }
    put(fields.what, Some(own.activity));
    put(fields.what, Some(own.key));
    put(fields.what, own.technology.as_deref());
    put(fields.class, own.category.as_deref());
    put(fields.class, own.boundary.as_deref());
    for code in &own.classifications {
        put(fields.class, Some(&code.scheme));
        put(fields.class, Some(&code.code));
        put(fields.member, Some(&member("code", &code.code)));
    }
    put(fields.class, Some(own.per));
    let unit = unit_name(own.per);
    put(fields.class, unit.and_then(|name| name.en.as_deref()));
    put(fields.class, unit.and_then(|name| name.zh.as_deref()));
    put(fields.class, Some(&own.source.id));
    put(fields.class, own.source.locator.as_deref());
    for text in [&own.description.en, &own.description.zh, &own.note.en, &own.note.zh, &own.rule, &own.certificate] {
        put(fields.notes, text.as_deref());
    }
    let year = own.year.map(|year| year.to_string()).unwrap_or_default();
    let members = [
        ("key", own.key),
        ("kind", own.kind),
        ("region", own.region),
        ("year", year.as_str()),
        ("metric", own.metric),
        ("dimension", dimension_name(own.per)),
        ("source", &own.source.id),
    ];
    members.into_iter().filter(|(_, value)| !value.is_empty()).for_each(|(name, value)| put(fields.member, Some(&member(name, value))));
    Ok(document)
}

/// Why there is no text index.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// A line is not as it was released.
    #[error("line {0} cannot be put into the text index: {1}")]
    Line(usize, serde_json::Error),
    /// Writing or reading failed.
    #[error("the text index: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// A file cannot be written.
    #[error("the text index: {0}")]
    Files(#[from] std::io::Error),
}

/// The text index of a release.
pub struct TextIndex {
    /// Reads it.
    pub searcher: Searcher,
    /// Its fields.
    pub fields: Fields,
}

impl TextIndex {
    /// The text index of a release, built where it is missing.
    ///
    /// # Errors
    /// [`TextError`] where the lines are damaged or nothing can be built.
    pub fn of(release: &PublishedRelease) -> Result<std::sync::Arc<Self>, TextError> {
        let data = &release.data;
        data.companion(|| Self::open_or_build(data.indexes(), data.lines_digest(), data.lines()))
    }

    /// Opens the index in a folder, or builds it there, or in memory where the folder cannot be written.
    ///
    /// # Errors
    /// As [`TextIndex::of`].
    pub fn open_or_build(folder: &Path, digest: &Digest, lines: &[u8]) -> Result<Self, TextError> {
        let open = || Pack::open(folder, digest).and_then(|pack| Self::over(&Index::open(pack).ok()?).ok());
        if let Some(index) = open() {
            return Ok(index);
        }
        match build_on_disk(folder, digest, lines) {
            Ok(()) => {}
            Err(error @ TextError::Line(..)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, folder = %folder.display(), "the text index is kept in memory, since it cannot be written")
            }
        }
        match open() {
            Some(index) => Ok(index),
            None => {
                let index = Index::create_in_ram(schema().0);
                fill(&index, lines)?;
                Self::over(&index)
            }
        }
    }

    fn over(index: &Index) -> Result<Self, TextError> {
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Err(tantivy::TantivyError::SchemaError("it has other fields".to_owned()).into());
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).num_warming_threads(1).try_into()?;
        Ok(Self { searcher: reader.searcher(), fields })
    }
}

fn build_on_disk(folder: &Path, digest: &Digest, lines: &[u8]) -> Result<(), TextError> {
    let work = tempfile::Builder::new().prefix(".texts-").tempdir_in(folder)?;
    let directory = MmapDirectory::open(work.path()).map_err(tantivy::TantivyError::from)?;
    let index = Index::create(directory, schema().0, tantivy::IndexSettings::default())?;
    fill(&index, lines)?;
    drop(index);
    Ok(Pack::write(work.path(), digest, folder)?)
}

/// Writes all lines, in one segment, by one thread.
fn fill(index: &Index, lines: &[u8]) -> Result<(), TextError> {
    index.tokenizers().register(TOKENIZER, Words);
    let (_, fields) = schema();
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for (number, line) in (0u64..).zip(Lines::new(lines)) {
        let place = usize::try_from(number).unwrap_or(usize::MAX).saturating_add(1);
        writer.add_document(document(&fields, line, number).map_err(|error| TextError::Line(place, error))?)?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    Ok(writer.wait_merging_threads()?)
}

/// Gathers every hit: the factor's number, and its score in thousandths.
#[derive(Debug, Clone, Copy)]
pub struct Hits {
    /// Whether scores are wanted.
    pub scored: bool,
}

/// The hits of one segment.
pub struct SegmentHits {
    numbers: Column<u64>,
    found: Vec<(usize, u64)>,
}

impl Collector for Hits {
    type Fruit = Vec<(usize, u64)>;
    type Child = SegmentHits;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentHits> {
        Ok(SegmentHits { numbers: segment.fast_fields().u64("number")?, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, mut fruits: Vec<Vec<(usize, u64)>>) -> tantivy::Result<Vec<(usize, u64)>> {
        // one segment in nearly every case, in the order of the lines
        let mut all = if fruits.len() == 1 { fruits.swap_remove(0) } else { fruits.concat() };
        if !all.is_sorted_by_key(|(number, _)| *number) {
            all.sort_unstable_by_key(|(number, _)| *number);
        }
        Ok(all)
    }
}

impl SegmentCollector for SegmentHits {
    type Fruit = Vec<(usize, u64)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let number = self.numbers.first(doc).and_then(|number| usize::try_from(number).ok());
        self.found.extend(number.map(|number| (number, thousandths(score))));
    }

    fn harvest(self) -> Vec<(usize, u64)> {
        self.found
    }
}

/// A score as a whole number: what follows from it is computed exactly.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score ranks; it is no value of a factor"
)]
fn thousandths(score: Score) -> u64 {
    (score * 1000.0).clamp(0.0, 1e9) as u64
}
