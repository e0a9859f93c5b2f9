//! Import profiles: what a publisher's table means, as data (TOML), not code.
//!
//! A profile says where the table is, how its columns and constants become the cells of `factors.csv`, what its
//! words for units, regions and boundaries mean, which rows are passed over and why, and which rows belong
//! together. It judges nothing: `validate` reads the cells as it reads a package's. `docs/profiles.md` is the how-to.

mod bind;
mod file;
mod fit;
mod gather;
mod row;
mod rules;
mod run;
mod template;
mod text;
mod vocabulary;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use regex::Regex;

use super::grid::GridWish;
use crate::canon::Digest;
use crate::factor::{Text, nearest};

use file::{DatasetFile, DecimalFile, ProfileFile};
use rules::{ColumnRule, FactorRule, GroupRule, Reader, SkipRule, TakeRule};
use template::{Template, Tools};
use text::{NORMALISERS, NumberStyle};
use vocabulary::Vocabularies;

pub use fit::fitting;
pub use run::read_table;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schema/profiles");

/// The names of a header and how deep it is searched for.
#[derive(Debug)]
struct HeaderRule {
    find: Vec<String>,
    within: u64,
    rows: usize,
}

/// How the source writes numbers.
#[derive(Debug)]
struct Styles {
    usual: NumberStyle,
    by_delimiter: BTreeMap<u8, NumberStyle>,
}

/// A fact that the profile states, or asks for.
#[derive(Debug)]
enum FactRule {
    Stated(Template),
    Asked(String),
}

/// A profile, read and checked.
#[derive(Debug)]
pub struct Profile {
    id: String,
    version: u32,
    title: Text,
    note: Text,
    source: String,
    wish: GridWish,
    styles: Styles,
    header: Option<HeaderRule>,
    columns: Vec<ColumnRule>,
    file_name: Vec<Regex>,
    facts: Vec<(String, FactRule)>,
    takes: Vec<TakeRule>,
    skips: Vec<SkipRule>,
    group: Option<GroupRule>,
    identical_rows: Option<String>,
    vocabularies: Vocabularies,
    factors: Vec<FactorRule>,
    dataset: Option<DatasetFile>,
    dataset_templates: BTreeMap<String, Template>,
}

/// Why there is no such profile, or it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Neither a shipped profile nor a file.
    #[error(
        "there is no profile `{name}`{hint} The shipped profiles are {shipped}; a file of your own is given by its path, ending in .toml"
    )]
    Unknown {
        /// The name.
        name: String,
        /// The nearest one.
        hint: String,
        /// All shipped ones.
        shipped: String,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or not of the shape.
    #[error("{name} is not a profile: {what}")]
    Shape {
        /// Which one.
        name: String,
        /// What the parser said, with the line.
        what: String,
    },
    /// Everything that is wrong with its rules.
    #[error("{name} cannot be used:\n  {}", wrong.join("\n  "))]
    Wrong {
        /// Which one.
        name: String,
        /// Place and what is wrong.
        wrong: Vec<String>,
    },
}

impl ProfileError {
    /// No profile that ships has this name.
    pub fn unknown(name: &str) -> Self {
        let hint = nearest(name, Profile::shipped().into_iter()).map(|hint| format!(": did you mean `{hint}`?"));
        Self::Unknown {
            name: name.chars().take(80).collect(),
            hint: hint.unwrap_or_else(|| ".".to_owned()),
            shipped: Profile::shipped().join(", "),
        }
    }
}

/// Reads a file that a profile names, by its name.
type Sibling<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// The largest profile or vocabulary file.
const MAX_PROFILE_BYTES: u64 = 8 << 20;

