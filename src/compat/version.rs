//! Data versions: the number of public facts in the log stands for the other service's number of a data release.

use serde::Serialize;

use super::{CompatNotice, CompatRefusal};
use crate::release::Catalogue;

/// A data version as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataVersion {
    /// As it was when the log had so many public facts: `6`, or `6.6` as it used to be written.
    Fixed(i64),
    /// What stands now: `^6`, `latest`.
    Floating(i64),
}

impl DataVersion {
    /// Reads a data version.
    ///
    /// # Errors
    /// Where it is none, or one that is still to come.
    pub fn read(text: &str, catalogue: &Catalogue) -> Result<Self, CompatRefusal> {
        let latest = catalogue.facts();
        let wrong = |why: &str| {
            let message =
                format!("`data_version`: {why}: give `^{latest}` for what stands now, or `{latest}` for the same answer later on");
            CompatRefusal::new("invalid_data_version", message).valid([format!("^{latest}"), latest.to_string()])
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0 && text.bytes().all(|byte| byte.is_ascii_digit()));
        if text == "latest" {
            return Ok(Self::Floating(latest));
        }
        if let Some(floor) = text.strip_prefix('^') {
            return number(floor).map(Self::Floating).ok_or_else(|| wrong("it is not a number behind `^`"));
        }
        let plain = match text.split_once('.') {
            Some((major, minor)) if major == minor => major,
            Some(_) => return Err(wrong("its two numbers differ, and this server has one")),
            None => text,
        };
        match number(plain) {
            Some(fixed) if fixed <= latest => Ok(Self::Fixed(fixed)),
            Some(_) => Err(wrong(&format!("the log of this server has {latest} facts so far"))),
            None => Err(wrong("it is not a number")),
        }
    }

    /// How many public facts count.
    pub fn facts(self, catalogue: &Catalogue) -> i64 {
        match self {
            Self::Fixed(facts) => facts,
            Self::Floating(_) => catalogue.facts(),
        }
    }

    /// What is to be said of it.
    pub fn notice(self, catalogue: &Catalogue) -> Option<CompatNotice> {
        let latest = catalogue.facts();
        match self {
            Self::Floating(floor) if floor > latest => Some(CompatNotice::warning(
                "data_version_of_another_server",
                format!("`^{floor}` is a number of another server; this one's log has {latest} facts, and what stands now was used"),
            )),
            _ => None,
        }
    }
}

/// The latest data version, in the members of the other service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DataVersions {
    /// The number of public facts: `6`.
    pub latest_release: String,
    /// `6.6`, as it used to be written.
    pub latest: String,
    /// `6`.
    pub latest_major: String,
    /// `6`.
    pub latest_minor: String,
}

/// The latest data version.
pub fn data_versions(catalogue: &Catalogue) -> DataVersions {
    let facts = catalogue.facts();
    DataVersions {
        latest_release: facts.to_string(),
        latest: format!("{facts}.{facts}"),
        latest_major: facts.to_string(),
        latest_minor: facts.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let empty = Catalogue::default();
        assert_eq!(DataVersion::read("0", &empty), Ok(DataVersion::Fixed(0)));
        assert_eq!(DataVersion::read("0.0", &empty), Ok(DataVersion::Fixed(0)));
        assert_eq!(DataVersion::read("^29", &empty), Ok(DataVersion::Floating(29)));
        assert_eq!(DataVersion::read("latest", &empty), Ok(DataVersion::Floating(0)));
        for text in ["", "1", "1.2", "^", "^x", "-1", "+0", "v1", "^-1", "99999999999999999999", "0 "] {
            assert!(DataVersion::read(text, &empty).is_err(), "{text}");
        }
    }
}
