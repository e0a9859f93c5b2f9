//! Why an act at the desk did not happen.

use semver::Version;

use super::upload::UploadRefusal;
use crate::dataset::{CrosswalkError, VersionRefusal};
use crate::draft::{PrepareError, StepRefusal};
use crate::release::ReleaseError;
use crate::review::{ReviewRefusal, WordsRefusal};
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
    #[error(
        "{dataset} has no release yet, so a bare table lacks title, licence and sources: import a package (a folder with datapackage.json), \
         or a publisher's file with --profile{}",
        looks_made_for(fits)
    )]
    NoDescription {
        /// The dataset.
        dataset: String,
        /// The profiles that the file looks made for.
        fits: Vec<&'static str>,
    },
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
    /// Words that are no plain text.
    #[error(transparent)]
    Words(#[from] WordsRefusal),
    /// A token that would never have worked.
    #[error("the token would have expired already: name a later day")]
    Expired,
    /// No token that could be revoked.
    #[error("there is no token `{0}` that could be revoked: `tanyin token list` shows which there are")]
    NoToken(String),
    /// The draft has no such factor.
    #[error("the draft of {dataset} has no factor `{key}`")]
    NoFactor {
        /// The dataset.
        dataset: String,
        /// The key.
        key: String,
    },
    /// Cells of another factor.
    #[error("the cells say the key `{given}`, the edit is of `{key}`: a factor keeps its key; remove it and add the other")]
    OtherKey {
        /// The key that is edited.
        key: String,
        /// The key that stands in the cells.
        given: String,
    },
    /// JSON that is no factor.
    #[error("`factor` is not of the shape of schema/factor.json: {0}")]
    NoSuchShape(String),
    /// An edit without effect.
    #[error(
        "`{0}` would stay as it is: a new place in the source, or another way to write the same number, keeps the line of the release before"
    )]
    NothingEdited(String),
    /// No such edit of this draft.
    #[error("the draft has no edit {0}")]
    NoEdit(i64),
    /// An edit on which another stands.
    #[error("`{0}` was edited again after it: undo the later edit first")]
    EditedSince(String),
    /// A draft of nothing.
    #[error("`{0}` is the draft's only factor: discard the draft instead")]
    LastFactor(String),
    /// More edits than belong in a record.
    #[error("the draft has {max} edits already: mend the package and import it again", max = super::MAX_EDITS)]
    TooManyEdits,
    /// Edits that an import would lose.
    #[error(
        "the draft of {dataset} was edited by hand {count} times, and an import throws the edits away: carry them into the package, then say that they may be discarded"
    )]
    Edited {
        /// The dataset.
        dataset: String,
        /// How many edits there are.
        count: i64,
    },
    /// Nothing to take back.
    #[error("the token `{token}` is not granted `{dataset}`")]
    NoGrant {
        /// The token's id.
        token: String,
        /// The dataset.
        dataset: String,
    },
    /// An archive that is no package.
    #[error(transparent)]
    Upload(UploadRefusal),
    /// Too much waits already.
    #[error("{0} imports wait already: try again when some have ended")]
    QueueFull(usize),
    /// No such import.
    #[error("there is no import {0}")]
    NoImport(i64),
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

fn looks_made_for(profiles: &[&str]) -> String {
    if profiles.is_empty() { String::new() } else { format!("; this one looks made for {}", profiles.join(", ")) }
}