impl Profile {
    /// The names of the shipped profiles, sorted.
    pub fn shipped() -> Vec<&'static str> {
        let mut names: Vec<&str> = SHIPPED
            .files()
            .filter(|file| file.path().extension().is_some_and(|extension| extension == "toml"))
            .filter_map(|file| file.path().file_stem()?.to_str())
            .collect();
        names.sort_unstable();
        names
    }

    /// A shipped profile by its name, or one's own by its path (ending in `.toml`).
    ///
    /// # Errors
    /// When there is none, or it cannot be used: with everything that is wrong.
    pub fn open(name: &str) -> Result<Self, ProfileError> {
        if name.ends_with(".toml") {
            return Self::open_file(Path::new(name));
        }
        let text = SHIPPED.get_file(format!("{name}.toml")).and_then(|file| file.contents_utf8());
        let Some(text) = text else {
            return Err(ProfileError::unknown(name));
        };
        let sibling = |file: &str| {
            SHIPPED.get_file(file).and_then(|file| file.contents_utf8()).map(str::to_owned).ok_or_else(|| format!("there is no {file}"))
        };
        Self::parse(name, text, &sibling)
    }

    fn open_file(path: &Path) -> Result<Self, ProfileError> {
        let read = |path: &Path| {
            use std::io::Read;
            let mut text = String::new();
            super::records::open_regular(path)?.take(MAX_PROFILE_BYTES).read_to_string(&mut text)?;
            Ok::<_, std::io::Error>(text)
        };
        let text = read(path).map_err(|source| ProfileError::Io { path: path.display().to_string(), source })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let sibling = |file: &str| {
            if file.contains(['/', '\\']) || file.starts_with('.') {
                return Err(format!("`{file}` is not the plain name of a file beside the profile"));
            }
            read(&folder.join(file)).map_err(|error| format!("{file}: {error}"))
        };
        Self::parse(&path.display().to_string(), &text, &sibling)
    }

    /// Reads a profile's text; `sibling` reads the vocabulary files that it names.
    ///
    /// # Errors
    /// [`ProfileError::Shape`] and [`ProfileError::Wrong`].
    pub fn parse(name: &str, text: &str, sibling: Sibling<'_>) -> Result<Self, ProfileError> {
        let shape = |what: String| ProfileError::Shape { name: name.to_owned(), what };
        let file: ProfileFile = toml::from_str(text).map_err(|error| shape(error.to_string()))?;
        let dataset_names = words::names(file.dataset.as_ref());
        let mut reader = Reader::new(&file, &[]);
        check_head(&file, &mut reader);
        let styles = styles(&file, &mut reader);
        let vocabularies = read_vocabularies(&file, &mut reader, sibling);
        let wish = GridWish {
            sheets: file.file.sheets.clone(),
            encodings: file.file.encodings.clone(),
            delimiter: delimiter(&file, &mut reader),
            records: file.file.records.clone(),
        };
        let header = file.header.map(|header| HeaderRule {
            find: header.find,
            within: header.within.unwrap_or(100),
            rows: usize::try_from(header.rows.unwrap_or(1)).unwrap_or(1).clamp(1, 5),
        });
        let facts = read_facts(file.facts, &mut reader);
        let file_name = file.file_name.iter().filter_map(|pattern| reader.regex("file_name", pattern)).collect();
        let dataset_templates =
            dataset_names.into_iter().filter_map(|text| reader.template("dataset", &text, &[]).map(|template| (text, template))).collect();
        let profile = Self {
            id: file.profile,
            version: file.version,
            title: file.title,
            note: file.note,
            source: text.to_owned(),
            wish,
            styles,
            header,
            columns: reader.columns(file.columns),
            file_name,
            facts,
            takes: reader.takes(file.take),
            skips: reader.skips("skip", file.skip),
            group: file.group.and_then(|group| reader.group(group)),
            identical_rows: file.identical_rows,
            vocabularies,
            factors: reader.factors(file.factor),
            dataset: file.dataset,
            dataset_templates,
        };
        profile.check_vocabularies(&mut reader);
        if reader.wrong.is_empty() { Ok(profile) } else { Err(ProfileError::Wrong { name: name.to_owned(), wrong: reader.wrong }) }
    }

    /// Its name, such as `uk-desnz-flat`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version; a change of meaning or of keys raises it.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What it reads, in words.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// What to know of the source.
    pub fn note(&self) -> &Text {
        &self.note
    }

    /// Its text as it was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The name that import runs record: `uk-desnz-flat@1 sha256:…`.
    pub fn full_name(&self) -> String {
        format!("{}@{} {}", self.id, self.version, Digest::of(self.source.as_bytes()))
    }

    /// The facts that it asks the steward for, with the question.
    pub fn asked(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().filter_map(|(name, rule)| match rule {
            FactRule::Asked(question) => Some((name.as_str(), question.as_str())),
            FactRule::Stated(_) => None,
        })
    }

    fn tools(&self, style: NumberStyle) -> Tools<'_> {
        Tools { style, vocabularies: &self.vocabularies }
    }

    fn check_vocabularies(&self, reader: &mut Reader) {
        let used = rules::used_vocabularies(&self.factors, self.group.as_ref());
        for (vocabulary, output) in used {
            if let Err(why) = self.vocabularies.has(&vocabulary, &output) {
                reader.wrong("cells", why);
            }
        }
    }
}

