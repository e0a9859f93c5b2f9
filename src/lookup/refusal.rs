//! Why a lookup has no answer, and what exists instead.

use serde::Serialize;

use crate::factor::UnitMismatch;
use crate::release::{Denied, Fate, ResolveError};

/// One factor that might have been meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Choice {
    /// Its key.
    pub key: String,
    /// What tells it from the others.
    pub differs: std::collections::BTreeMap<String, Option<String>>,
}

/// A key that an earlier release had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Became {
    /// The last version that had it.
    pub last: String,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What exists beside what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Existing {
    /// Values of each asked dimension that the activity has, the others being as asked.
    pub values: std::collections::BTreeMap<String, Vec<String>>,
    /// Parameters that would give an answer.
    pub fallbacks: Vec<String>,
    /// Keys, activities or values that are written alike.
    pub nearest: Vec<String>,
    /// The last release that had the asked key, and what became of it since.
    pub became: Option<Became>,
    /// What other datasets have: the same activity or key first, then related activities, each with its kind.
    pub elsewhere: Vec<String>,
}

/// Understood and denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupRefusal {
    /// A parameter is missing.
    #[error("{detail}")]
    Missing {
        /// Which.
        parameter: &'static str,
        /// What to give.
        detail: &'static str,
    },
    /// A parameter has a value that it cannot have.
    #[error("`{parameter}`: {detail}")]
    Parameter {
        /// Which.
        parameter: &'static str,
        /// What was given.
        given: String,
        /// What is wrong.
        detail: String,
        /// What it can be.
        valid: Vec<String>,
    },
    /// The dataset or release is not there.
    #[error(transparent)]
    Release(#[from] ResolveError),
    /// Whoever asked may not read it.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// Nothing matches.
    #[error("{detail}")]
    NoMatch {
        /// What was asked and is not there.
        detail: String,
        /// What is there.
        existing: Box<Existing>,
    },
    /// Several match.
    #[error("{count} factors match; they differ in {}", .dimensions.join(", "))]
    Ambiguous {
        /// How many.
        count: usize,
        /// What tells them apart.
        dimensions: Vec<String>,
        /// The first twenty.
        candidates: Vec<Choice>,
    },
    /// The factor has a blocking flag.
    #[error("`{key}` carries the blocking flag {}: give allow_flags={} to use it all the same", .flags.join(", "), .flags.join(","))]
    Flagged {
        /// The factor.
        key: String,
        /// Its blocking flags.
        flags: Vec<String>,
    },
    /// Every factor that matches carries a warning that the caller does not tolerate.
    #[error("what matches carries {}, which `tolerate` leaves out", .flags.join(", "))]
    NotTolerated {
        /// The first twenty that match.
        keys: Vec<String>,
        /// Their warnings that are not tolerated.
        flags: Vec<String>,
    },
    /// A unit of another dimension.
    #[error(transparent)]
    UnitMismatch(#[from] UnitMismatch),
    /// The CO2e cannot be computed under the set.
    #[error("the CO2e of `{key}` cannot be computed under `{set}`: {reason}")]
    GwpUnavailable {
        /// The factor.
        key: String,
        /// The set.
        set: String,
        /// Why.
        reason: String,
    },
    /// A stored line does not read.
    #[error("a stored line does not read: {0}")]
    Damaged(String),
}

/// As much of a caller's text as a refusal repeats: enough for every key.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

impl LookupRefusal {
    /// Its stable code, the same over HTTP and on the command line.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Missing { .. } => "missing-parameter",
            Self::Parameter { .. } => "invalid-parameter",
            Self::Release(error) => error.code(),
            Self::NoMatch { .. } => "no-match",
            Self::Ambiguous { .. } => "ambiguous",
            Self::Flagged { .. } => "flagged",
            Self::NotTolerated { .. } => "not-tolerated",
            Self::UnitMismatch(_) => "unit-mismatch",
            Self::GwpUnavailable { .. } => "gwp-unavailable",
            Self::Damaged(_) => "fault",
        }
    }
}
