//! What can go wrong where rows and bytes rest.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use diesel::result::DatabaseErrorKind;

/// Why the store did not do what it was asked.
///
/// No message holds a password. What lies beneath stands in the source chain, not in the message.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A database or blob URL that does not name anything Tanyin can open.
    #[error("{0}")]
    Address(String),
    /// The database does not answer: it is down, unreachable, or refuses us.
    #[error("the database {database} does not answer")]
    Unavailable {
        /// The database, without its password.
        database: String,
        /// What the driver said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another writer holds the database for longer than the store waits; asking again later may help.
    #[error("the database is busy with another writer; try again")]
    Busy {
        /// What the driver said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Nothing is known of the dataset.
    #[error("there is no dataset {0}")]
    NoSuchDataset(String),
    /// Nothing is known of the release.
    #[error("there is no release {dataset}@{version}")]
    NoSuchRelease {
        /// The dataset that was asked for.
        dataset: String,
        /// The version that was asked for.
        version: String,
    },
    /// The version was released before. It is taken for ever, also after a withdrawal.
    #[error("{dataset}@{version} exists already")]
    VersionExists {
        /// The dataset.
        dataset: String,
        /// The version.
        version: String,
    },
    /// The release was withdrawn before.
    #[error("{dataset}@{version} is withdrawn already")]
    AlreadyWithdrawn {
        /// The dataset.
        dataset: String,
        /// The version.
        version: String,
    },
    /// The release is not withdrawn, so there is nothing to take back.
    #[error("{dataset}@{version} is not withdrawn")]
    NotWithdrawn {
        /// The dataset.
        dataset: String,
        /// The version.
        version: String,
    },
    /// The draft changed, came or went since the caller read it.
    #[error("the draft of {dataset} is not at the revision that this change was made for")]
    StaleRevision {
        /// The dataset.
        dataset: String,
        /// The revision that the caller had read; none: the caller saw no draft.
        expected: Option<i64>,
        /// The revision that stands; none: there is no draft.
        found: Option<i64>,
    },
    /// Another publisher committed first.
    #[error("the head is at {found} facts, not at {expected}: another publisher came first")]
    HeadMoved {
        /// The size that the caller built upon.
        expected: i64,
        /// The size that stands.
        found: i64,
    },
    /// A newer program has migrated this database; this one must not touch it.
    #[error("the database is newer than this program: it has migration {migration}, which this program does not know")]
    NewerSchema {
        /// The first migration that is not known here.
        migration: String,
    },
    /// The database is of a development version that kept no log.
    #[error(
        "the database was made by a development version without a transparency log, and cannot be taken over: \
         start with a new data directory and publish the packages again"
    )]
    OldSchema,
    /// A file or folder could not be read or written.
    #[error("cannot {act} {}", path.display())]
    Io {
        /// What was tried.
        act: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Stored bytes are not what they were when they were stored. The writer must stop.
    #[error("{what} is damaged: {why}")]
    Corrupt {
        /// The file, row or database.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The commit itself failed: whether it happened is not known. The writer must stop and start anew.
    #[error("the commit failed, and whether it took effect is not known")]
    OutcomeUnknown {
        /// What the driver said.
        source: diesel::result::Error,
    },
    /// A statement failed; a constraint or an insert-only guard refused it, or the program is wrong.
    #[error("the database refused a statement")]
    Query {
        /// What the driver said.
        source: diesel::result::Error,
    },
}

impl StoreError {
    /// Whether the request was understood and denied, rather than failed: nothing is broken.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Address(_)
            | Self::NoSuchDataset(_)
            | Self::NoSuchRelease { .. }
            | Self::VersionExists { .. }
            | Self::AlreadyWithdrawn { .. }
            | Self::NotWithdrawn { .. }
            | Self::StaleRevision { .. }
            | Self::HeadMoved { .. }
            | Self::NewerSchema { .. }
            | Self::OldSchema => true,
            Self::Unavailable { .. }
            | Self::Busy { .. }
            | Self::Io { .. }
            | Self::Corrupt { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Query { .. } => false,
        }
    }

    /// Whether a file was asked for that is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Names the act and the path of a failed call to the system.
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { act, path: path.to_owned(), source }
    }

    /// Stored bytes that are wrong.
    pub(crate) fn corrupt(what: impl ToString, why: impl Into<String>) -> Self {
        Self::Corrupt { what: what.to_string(), why: why.into() }
    }
}

impl From<diesel::result::Error> for StoreError {
    /// SQLite's codes do not reach us through Diesel, but its messages are fixed English texts.
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error as Diesel;
        match &error {
            Diesel::BrokenTransactionManager | Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                Self::Unavailable { database: "connection".to_owned(), source: error.into() }
            }
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy { source: error.into() },
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, said) => match said.message() {
                "database is locked" | "database table is locked" | "database schema is locked" => Self::Busy { source: error.into() },
                text @ ("file is not a database" | "database disk image is malformed") => Self::corrupt("the database file", text),
                _ => Self::Query { source: error },
            },
            // a stored text that is no digest, state, coding …
            Diesel::DeserializationError(why) => Self::corrupt("a stored row", why.to_string()),
            _ => Self::Query { source: error },
        }
    }
}
