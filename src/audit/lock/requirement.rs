//! Which versions a calculator accepts for a factor: one, a range, or whatever is latest.

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ReleaseState;

/// What may be pinned: `1.2.0` (that one alone), `^1.2`, `~1.2.0`, `>=1, <3`, `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// This version, withdrawn or not.
    Exact(Version),
    /// Versions within a range.
    Range(VersionReq),
    /// Any.
    Latest,
}

/// A text that is no requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a requirement: write a version (1.2.0), a range (^1.2, ~1.2.0) or `latest`")]
pub struct RequirementError(String);

impl Requirement {
    /// What is meant where nothing was said: this version and whatever follows without a change of meaning.
    pub fn caret(version: &Version) -> Self {
        let caret = semver::Comparator {
            op: semver::Op::Caret,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        };
        Self::Range(VersionReq { comparators: vec![caret] })
    }

    /// Whether a version may be pinned.
    pub fn allows(&self, version: &Version) -> bool {
        match self {
            Self::Exact(exact) => exact == version,
            Self::Range(range) => range.matches(version),
            Self::Latest => true,
        }
    }

    /// The newest release that may be pinned; ranges and `latest` skip what is withdrawn.
    pub fn newest<'r>(&self, releases: &'r [ReleaseState]) -> Option<&'r ReleaseState> {
        let exact = matches!(self, Self::Exact(_));
        let fits = |release: &&ReleaseState| self.allows(&release.version) && (exact || release.withdrawn.is_none());
        releases.iter().filter(fits).max_by(|a, b| a.version.cmp(&b.version))
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if let Ok(version) = text.parse() {
            return Ok(Self::Exact(version));
        }
        let range = text.parse().ok().filter(|range: &VersionReq| range.to_string() != "*" || text == "*");
        range.map(Self::Range).ok_or_else(|| RequirementError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(version) => version.fmt(f),
            Self::Range(range) => range.fmt(f),
            Self::Latest => f.write_str("latest"),
        }
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn releases(texts: &[&str]) -> Vec<ReleaseState> {
        let withdrawn = |text: &str| text.ends_with('!').then(|| super::super::Standing { at: String::new(), reason: String::new() });
        let state = |text: &&str| ReleaseState {
            version: text.trim_end_matches('!').parse().unwrap(),
            withdrawn: withdrawn(text),
            superseded: None,
        };
        texts.iter().map(state).collect()
    }

    #[test]
    fn the_newest_that_fits() {
        let all = releases(&["1.0.0", "1.1.0", "1.2.0!", "2.0.0", "2.1.0!"]);
        for (requirement, newest) in [
            ("latest", Some("2.0.0")),
            ("^1", Some("1.1.0")),
            ("^1.0.0", Some("1.1.0")),
            ("~1.0", Some("1.0.0")),
            (">=1, <3", Some("2.0.0")),
            ("=1.2.0", None),
            ("1.2.0", Some("1.2.0")),
            ("^1.2", None),
            ("3.0.0", None),
            ("*", Some("2.0.0")),
        ] {
            let read: Requirement = requirement.parse().unwrap();
            assert_eq!(read.newest(&all).map(|release| release.version.to_string()).as_deref(), newest, "{requirement}");
            assert_eq!(read.to_string().parse::<Requirement>().unwrap(), read);
        }
    }

    #[test]
    fn what_is_no_requirement() {
        for text in ["", "x", "1.2.0.0", "^", "newest", "^1 2"] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
        assert_eq!(Requirement::caret(&Version::new(1, 2, 3)).to_string(), "^1.2.3");
    }
}