fn check_head(file: &ProfileFile, reader: &mut Reader) {
    let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if file.profile.is_empty() || file.profile.len() > 64 || !file.profile.bytes().all(named) {
        reader.wrong("profile", "a name is 1 to 64 of a-z, 0-9 and -");
    }
    if !NORMALISERS.contains(&file.normaliser) {
        reader.wrong("normaliser", format!("{} is not known; the normalisers are {NORMALISERS:?}", file.normaliser));
    }
    if file.identical_rows.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
        reader.wrong("identical_rows", "say why identical rows are passed over");
    }
}

/// How numbers are written, under each delimiter where that decides.
fn styles(file: &ProfileFile, reader: &mut Reader) -> Styles {
    let thousands = file.file.thousands.as_deref().and_then(|text| one_mark("file.thousands", text, reader));
    let mut style = |text: &str| NumberStyle { decimal: one_mark("file.decimal", text, reader).unwrap_or('.'), thousands };
    match &file.file.decimal {
        None => Styles { usual: style("."), by_delimiter: BTreeMap::new() },
        Some(DecimalFile::One(mark)) => Styles { usual: style(mark), by_delimiter: BTreeMap::new() },
        Some(DecimalFile::ByDelimiter(marks)) => {
            let read = marks.iter().filter_map(|(delimiter, mark)| Some((*delimiter.as_bytes().first()?, style(mark)))).collect();
            Styles { usual: style("."), by_delimiter: read }
        }
    }
}

fn one_mark(place: &str, text: &str, reader: &mut Reader) -> Option<char> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(mark), None) => Some(mark),
        _ => {
            reader.wrong(place, "is one character");
            None
        }
    }
}

fn delimiter(file: &ProfileFile, reader: &mut Reader) -> Option<u8> {
    let text = file.file.delimiter.as_ref()?;
    match text.as_bytes() {
        [one] if one.is_ascii() && *one != b'"' => Some(*one),
        _ => {
            reader.wrong("file.delimiter", "is one ASCII character, such as , or ;");
            None
        }
    }
}

fn read_vocabularies(file: &ProfileFile, reader: &mut Reader, sibling: Sibling<'_>) -> Vocabularies {
    let mut vocabularies = reader.vocabularies(file.vocabulary.clone());
    for (vocabulary, name) in &file.vocabulary_file {
        let place = format!("vocabulary_file.{vocabulary}");
        let text = match sibling(name) {
            Ok(text) => text,
            Err(why) => {
                reader.wrong(&place, why);
                continue;
            }
        };
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let outputs: Vec<String> = table.headers().map(|names| names.iter().skip(1).map(str::to_owned).collect()).unwrap_or_default();
        for (row, record) in table.records().enumerate() {
            let place = format!("{name} row {}", row + 2);
            let Ok(record) = record else {
                reader.wrong(&place, "has not as many cells as the header");
                continue;
            };
            let cells = outputs.iter().cloned().zip(record.iter().skip(1).map(str::to_owned)).collect();
            reader.entry(&mut vocabularies, &place, vocabulary, record.get(0).unwrap_or_default(), cells);
        }
    }
    vocabularies
}

fn read_facts(facts: toml::Table, reader: &mut Reader) -> Vec<(String, FactRule)> {
    let mut read = Vec::new();
    for (name, rule) in facts {
        let place = format!("facts.{name}");
        match rule {
            toml::Value::String(text) => {
                read.extend(reader.template(&place, &text, &[]).map(|template| (name, FactRule::Stated(template))))
            }
            toml::Value::Table(table) => match table.get("ask").and_then(toml::Value::as_str) {
                Some(question) if table.len() == 1 => read.push((name, FactRule::Asked(question.to_owned()))),
                _ => reader.wrong(&place, "write a text, or { ask = \"what the steward is asked\" }"),
            },
            _ => reader.wrong(&place, "write a text, or { ask = \"what the steward is asked\" }"),
        }
    }
    read
}
