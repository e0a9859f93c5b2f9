//! Public facts: what was released, withdrawn, restored, superseded, flagged; and the log's own keys. One leaf of the log each.
//!
//! A leaf is canonical JSON with strings alone (RFC 8785), so that its bytes are the same wherever they are made. Whoever
//! meets a kind or a format that is not known here fails: to skip a fact would be to believe less than the log says.

use semver::Version;
use serde::{Deserialize, Serialize};

use super::ReleaseError;
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::DatasetId;
use crate::store::FactKind;

/// The format of leaves that this program writes and reads.
pub const LEAF_FORMAT: &str = "1";

/// The longest reason that a fact may give, in characters.
pub const MAX_REASON_CHARS: usize = 500;

/// The largest leaf; C2SP tlog-tiles permits 65,535 bytes.
pub const MAX_LEAF_BYTES: usize = 4096;

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
        /// [`LEAF_FORMAT`].
        format: String,
        /// Digest of its manifest: what it is.
        manifest: Digest,
        /// Digest of its record: how it came about.
        record: Digest,
        /// Its version.
        version: Version,
    },
    /// A release was made that not everybody may read: manifest and record stand here behind a salt each.
    Sealed {
        /// Why: `restricted`, or the class of its licences, `metadata_only` or `none`.
        access: String,
        /// When (RFC 3339, UTC).
        at: String,
        /// Dataset id.
        dataset: DatasetId,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Digest of a salt and its manifest: the blob of that name holds both.
        salted_manifest: Digest,
        /// Digest of a salt and its record: the blob of that name holds both.
        salted_record: Digest,
        /// Its version.
        version: Version,
    },
    /// A release was withdrawn: ranges skip it from now on.
    Withdraw {
        /// When (RFC 3339, UTC).
        at: String,
        /// Dataset id.
        dataset: DatasetId,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Why, in the words of who withdrew it.
        reason: String,
        /// Its version.
        version: Version,
    },
    /// A withdrawal was taken back.
    Restore {
        /// When (RFC 3339, UTC).
        at: String,
        /// Dataset id.
        dataset: DatasetId,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Why.
        reason: String,
        /// Its version.
        version: Version,
    },
    /// Another release, mostly of another dataset, is to be used instead; this one goes on being served.
    Supersede {
        /// When (RFC 3339, UTC).
        at: String,
        /// What to use: `dataset@version`.
        by: String,
        /// Dataset id.
        dataset: DatasetId,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Why.
        reason: String,
        /// Its version.
        version: Version,
    },
    /// A released factor has a flag from now on.
    Flag {
        /// When (RFC 3339, UTC).
        at: String,
        /// Who flagged it.
        by: String,
        /// Dataset id.
        dataset: DatasetId,
        /// Code of `schema/flags.csv`.
        flag: String,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Key of the factor.
        key: String,
        /// Why.
        reason: String,
        /// A version that holds the number.
        version: Version,
    },
    /// A flag was taken back.
    Unflag {
        /// When (RFC 3339, UTC).
        at: String,
        /// Who took it back.
        by: String,
        /// Dataset id.
        dataset: DatasetId,
        /// Code of `schema/flags.csv`.
        flag: String,
        /// [`LEAF_FORMAT`].
        format: String,
        /// Key of the factor.
        key: String,
        /// Why.
        reason: String,
        /// The version that was flagged.
        version: Version,
    },
    /// The log signs with a new key from here on.
    Key {
        /// When (RFC 3339, UTC).
        at: String,
        /// [`LEAF_FORMAT`].
        format: String,
        /// The new verifier key (C2SP signed-note).
        key: String,
        /// The one before.
        previous: String,
    },
}

impl PublicFact {
    /// The bytes of the leaf.
    ///
    /// # Errors
    /// [`ReleaseError::TooLong`] beyond [`MAX_LEAF_BYTES`].
    pub fn to_leaf(&self) -> Result<String, ReleaseError> {
        let bytes = canonical_bytes(self)?;
        if bytes.len() > MAX_LEAF_BYTES {
            return Err(ReleaseError::TooLong { what: "the public fact", length: bytes.len(), limit: MAX_LEAF_BYTES });
        }
        String::from_utf8(bytes).map_err(|error| ReleaseError::Damaged { what: "a public fact".into(), why: error.to_string() })
    }

