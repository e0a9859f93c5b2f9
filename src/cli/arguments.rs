//! Values that several commands take: a release's name, who acts, a profile.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use clap::Args;
use semver::Version;

use super::outcome::{CliError, Refusal};
use crate::dataset::DatasetId;
use crate::desk::Reading;
use crate::import::Format;
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

/// How a file is to be read.
#[derive(Debug, Args)]
pub(super) struct FormatArguments {
    /// How the file is read: a profile's name (`tanyin profile list`), the path of a profile of your own (ending in .toml), or `package`
    #[arg(long, value_name = "P")]
    profile: Option<String>,
    /// State a fact that the profile asks for and the file does not say
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = fact)]
    facts: Vec<(String, String)>,
    /// The name that the publisher gave the file, where it has another now
    #[arg(long, value_name = "NAME")]
    file_name: Option<String>,
}

/// A format that has been opened, with what else is known.
pub(super) struct OpenFormat {
    format: Option<Format>,
    facts: BTreeMap<String, String>,
    file_name: Option<String>,
}

impl FormatArguments {
    /// Opens the format.
    pub(super) fn open(&self) -> Result<OpenFormat, CliError> {
        let format = self.profile.as_deref().map(open_format).transpose()?;
        Ok(OpenFormat { format, facts: self.facts.iter().cloned().collect(), file_name: self.file_name.clone() })
    }
}

impl OpenFormat {
    /// As the desk takes it.
    pub(super) fn reading(&self) -> Reading<'_> {
        Reading { format: self.format.as_ref(), file_name: self.file_name.as_deref(), facts: Some(&self.facts) }
    }
}

/// The format with this name.
pub(super) fn open_format(name: &str) -> Result<Format, CliError> {
    Format::open(name).map_err(|error| Refusal::new("profile", error.to_string()).into())
}

fn fact(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
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
