//! How a release came about: who imported, submitted, approved and published it, from which file, by which program.
//!
//! A manifest holds no clock and no name, so that whoever builds the same release gets the same manifest. What happened
//! around it stands here, in a blob whose digest is part of the release's leaf: it cannot be changed afterwards either.

use std::collections::BTreeSet;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FrozenFile, ReleaseError, Secret};
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::DatasetId;
use crate::store::DraftEdit;

/// The format of records that this program writes.
pub const RECORD_FORMAT: &str = "1";

/// Somebody did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Who.
    pub by: String,
}

/// An approval of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Who.
    pub by: String,
    /// What they said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Name and id of the key that signed it, `name+id`; none where it was not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A run of an importer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRecord {
    /// Who imported.
    pub by: String,
    /// How many rows yielded factors.
    pub factors: i64,
    /// The file, as it was named.
    pub file_name: String,
    /// When it ended (RFC 3339, UTC).
    pub finished_at: String,
    /// The blob that tells in which row each factor stood: lines `{"key":…,"row":…}` in order of key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Digest>,
    /// The import profile.
    pub profile: String,
    /// The program that read it.
    pub program: String,
    /// The blob that is its report: counts and findings.
    pub report: Digest,
    /// Records below the header.
    pub rows: i64,
    /// Its number on this server.
    pub run: i64,
    /// Digest of the file that was read.
    pub source: Digest,
    /// Its size.
    pub source_bytes: i64,
    /// When it began (RFC 3339, UTC).
    pub started_at: String,
    /// Findings of severity warning.
    pub warnings: i64,
}

/// What an edit by hand did to a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// There was no such factor.
    Added,
    /// Some of its members changed.
    Changed,
    /// It is not in the release.
    Removed,
}

/// One member of a factor before and after an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedMember {
    /// Member of the canonical object.
    pub field: String,
    /// What it was; null where it was absent.
    pub from: Value,
    /// What it is; null where it is absent.
    pub to: Value,
}

/// A factor that a person changed by hand, after the import and before the submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRecord {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Who.
    pub by: String,
    /// What was done.
    pub change: EditKind,
    /// Member by member, where it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<EditedMember>,
    /// The factor.
    pub key: String,
    /// Why.
    pub reason: String,
}

impl EditRecord {
    /// The record of a stored edit.
    ///
    /// # Errors
    /// When a stored line does not read.
    pub(super) fn of(edit: DraftEdit) -> Result<Self, ReleaseError> {
        let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("edit {}", edit.id), why: error.to_string() };
        let read = |line: &str| serde_json::from_str::<Map<String, Value>>(line).map_err(damaged);
        let (change, fields) = match (edit.before_line.as_deref(), edit.after_line.as_deref()) {
            (Some(before), Some(after)) => (EditKind::Changed, members_between(&read(before)?, &read(after)?)),
            (None, _) => (EditKind::Added, Vec::new()),
            (_, None) => (EditKind::Removed, Vec::new()),
        };
        Ok(Self { at: edit.at, by: edit.actor, change, fields, key: edit.key, reason: edit.reason })
    }
}

fn members_between(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<EditedMember> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let member = |name: &String| {
        let (from, to) = (before.get(name).cloned().unwrap_or_default(), after.get(name).cloned().unwrap_or_default());
        (from != to).then(|| EditedMember { field: name.clone(), from, to })
    };
    names.into_iter().filter_map(member).collect()
}

/// How a release came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRecord {
    /// The reviewers' signatures over the manifest: a signed note (C2SP signed-note); none where nobody signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<String>,
    /// The blob that is its crosswalk with who confirmed what and when; none where it has no crosswalk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crosswalk: Option<Digest>,
    /// Dataset id.
    pub dataset: DatasetId,
    /// What was changed by hand after the import, in the order in which it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<EditRecord>,
    /// Every stored file of it, codings included.
    pub files: Vec<FrozenFile>,
    /// [`RECORD_FORMAT`].
    pub format: String,
    /// The import that its lines come from.
    pub import: ImportRecord,
    /// Digest of its manifest.
    pub manifest: Digest,
    /// The program that published it.
    pub program: String,
    /// Who published it.
    pub published: Act,
    /// Who approved it.
    pub reviews: Vec<Review>,
    /// What the salts of a sealed release follow from; none where it is not sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Who submitted it.
    pub submitted: Act,
    /// Its version.
    pub version: Version,
}

impl ReleaseRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// None for what can be written; see [`canonical_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReleaseError> {
        Ok(canonical_bytes(self)?)
    }

    /// Reads a record; `what` names it in an error.
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] when it does not read or has another format.
    pub fn from_bytes(bytes: &[u8], what: &str) -> Result<Self, ReleaseError> {
        let damaged = |why: String| ReleaseError::Damaged { what: what.to_owned(), why };
        let record: Self = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if record.format == RECORD_FORMAT {
            Ok(record)
        } else {
            Err(damaged(format!("it has format `{}`, this program reads {RECORD_FORMAT}", record.format)))
        }
    }

    /// What was done by hand to one factor.
    pub fn edits_of(&self, key: &str) -> Vec<EditRecord> {
        self.edits.iter().filter(|edit| edit.key == key).cloned().collect()
    }

    /// The stored file with this name, in this coding (`identity`, `gzip`, `zstd`).
    pub fn file(&self, name: &str, coding: &str) -> Option<&FrozenFile> {
        self.files.iter().find(|file| file.name == name && file.coding == coding)
    }
}