    /// Reads a leaf; `what` names it in an error.
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] when it is of another kind or format, or not in canonical form.
    pub fn from_leaf(leaf: &[u8], what: &str) -> Result<Self, ReleaseError> {
        let damaged = |why: String| ReleaseError::Damaged { what: what.to_owned(), why };
        let fact: Self =
            serde_json::from_slice(leaf).map_err(|error| damaged(format!("it is no leaf of format {LEAF_FORMAT}: {error}")))?;
        if fact.format() != LEAF_FORMAT {
            return Err(damaged(format!("it has format `{}`, this program reads {LEAF_FORMAT}", fact.format())));
        }
        if canonical_bytes(&fact)? != leaf {
            return Err(damaged("it is not in canonical form (RFC 8785)".to_owned()));
        }
        Ok(fact)
    }

    fn format(&self) -> &str {
        match self {
            Self::Release { format, .. }
            | Self::Sealed { format, .. }
            | Self::Withdraw { format, .. }
            | Self::Restore { format, .. }
            | Self::Supersede { format, .. }
            | Self::Flag { format, .. }
            | Self::Unflag { format, .. }
            | Self::Key { format, .. } => format,
        }
    }

    /// When it was told (RFC 3339, UTC).
    pub fn at(&self) -> &str {
        match self {
            Self::Release { at, .. }
            | Self::Sealed { at, .. }
            | Self::Withdraw { at, .. }
            | Self::Restore { at, .. }
            | Self::Supersede { at, .. }
            | Self::Flag { at, .. }
            | Self::Unflag { at, .. }
            | Self::Key { at, .. } => at,
        }
    }

    /// What it tells.
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Release { .. } | Self::Sealed { .. } => FactKind::Release,
            Self::Withdraw { .. } => FactKind::Withdraw,
            Self::Restore { .. } => FactKind::Restore,
            Self::Supersede { .. } => FactKind::Supersede,
            Self::Key { .. } => FactKind::Key,
            Self::Flag { .. } => FactKind::Flag,
            Self::Unflag { .. } => FactKind::Unflag,
        }
    }

    /// The release that it speaks of; none where it speaks of a key.
    pub fn release(&self) -> Option<(&DatasetId, &Version)> {
        match self {
            Self::Release { dataset, version, .. }
            | Self::Sealed { dataset, version, .. }
            | Self::Withdraw { dataset, version, .. }
            | Self::Restore { dataset, version, .. }
            | Self::Supersede { dataset, version, .. }
            | Self::Flag { dataset, version, .. }
            | Self::Unflag { dataset, version, .. } => Some((dataset, version)),
            Self::Key { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdraw(reason: &str) -> PublicFact {
        PublicFact::Withdraw {
            at: "2026-09-01T12:00:00Z".into(),
            dataset: "cn-test".parse().unwrap(),
            format: LEAF_FORMAT.into(),
            reason: reason.into(),
            version: Version::new(1, 0, 0),
        }
    }

    #[test]
    fn a_leaf_is_canonical_and_reads_back() {
        let leaf = withdraw("单位有误").to_leaf().unwrap();
        assert_eq!(
            leaf,
            r#"{"at":"2026-09-01T12:00:00Z","dataset":"cn-test","format":"1","kind":"withdraw","reason":"单位有误","version":"1.0.0"}"#
        );
        assert_eq!(PublicFact::from_leaf(leaf.as_bytes(), "leaf 0").unwrap(), withdraw("单位有误"));
    }

    #[test]
    fn what_is_not_known_fails() {
        let leaf = withdraw("r").to_leaf().unwrap();
        for (from, to, why) in [
            ("withdraw", "forget", "unknown variant"),
            (r#""format":"1""#, r#""format":"2""#, "has format `2`"),
            (r#""reason":"r""#, r#""reason":"r","since":"x""#, "unknown field"),
            (r#"{"at""#, r#"{ "at""#, "canonical form"),
            ("1.0.0", "1.0", "no leaf"),
        ] {
            let said = PublicFact::from_leaf(leaf.replace(from, to).as_bytes(), "leaf 0").unwrap_err().to_string();
            assert!(said.contains(why) && said.starts_with("leaf 0"), "{said}");
        }
        assert!(matches!(withdraw(&"很".repeat(2000)).to_leaf(), Err(ReleaseError::TooLong { .. })));
    }
}
