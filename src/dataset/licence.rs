//! Licences: what may be passed on, by SPDX id or LicenseRef, with a redistribution class.

use serde::{Deserialize, Serialize};

use crate::factor::Text;

/// How much of a factor may be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Redistribution {
    /// Nothing but the dataset's id, title and versions.
    None,
    /// What a factor is of and where it stands: names, place, year, unit, source, flags; no number, no digest, no file.
    MetadataOnly,
    /// The factors and every file made of them; not the publisher's own file.
    ValuesOnly,
    /// Everything, the publisher's own file included.
    Full,
}

impl Redistribution {
    /// The class as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::MetadataOnly => "metadata_only",
            Self::ValuesOnly => "values_only",
            Self::Full => "full",
        }
    }

    /// The class of a release: licences bind together, so the least counts. Without a licence nothing is passed on.
    pub fn least(licences: &[Licence]) -> Self {
        licences.iter().map(|licence| licence.redistribution).min().unwrap_or(Self::None)
    }
}

/// Under which terms a release may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// SPDX id (`CC-BY-4.0`) or `LicenseRef-…`.
    pub id: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where its text stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How much may be passed on.
    pub redistribution: Redistribution,
    /// What to write beside the figure.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub attribution: Text,
}

/// Why a licence id is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an SPDX licence id (CC-BY-4.0, CC0-1.0, ODbL-1.0, …) nor LicenseRef- and letters, digits, `.` or `-`")]
pub struct LicenceError(String);

impl Licence {
    /// Checks a licence id.
    pub fn check_id(id: &str) -> Result<(), LicenceError> {
        let named = id
            .strip_prefix("LicenseRef-")
            .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
        if named || spdx::license_id(id).is_some() { Ok(()) } else { Err(LicenceError(id.to_owned())) }
    }

    /// Whether going from this licence to the other may take rights away.
    ///
    /// A smaller redistribution class does. Two different ids cannot be compared
    /// by a program, so a new id counts as narrower unless it is CC0-1.0, which waives everything.
    pub fn narrowed_by(&self, new: &Self) -> bool {
        new.redistribution < self.redistribution || (new.id != self.id && new.id != "CC0-1.0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(id: &str, redistribution: Redistribution) -> Licence {
        Licence { id: id.into(), title: None, url: None, redistribution, attribution: Text::default() }
    }

    #[test]
    fn ids() {
        for good in ["CC-BY-4.0", "CC0-1.0", "ODbL-1.0", "LicenseRef-IPCC-facts", "OGL-UK-3.0"] {
            assert!(Licence::check_id(good).is_ok(), "{good}");
        }
        for bad in ["", "CC-BY", "LicenseRef-", "LicenseRef-a b", "free"] {
            assert!(Licence::check_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn narrowing() {
        let open = licence("CC-BY-4.0", Redistribution::Full);
        assert!(!open.narrowed_by(&open));
        assert!(!open.narrowed_by(&licence("CC0-1.0", Redistribution::Full)));
        assert!(open.narrowed_by(&licence("CC-BY-4.0", Redistribution::ValuesOnly)));
        assert!(open.narrowed_by(&licence("CC-BY-NC-4.0", Redistribution::Full)));
    }
}
