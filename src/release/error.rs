//! Why a release was not made.

use crate::canon::CanonError;
use crate::draft::{PrepareError, StepRefusal};
use crate::review::ReviewRefusal;
use crate::store::StoreError;

/// A refusal or a fault on the way to a release.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The database or the disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The draft is not where this step begins.
    #[error(transparent)]
    Step(#[from] StepRefusal),
    /// Somebody who may not publish it.
    #[error(transparent)]
    Review(#[from] ReviewRefusal),
    /// There is nothing to publish.
    #[error("{0} has no draft: import a package first")]
    NoDraft(String),
    /// Another release came between.
    #[error(
        "the draft was made against {expected}, but the latest release is {found} now: import again, so that the difference is the one that was reviewed"
    )]
    BaseMoved {
        /// What the draft was compared with.
        expected: String,
        /// What is latest.
        found: String,
    },
    /// No such release.
    #[error("there is no release {0}")]
    NoRelease(String),
    /// No such factor.
    #[error("{release} has no factor `{key}`")]
    NoFactor {
        /// The release.
        release: String,
        /// The key that was asked for.
        key: String,
    },
    /// No flag that people may raise.
    #[error(
        "`{0}` is no flag that can be raised: the list is in schema/flags.csv, and input_withdrawn follows from a withdrawal by itself"
    )]
    NoFlag(String),
    /// The flag stands already.
    #[error("{factor} carries {flag} already")]
    Flagged {
        /// `dataset@version#key`.
        factor: String,
        /// The flag.
        flag: String,
    },
    /// There is no flag to take back.
    #[error("{factor} was not flagged {flag}, so there is nothing to take back")]
    NotFlagged {
        /// `dataset@version#key`.
        factor: String,
        /// The flag.
        flag: String,
    },
    /// A flag would tell everybody a key that not everybody may know.
    #[error("{0} is sealed: a flag stands in the public log and names the factor's key. Flag it in the next release, or withdraw this one")]
    Sealed(String),
    /// A withdrawal says why.
    #[error("a reason is needed: say what is wrong and what to use instead")]
    NoReason,
    /// A release cannot stand in its own place.
    #[error("{0} cannot supersede itself: name the release to use instead")]
    Itself(String),
    /// Longer than a leaf of the log may be.
    #[error("{what} is too long: {length}, and {limit} is the most")]
    TooLong {
        /// What.
        what: &'static str,
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Words with control characters.
    #[error("the reason holds a control character: write plain text")]
    ControlCharacter,
    /// The log has another name.
    #[error("the log's name is {found}, fixed when it was made; --log-origin says {wanted}")]
    Origin {
        /// What was asked for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The log's key cannot be used.
    #[error("the log's key file {}: {why}", path.display())]
    Key {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Files and database disagree.
    #[error("the published log and the database disagree: {0}; nothing was changed")]
    Disagree(String),
    /// Stored bytes do not read.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which file.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// A line does not read.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// No canonical form.
    #[error(transparent)]
    Canon(#[from] CanonError),
    /// A stream broke.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The server only reads.
    #[error("this server is read-only: it has no database open")]
    ReadOnly,
}

impl ReleaseError {
    /// Whether it was understood and denied, so that nothing is broken.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Store(error) => error.is_refusal(),
            Self::Step(_)
            | Self::Review(_)
            | Self::NoDraft(_)
            | Self::BaseMoved { .. }
            | Self::NoRelease(_)
            | Self::NoReason
            | Self::ReadOnly => true,
            Self::NoFactor { .. } | Self::NoFlag(_) | Self::Sealed(_) | Self::Flagged { .. } | Self::NotFlagged { .. } => true,
            Self::Itself(_) | Self::TooLong { .. } | Self::ControlCharacter | Self::Origin { .. } | Self::Key { .. } => true,
            _ => false,
        }
    }
}
