//! A dataset and what its releases promise: identity, licence, sources, version rule, manifest, changes.

mod access;
mod changes;
mod crosswalk;
mod licence;
mod lines;
mod manifest;
mod metadata;
mod rename;
mod tally;
mod version;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use access::{Act, Denial, Principal, Role, Subject, may};
pub use changes::{ChangeCounts, FieldChange, Merged, compare, count_changes, merge_lines, percent_change};
pub use crosswalk::{Crosswalk, CrosswalkError, CrosswalkRecord, Verb, read_crosswalk_csv, write_crosswalk_csv};
pub use licence::{Licence, LicenceError, Redistribution};
pub use lines::{LineReader, Lines, blocks_of, find_line, key_of, read_blocks};
pub use manifest::{Approvals, Artefact, Changes, MANIFEST_FORMAT, Manifest, Previous};
pub use metadata::{Contributor, Metadata, SourceDocument};
pub use rename::{Likeness, MAX_COMPARED, RenameProposal, Renames, held_keys, propose_renames, standing_renames};
pub use tally::{Bucket, Magnitude, MemberCount, Move, RANGES, Reason, Tally, magnitude_of};
pub use version::{Bump, VersionRefusal, check_version, next_version};

/// A dataset's id: 2 to 64 of `a-z`, `0-9` and `-`, without a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DatasetId(String);

/// A text that is not a dataset id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatasetIdError {
    /// The wrong characters or length.
    #[error("`{0}` is not a dataset id: write 2 to 64 of a-z, 0-9 and -, such as cn-electricity-co2")]
    Shape(String),
    /// A year belongs to the factors, not to the name.
    #[error("`{0}` names a year: a dataset lives on over the years, its releases carry them")]
    Year(String),
}

impl DatasetId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatasetId {
    type Err = DatasetIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let permitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(2..=64).contains(&text.len()) || !text.bytes().all(permitted) {
            return Err(DatasetIdError::Shape(text.chars().take(80).collect()));
        }
        if names_year(text) {
            return Err(DatasetIdError::Year(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DatasetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DatasetId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The years that a key or id names: runs of exactly four digits from 1900 to 2099.
pub fn years_in(text: &str) -> impl Iterator<Item = i32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == 4)
        .filter_map(|run| run.parse().ok())
        .filter(|year| (1900..2100).contains(year))
}

/// Whether a key or id names a year.
pub fn names_year(text: &str) -> bool {
    years_in(text).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert!("cn-electricity-co2".parse::<DatasetId>().is_ok());
        for bad in ["", "a", "CN", "a_b", "a/b", "..", &"a".repeat(65), "uk-2024", "ä-b"] {
            assert!(bad.parse::<DatasetId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_that_name_years() {
        assert!(names_year("grid-average/cn/2022"));
        assert!(!names_year("hs/270112"));
        assert!(!names_year("r1234/x"));
        assert_eq!(years_in("a/2022/b-2024").collect::<Vec<_>>(), [2022, 2024]);
    }
}
