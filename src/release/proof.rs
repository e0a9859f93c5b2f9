//! Proofs that whoever holds a checkpoint can check without us: of a release in the log, of a factor in its release.

use serde::{Deserialize, Serialize};

use super::{Catalogue, Ground, PublishedRelease, ReleaseError, Salt, Secret};
use crate::canon::Digest;
use crate::dataset::DatasetId;
use crate::tlog::{LogProof, hash_text};

/// The format of proofs that this program writes.
pub const PROOF_FORMAT: &str = "1";

/// The file of a release's proof (C2SP tlog-proof); its extra data are the leaf.
pub const PROOF_NAME: &str = "release.tlog-proof";

/// The file of the reviewers' signatures: a signed note over the manifest's digest.
pub const APPROVALS_NAME: &str = "release.approvals";

/// The file that tells how a release came about.
pub const RECORD_NAME: &str = "release.record.json";

/// The file that tells in which row of the imported file each factor stood: lines `{"key":…,"row":…}` in order of key.
pub const PLACES_NAME: &str = "release.places.ndjson";

/// The files that tie a release to the log and to its source. Neither the manifest nor `SHA256SUMS` lists them.
pub const SIDE_FILES: [&str; 4] = [PROOF_NAME, APPROVALS_NAME, RECORD_NAME, PLACES_NAME];

/// What a file beside a release holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideFile {
    /// Text that changes as the log grows.
    Moving(String),
    /// Text that never changes.
    Fixed(String),
    /// A blob.
    Stored(Digest),
}

/// A factor's line in its release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineProof {
    /// Its key.
    pub key: String,
    /// The SHA-256 of the line.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// The canonical line, without its line feed.
    pub line: String,
    /// Its salt, where the release is sealed: its leaf is the salt and the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub salt: Option<Salt>,
    /// Its place among the lines, from 0.
    pub index: u64,
    /// How many lines there are.
    pub size: u64,
    /// The inclusion proof up to the manifest's root (RFC 6962, 2.1.1): hashes in base64, the leaf's sibling first.
    pub inclusion: Vec<String>,
}

/// Everything that ties a release, or one factor of it, to a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseProof {
    /// [`PROOF_FORMAT`].
    pub format: String,
    /// Dataset id.
    #[schema(value_type = String)]
    pub dataset: DatasetId,
    /// Its version.
    #[schema(value_type = String)]
    pub version: semver::Version,
    /// The manifest, byte by byte: it holds the root over the lines.
    pub manifest: String,
    /// The manifest's salt, where the release is sealed: its leaf names the digest of the salt and the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub salt: Option<Salt>,
    /// The reviewers' signatures over the manifest's digest: a signed note; none where nobody signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<String>,
    /// The leaf, its inclusion proof and the checkpoint: a C2SP tlog-proof, whose extra data are the leaf.
    pub proof: String,
    /// The factor, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<LineProof>,
}

impl Catalogue {
    /// The proof that a release is in the log, under the checkpoint that is published now.
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] where the release is not in the tree that was read.
    pub fn log_proof(&self, release: &PublishedRelease) -> Result<LogProof, ReleaseError> {
        let damaged = |why: String| ReleaseError::Damaged { what: format!("the proof of {}", release.id()), why };
        let checkpoint = self.checkpoint().ok_or_else(|| damaged("there is no checkpoint".to_owned()))?;
        let index = u64::try_from(release.seq).map_err(|error| damaged(error.to_string()))?;
        let path = self.tree().inclusion_proof(index, checkpoint.checkpoint.size).map_err(|error| damaged(error.to_string()))?;
        Ok(LogProof { extra: Some(release.leaf.as_bytes().to_vec()), index, path, checkpoint: checkpoint.note.clone() })
    }

    /// A file beside a release, by its name; none: the release has no such file.
    ///
    /// # Errors
    /// As [`Catalogue::log_proof`].
    pub fn side_file(&self, release: &PublishedRelease, name: &str) -> Result<Option<SideFile>, ReleaseError> {
        Ok(match name {
            PROOF_NAME => Some(SideFile::Moving(self.log_proof(release)?.to_string())),
            APPROVALS_NAME => release.record.approvals.clone().map(SideFile::Fixed),
            RECORD_NAME => Some(SideFile::Stored(release.record_digest)),
            PLACES_NAME => release.record.import.places.map(SideFile::Stored),
            _ => None,
        })
    }

    /// The same with the manifest and approvals, and with a factor's line where its number is given.
    ///
    /// # Errors
    /// As [`Catalogue::log_proof`]; where stored bytes are not those that were released.
    pub fn release_proof(&self, ground: &Ground, release: &PublishedRelease, number: Option<usize>) -> Result<ReleaseProof, ReleaseError> {
        let damaged = |why: String| ReleaseError::Damaged { what: format!("the manifest of {}", release.id()), why };
        let manifest = String::from_utf8(ground.blobs().read(release.manifest_digest)?).map_err(|error| damaged(error.to_string()))?;
        Ok(ReleaseProof {
            format: PROOF_FORMAT.to_owned(),
            dataset: release.dataset.clone(),
            version: release.version.clone(),
            manifest,
            salt: release.record.secret.as_ref().map(Secret::of_manifest),
            approvals: release.record.approvals.clone(),
            proof: self.log_proof(release)?.to_string(),
            factor: number.map(|number| line_proof(release, number)).transpose()?,
        })
    }
}

fn line_proof(release: &PublishedRelease, number: usize) -> Result<LineProof, ReleaseError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, release.id()), why };
    let inclusion = release.data.line_proof(number, &release.manifest.root, release.record.secret.as_ref())?;
    let line = String::from_utf8(release.data.line(number).to_vec()).map_err(|error| damaged(error.to_string()))?;
    Ok(LineProof {
        key: release.data.key(number).to_owned(),
        digest: Digest::of(line.as_bytes()),
        salt: release.record.secret.as_ref().map(|secret| secret.of_line(release.data.key(number))),
        line,
        index: u64::try_from(number).unwrap_or(u64::MAX),
        size: u64::try_from(release.data.index().len()).unwrap_or(0),
        inclusion: inclusion.iter().map(hash_text).collect(),
    })
}
