//! The manifest of a release: what it is, and the digest of every byte of it.
//!
//! It holds no clock, host, key or program version, so whoever builds the same
//! release gets the same manifest. Its digest is what a log entry commits to.

use semver::Version;
use serde::{Deserialize, Serialize};

use super::{Bump, ChangeCounts, DatasetId, Metadata};
use crate::canon::{CanonError, Digest, canonical_bytes};

/// The format that this program writes.
pub const MANIFEST_FORMAT: &str = "1";

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// `factors.ndjson`.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Digest of the bytes.
    pub sha256: Digest,
}

/// The release that came before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its version.
    pub version: Version,
    /// Digest of its manifest.
    pub manifest: Digest,
}

/// What changed since the previous release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// What the difference demanded.
    pub bump: Bump,
    /// Whether titles, licences, sources or contributors changed.
    pub metadata: bool,
    /// How many factors changed, and how.
    #[serde(flatten)]
    pub counts: ChangeCounts,
}

/// The approvals that the dataset's policy wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// How many distinct reviewers.
    pub required: u32,
    /// The verifier keys that their signatures are to be made with (C2SP signed-note); empty: names suffice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// Everything that identifies a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_FORMAT`].
    pub format: String,
    /// Dataset id.
    pub dataset: DatasetId,
    /// Version.
    pub version: Version,
    /// Title, licences, sources, contributors.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// How many factors.
    pub factors: u64,
    /// Merkle tree hash (RFC 6962) over the lines in order of key.
    pub root: Digest,
    /// The release before, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// What changed since.
    pub changes: Changes,
    /// The policy at submission.
    pub approvals: Approvals,
    /// Files made at publication, by name; none where the release is sealed, whose record lists them.
    pub artefacts: Vec<Artefact>,
    /// The policy at submission: whether it takes a grant to read the release.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
    /// Whether its lines are salted, so that neither root nor leaf lets anybody find a number by trying.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

impl Manifest {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonError> {
        canonical_bytes(self)
    }

    /// The artefact with this name.
    pub fn artefact(&self, name: &str) -> Option<&Artefact> {
        self.artefacts.iter().find(|artefact| artefact.name == name)
    }
}
