//! The closed lists of words in the tables, and how digests and words are read from a text column.

use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::sql_types::{SingleValue, Text};

use crate::canon::Digest;

/// A word that stands in no list of this program.
#[derive(Debug, thiserror::Error)]
#[error("{word:?} is no {what}")]
pub struct UnknownCode {
    what: &'static str,
    word: String,
}

/// Reads a type with `FromStr` from a text column of either database.
macro_rules! text_column {
    ($name:ty) => {
        impl<DB> FromSql<Text, DB> for $name
        where
            DB: Backend,
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(String::from_sql(bytes)?.parse()?)
            }
        }

        impl<ST, DB> Queryable<ST, DB> for $name
        where
            DB: Backend,
            ST: SingleValue,
            Self: FromSql<ST, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$each:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$each])* $variant,)+
        }

        impl $name {
            /// The word as it is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            fn from_str(word: &str) -> Result<Self, UnknownCode> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownCode { what: $what, word: word.to_owned() }),
                }
            }
        }

        text_column!($name);
    };
}

text_column!(Digest);

words! {
    /// Where a draft stands on its way to a release.
    DraftState, "draft state" {
        /// It may still be imported into.
        Draft = "draft",
        /// Its lines, version and manifest are frozen, and wait for reviewers.
        Submitted = "submitted",
        /// It has the approvals that its dataset wants.
        Approved = "approved",
        /// A reviewer sent it back.
        Rejected = "rejected",
    }
}

words! {
    /// What a reviewer said of a manifest.
    Decision, "decision" {
        /// It may be released.
        Approve = "approve",
        /// It may not.
        Reject = "reject",
    }
}

words! {
    /// Where an uploaded import stands.
    JobState, "state of an import" {
        /// It waits for those before it.
        Queued = "queued",
        /// It is read now.
        Running = "running",
        /// It became the draft.
        Done = "done",
        /// Errors were found in it, or it was denied: nothing was changed.
        Refused = "refused",
        /// Something broke: nothing was changed.
        Failed = "failed",
        /// It was cut short twice: nothing was changed.
        Interrupted = "interrupted",
    }
}

words! {
    /// What a public fact tells.
    FactKind, "kind of fact" {
        /// A version was released.
        Release = "release",
        /// A version was withdrawn.
        Withdraw = "withdraw",
        /// A withdrawal was taken back.
        Restore = "restore",
        /// Another release is to be used instead.
        Supersede = "supersede",
        /// The log has a new key.
        Key = "key",
        /// A released factor has a flag from now on.
        Flag = "flag",
        /// A flag was taken back.
        Unflag = "unflag",
    }
}

words! {
    /// The content coding of a stored artefact.
    Coding, "content coding" {
        /// The bytes themselves.
        Identity = "identity",
        /// gzip.
        Gzip = "gzip",
        /// Zstandard.
        Zstd = "zstd",
    }
}
