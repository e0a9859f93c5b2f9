//! Values that several commands take: a release's name, who acts, a profile.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use semver::Version;

use crate::dataset::DatasetId;
use crate::tlog::VerifierKey;

/// Whoever works on the data folder itself.
const OPERATOR: &str = crate::review::UNNAMED;

/// One release by its exact name: `cn-electricity-co2@1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReleaseName {
    /// The dataset.
    pub(super) dataset: DatasetId,
    /// The exact version.
    pub(super) version: Version,
}

impl FromStr for ReleaseName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((dataset, version)) = text.split_once('@') else {
            return Err(format!("the version is missing: write {text}@1.0.0; `tanyin release list {text}` shows which there are"));
        };
        let dataset = dataset.parse::<DatasetId>().map_err(|error| error.to_string())?;
        let version = parse_version(version)?;
        Ok(Self { dataset, version })
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.dataset, self.version)
    }
}

/// Reads an exact version.
pub(super) fn parse_version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|_| format!("`{text}` is not an exact version: write MAJOR.MINOR.PATCH, such as 1.2.0"))
}

/// Who acts, for the record.
#[derive(Debug, Args)]
pub(super) struct Actor {
    /// Who acts: recorded as operator/NAME, or as operator if left out
    #[arg(long, value_name = "NAME", value_parser = person)]
    by: Option<String>,
}

impl Actor {
    /// As the record names them.
    pub(super) fn name(&self) -> String {
        self.by.as_ref().map_or_else(|| OPERATOR.to_owned(), |name| format!("{OPERATOR}/{name}"))
    }
}

/// Reads a person's name.
pub(super) fn person(text: &str) -> Result<String, String> {
    crate::review::person(text).map_err(|error| error.to_string())
}

/// Reads a verifier key (C2SP signed-note).
pub(super) fn verifier(text: &str) -> Result<VerifierKey, String> {
    text.parse().map_err(|error| format!("{error}: a verifier key is NAME+ID+BASE64, as `tanyin key show FILE` prints it"))
}

/// Reads an import profile; there is one so far.
pub(super) fn profile(text: &str) -> Result<(), String> {
    match text {
        "package" => Ok(()),
        _ => Err("there are no import profiles yet beside `package` (a dataset package or its factors.csv)".to_owned()),
    }
}

/// Reads where to listen: a host or address, and a port.
pub(super) fn listen(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    port.map(|_| text.to_owned()).ok_or_else(|| "write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_an_exact_name() {
        let name: ReleaseName = "cn-electricity-co2@1.2.0".parse().unwrap();
        assert_eq!((name.dataset.as_str(), name.version.clone()), ("cn-electricity-co2", Version::new(1, 2, 0)));
        assert_eq!(name.to_string(), "cn-electricity-co2@1.2.0");
        for bad in ["", "cn-electricity-co2", "@1.0.0", "a-b@", "a-b@1", "a-b@^1", "a-b@latest", "a-b@1.0.0@2.0.0", "A@1.0.0", "a-b @1.0.0"]
        {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn who_acts() {
        assert_eq!(Actor { by: None }.name(), "operator");
        assert_eq!(Actor { by: Some(person(" 王 芳 ").unwrap()) }.name(), "operator/王 芳");
        for bad in ["", " ", "a\nb", "\u{1b}[0m", &"x".repeat(81)] {
            assert!(person(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn where_to_listen() {
        for good in ["127.0.0.1:8080", "[::1]:0", "localhost:80"] {
            assert!(listen(good).is_ok(), "{good}");
        }
        for bad in ["8080", ":8080", "localhost", "localhost:", "localhost:99999"] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }
}
