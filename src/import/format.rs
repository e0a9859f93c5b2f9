//! Which format a file is read as: a dataset package, a table under a profile, or a format of life cycle data.

use super::profile::{Profile, ProfileError};

/// How a file is read.
#[derive(Debug)]
pub enum Format {
    /// A dataset package, or its table.
    Package,
    /// A publisher's table under a profile.
    Profile(Box<Profile>),
}

/// The name of [`Format::Package`].
const PACKAGE: &str = "package";

impl Format {
    /// The format with this name: `package`, a profile's name, or the path of a profile's file.
    ///
    /// # Errors
    /// When there is none, or the profile cannot be used.
    pub fn open(name: &str) -> Result<Self, ProfileError> {
        match name {
            PACKAGE => Ok(Self::Package),
            other => Profile::open(other).map(|profile| Self::Profile(Box::new(profile))),
        }
    }

    /// The names of every format that ships.
    pub fn names() -> Vec<&'static str> {
        std::iter::once(PACKAGE).chain(Profile::shipped()).collect()
    }

    /// What import runs record.
    pub fn full_name(&self) -> String {
        match self {
            Self::Package => PACKAGE.to_owned(),
            Self::Profile(profile) => profile.full_name(),
        }
    }
}
