//! Why an act at the desk did not happen.

use semver::Version;

use crate::dataset::{CrosswalkError, VersionRefusal};
use crate::draft::{PrepareError, StepRefusal};
use crate::release::ReleaseError;
use crate::review::ReviewRefusal;
use crate::store::StoreError;
use crate::validate::TableError;

/// A refusal or a fault at the desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// From the release room or below.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The draft is not where this step begins.
    #[error(transparent)]
    Step(#[from] StepRefusal),
    /// A reviewer who may not decide.
    #[error(transparent)]
    Review(#[from] ReviewRefusal),
    /// A version that cannot be given.
    #[error(transparent)]
    Version(#[from] VersionRefusal),
    /// Reading the table failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A record of the crosswalk that is none, or does not fit the draft.
    #[error(transparent)]
    Crosswalk(#[from] CrosswalkError),
    /// Nothing was named that could be changed.
    #[error("{0}")]
    NothingNamed(String),
    /// Nothing changed.
    #[error("nothing differs from {0}: there is nothing to release")]
    NothingChanged(Version),
    /// A bare table without a description to stand on.
    #[error("{0} has no release yet, so a bare table lacks title, licence and sources: import a package (a folder with datapackage.json)")]
    NoDescription(String),
    /// A dataset that nobody has imported into.
    #[error("there is no dataset {0}")]
    NoDataset(String),
    /// Not enough keys to ever reach the number.
    #[error("{approvals} approvals are wanted, but only {keys} different keys are named: name each reviewer's key once")]
    TooFewReviewers {
        /// How many approvals.
        approvals: u32,
        /// How many keys.
        keys: usize,
    },
    /// A rejection says why.
    #[error("a rejection needs a comment: say what to change")]
    NoComment,
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Release(error.into())
    }
}

impl From<PrepareError> for DeskError {
    fn from(error: PrepareError) -> Self {
        Self::Release(error.into())
    }
}

impl DeskError {
    /// Whether it was understood and denied, so that nothing is broken.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Release(error) => error.is_refusal(),
            Self::Table(_) => false,
            _ => true,
        }
    }
}
