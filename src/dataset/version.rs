//! What a version promises, and the rule that holds a steward to it.
//!
//! PATCH changes no number and no meaning; MINOR changes or adds numbers; MAJOR
//! removes a factor or changes what one means. The bump is computed from the
//! difference with the latest release that is not withdrawn.

use semver::Version;
use serde::{Deserialize, Serialize};

/// How far the version must move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Nothing changed.
    #[default]
    None,
    /// Words.
    Patch,
    /// Numbers, or more factors.
    Minor,
    /// Meaning, or fewer factors.
    Major,
}

/// The largest number in a version, so that the next one can always be counted.
const MAX_PART: u64 = 999_999;

/// Why a version cannot be given to a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionRefusal {
    /// The first release has a fixed number.
    #[error("the first release of a dataset is 1.0.0, not {0}")]
    First(Version),
    /// Versions are never used twice, withdrawn ones included.
    #[error("version {version} exists already and is never used again; the next is {next}")]
    Exists {
        /// The one asked for.
        version: Version,
        /// The one to take.
        next: Version,
    },
    /// Too small a step.
    #[error("version {version} promises less than the change: it is {bump:?} against {base}, so the version is at least {next}")]
    TooLow {
        /// The one asked for.
        version: Version,
        /// The latest release that is not withdrawn.
        base: Version,
        /// What the difference demands.
        bump: Bump,
        /// The one to take.
        next: Version,
    },
    /// A part so large that no version may follow it.
    #[error("version {0} has a part above {MAX_PART}")]
    PartTooLarge(Version),
    /// `1.0.0-rc.1`, `1.0.0+a`.
    #[error("version {0} has a pre-release or build part: write MAJOR.MINOR.PATCH alone")]
    Parts(Version),
}

/// The version that a change demands: the smallest above `base` that is not used yet.
pub fn next_version(base: Option<&Version>, used: &[Version], bump: Bump) -> Version {
    let Some(base) = base else {
        let mut first = Version::new(1, 0, 0);
        while used.contains(&first) {
            first.minor += 1;
        }
        return first;
    };
    let step = |version: &Version| match bump {
        Bump::Major => Version::new(version.major + 1, 0, 0),
        Bump::Minor => Version::new(version.major, version.minor + 1, 0),
        Bump::Patch | Bump::None => Version::new(version.major, version.minor, version.patch + 1),
    };
    let mut next = step(base);
    while used.contains(&next) {
        next = step(&next);
    }
    next
}

/// Checks a version that a steward asks for.
pub fn check_version(version: &Version, base: Option<&Version>, used: &[Version], bump: Bump) -> Result<(), VersionRefusal> {
    let next = next_version(base, used, bump);
    if !version.pre.is_empty() || !version.build.is_empty() {
        return Err(VersionRefusal::Parts(version.clone()));
    }
    if [version.major, version.minor, version.patch].iter().any(|part| *part > MAX_PART) {
        return Err(VersionRefusal::PartTooLarge(version.clone()));
    }
    if used.contains(version) {
        return Err(VersionRefusal::Exists { version: version.clone(), next });
    }
    match base {
        None if version.major == 0 || (used.is_empty() && *version != next) => Err(VersionRefusal::First(version.clone())),
        Some(base) if given_bump(base, version) < bump || version <= base => {
            Err(VersionRefusal::TooLow { version: version.clone(), base: base.clone(), bump, next })
        }
        _ => Ok(()),
    }
}

fn given_bump(base: &Version, version: &Version) -> Bump {
    if version.major > base.major {
        Bump::Major
    } else if version.major == base.major && version.minor > base.minor {
        Bump::Minor
    } else if version > base {
        Bump::Patch
    } else {
        Bump::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn the_step_follows_the_change() {
        let used = [v("1.0.0"), v("1.1.0")];
        for (bump, next) in [(Bump::Patch, "1.1.1"), (Bump::Minor, "1.2.0"), (Bump::Major, "2.0.0")] {
            assert_eq!(next_version(Some(&v("1.1.0")), &used, bump), v(next));
        }
        assert_eq!(next_version(None, &[], Bump::Major), v("1.0.0"));
    }

    #[test]
    fn withdrawn_versions_are_not_used_again() {
        let used = [v("1.0.0"), v("1.1.0")];
        assert_eq!(next_version(Some(&v("1.0.0")), &used, Bump::Minor), v("1.2.0"));
        assert_eq!(next_version(None, &[v("1.0.0")], Bump::Minor), v("1.1.0"));
    }

    #[test]
    fn what_is_refused() {
        let used = [v("1.0.0"), v("1.1.0")];
        let check = |version: &str, bump| check_version(&v(version), Some(&v("1.1.0")), &used, bump);
        assert!(matches!(check("1.1.1", Bump::Minor), Err(VersionRefusal::TooLow { .. })));
        assert!(matches!(check("1.2.0", Bump::Major), Err(VersionRefusal::TooLow { .. })));
        assert!(matches!(check("1.0.5", Bump::Patch), Err(VersionRefusal::TooLow { .. })));
        assert!(matches!(check("1.0.0", Bump::Patch), Err(VersionRefusal::Exists { .. })));
        assert!(matches!(check("1.2.0-rc.1", Bump::Minor), Err(VersionRefusal::Parts(_))));
        assert!(matches!(check_version(&v("0.1.0"), None, &[], Bump::Major), Err(VersionRefusal::First(_))));
        assert!(matches!(check("18446744073709551615.0.0", Bump::Minor), Err(VersionRefusal::PartTooLarge(_))));
        assert!(matches!(check_version(&v("0.9.0"), None, &[v("1.0.0")], Bump::Major), Err(VersionRefusal::First(_))));
        assert_eq!(check("2.0.0", Bump::Patch), Ok(()));
    }

    proptest! {
        #[test]
        fn the_next_version_is_always_accepted(major in 1u64..4, minor in 0u64..4, patch in 0u64..4, bump in 1u8..4) {
            let base = Version::new(major, minor, patch);
            let bump = [Bump::Patch, Bump::Minor, Bump::Major][usize::from(bump) - 1];
            let used = [base.clone(), Version::new(major, minor + 1, 0)];
            let next = next_version(Some(&base), &used, bump);
            prop_assert_eq!(check_version(&next, Some(&base), &used, bump), Ok(()));
        }
    }
}
