//! Public facts: what was released or withdrawn, as immutable numbered files.
//!
//! The list of facts is the whole public state of a server. Whoever holds it
//! and the blobs can serve without the database; the transparency log commits
//! to the same list, one leaf a fact.

use semver::Version;
use serde::{Deserialize, Serialize};

use super::FrozenFile;
use crate::canon::{CanonError, Digest, canonical_bytes};
use crate::dataset::DatasetId;

/// One thing that the public may rely on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum PublicFact {
    /// A release was made.
    Release {
        /// When (RFC 3339, UTC).
        at: String,
        /// Dataset id.
        dataset: DatasetId,
        /// Its version.
        version: Version,
        /// Digest of its manifest.
        manifest: Digest,
        /// Every stored file of it, codings included.
        files: Vec<FrozenFile>,
    },
    /// A release was withdrawn.
    Withdraw {
        /// When (RFC 3339, UTC).
        at: String,
        /// Dataset id.
        dataset: DatasetId,
        /// Its version.
        version: Version,
        /// Why, in the words of who withdrew it.
        reason: String,
    },
}

impl PublicFact {
    /// The bytes that are stored and hashed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonError> {
        canonical_bytes(self)
    }

    /// The file of the fact at this place: `facts/000000012.json`.
    pub fn file_name(seq: i64) -> String {
        format!("facts/{seq:09}.json")
    }
}
