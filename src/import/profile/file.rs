//! A profile as it is written: TOML, whose shape `schema/profile.json` publishes.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::dataset::{Contributor, Licence};
use crate::factor::{SourceLevel, Text};

/// Conditions: every named column matches its regular expression.
pub(super) type When = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) profile: String,
    pub(super) version: u32,
    pub(super) normaliser: u32,
    #[serde(default)]
    pub(super) title: Text,
    #[serde(default)]
    pub(super) note: Text,
    #[serde(default)]
    pub(super) file: TableFile,
    pub(super) header: Option<HeaderFile>,
    pub(super) columns: BTreeMap<String, ColumnFile>,
    #[serde(default)]
    pub(super) file_name: Vec<String>,
    #[serde(default)]
    pub(super) facts: toml::Table,
    #[serde(default)]
    pub(super) take: Vec<TakeFile>,
    #[serde(default)]
    pub(super) skip: Vec<SkipFile>,
    pub(super) group: Option<GroupFile>,
    pub(super) identical_rows: Option<String>,
    #[serde(default)]
    pub(super) vocabulary: toml::Table,
    #[serde(default)]
    pub(super) vocabulary_file: BTreeMap<String, String>,
    pub(super) factor: Vec<FactorFile>,
    pub(super) dataset: Option<DatasetFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile {
    #[serde(default)]
    pub(super) sheets: Vec<String>,
    #[serde(default)]
    pub(super) encodings: Vec<String>,
    pub(super) delimiter: Option<String>,
    pub(super) records: Option<String>,
    pub(super) decimal: Option<DecimalFile>,
    pub(super) thousands: Option<String>,
}

/// The decimal mark: one, or one for each delimiter that the file may have.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum DecimalFile {
    One(String),
    ByDelimiter(BTreeMap<String, String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderFile {
    pub(super) find: Vec<String>,
    pub(super) within: Option<u64>,
    pub(super) rows: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ColumnFile {
    One(String),
    Several(Vec<String>),
    Whole(ColumnTable),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnTable {
    #[serde(default)]
    pub(super) header: Vec<String>,
    pub(super) pattern: Option<String>,
    pub(super) letter: Option<String>,
    #[serde(default)]
    pub(super) optional: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeFile {
    pub(super) from: String,
    pub(super) pattern: String,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default)]
    pub(super) when: When,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipFile {
    pub(super) reason: String,
    #[serde(default)]
    pub(super) when: When,
    #[serde(default)]
    pub(super) unless: When,
    #[serde(default)]
    pub(super) rest: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupFile {
    pub(super) by: String,
    #[serde(default)]
    pub(super) lead: When,
    pub(super) without_lead: Option<String>,
    #[serde(default)]
    pub(super) part: Vec<PartFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartFile {
    #[serde(default)]
    pub(super) when: When,
    #[serde(default)]
    pub(super) unless: When,
    #[serde(default)]
    pub(super) cells: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorFile {
    #[serde(default)]
    pub(super) when: When,
    #[serde(default)]
    pub(super) unless: When,
    #[serde(default)]
    pub(super) each: Vec<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) skip: Vec<SkipFile>,
    pub(super) cells: toml::Table,
    pub(super) unit_text: Option<String>,
    pub(super) value_from_gases: Option<String>,
}

/// The words of a dataset's first release from a raw file; templates over the profile's facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetFile {
    pub(super) title: Text,
    #[serde(default)]
    pub(super) description: Text,
    pub(super) licences: Vec<Licence>,
    #[serde(default)]
    pub(super) contributors: Vec<Contributor>,
    pub(super) sources: Vec<SourceFileEntry>,
}

/// A source document; every text is a template over the facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceFileEntry {
    pub(super) id: String,
    pub(super) title: Text,
    #[serde(default)]
    pub(super) publisher: Text,
    pub(super) document_no: Option<String>,
    pub(super) date: Option<String>,
    pub(super) version: Option<String>,
    pub(super) url: Option<String>,
    pub(super) landing_page: Option<String>,
    pub(super) level: Option<SourceLevel>,
    #[serde(default = "read_here")]
    pub(super) read_here: bool,
}

/// Whether the file that is imported is the source itself, so that its digest is the source's.
const fn read_here() -> bool {
    true
}
