//! Why a question about products has no answer, and what exists instead.

use serde_json::{Value, json};

use crate::factor::{UnitMismatch, nearest};
use crate::release::{Denied, ResolveError};
use crate::search::FilterRefusal;

/// Understood and denied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProductRefusal {
    /// A parameter is missing.
    #[error("{detail}")]
    Missing {
        /// Which.
        parameter: &'static str,
        /// What to give.
        detail: String,
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
        /// What it can be, or what is nearest.
        valid: Vec<String>,
    },
    /// The dataset or release is not there.
    #[error(transparent)]
    Release(#[from] ResolveError),
    /// Whoever asked may not read it.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// There is no such scheme, rule, factor or value.
    #[error("{detail}")]
    Absent {
        /// Code of the problem: `no-scheme`, `no-rule`, `no-factor`, `no-match`.
        code: &'static str,
        /// What is not there.
        detail: String,
        /// What is.
        members: Value,
    },
    /// Several answer, and which is meant is not guessed.
    #[error("{detail}")]
    Ambiguous {
        /// What they differ in.
        detail: String,
        /// Them.
        members: Value,
    },
    /// Too few factors to compare with.
    #[error("{detail}")]
    TooFew {
        /// How many there are, and how many are wanted.
        detail: String,
        /// What was left out, and why.
        members: Value,
    },
    /// A unit of another dimension.
    #[error(transparent)]
    UnitMismatch(#[from] UnitMismatch),
    /// A stored line does not read.
    #[error("a stored line does not read: {0}")]
    Damaged(String),
}

/// As much of a caller's text as a refusal repeats.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

impl ProductRefusal {
    /// A parameter with a wrong value.
    pub(super) fn wrong(parameter: &'static str, given: &str, detail: impl Into<String>, valid: Vec<String>) -> Self {
        Self::Parameter { parameter, given: shown(given), detail: detail.into(), valid }
    }

    /// A value that is none of a list, with the one that was probably meant.
    pub(super) fn none_of(parameter: &'static str, given: &str, valid: &[&str]) -> Self {
        let hint = nearest(given, valid.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        let detail = format!("`{}` is none of its values{hint}", shown(given));
        Self::wrong(parameter, given, detail, valid.iter().map(|own| (*own).to_owned()).collect())
    }

    /// The same of a filter of the search, with what was given for it.
    pub(super) fn of_filter(refusal: FilterRefusal, given: Option<&str>) -> Self {
        match Self::from(refusal) {
            Self::Parameter { parameter, detail, valid, .. } => Self::wrong(parameter, given.unwrap_or_default(), detail, valid),
            other => other,
        }
    }

    /// Its stable code, the same over HTTP and on the command line.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing-parameter",
            Self::Parameter { .. } => "invalid-parameter",
            Self::Release(error) => error.code(),
            Self::Denied(denied) => denied.code(),
            Self::Absent { code, .. } => code,
            Self::Ambiguous { .. } => "ambiguous",
            Self::TooFew { .. } => "too-few",
            Self::UnitMismatch(_) => "unit-mismatch",
            Self::Damaged(_) => "fault",
        }
    }

    /// Its parts for machines.
    pub fn details(&self) -> Value {
        match self {
            Self::Missing { parameter, .. } => json!({"parameter": parameter}),
            Self::Parameter { parameter, given, valid, .. } => json!({"parameter": parameter, "given": given, "valid": valid}),
            Self::Absent { members, .. } | Self::Ambiguous { members, .. } | Self::TooFew { members, .. } => members.clone(),
            Self::Denied(denied) => denied.members.clone().into(),
            Self::UnitMismatch(mismatch) => {
                json!({"from": mismatch.from, "to": mismatch.to, "from_dimension": mismatch.from_dimension, "to_dimension": mismatch.to_dimension})
            }
            Self::Release(_) | Self::Damaged(_) => json!({}),
        }
    }
}

impl From<FilterRefusal> for ProductRefusal {
    fn from(refusal: FilterRefusal) -> Self {
        match refusal {
            FilterRefusal::Release(error) => Self::Release(error),
            FilterRefusal::Denied(denied) => Self::Denied(denied),
            FilterRefusal::Damaged(why) => Self::Damaged(why),
            FilterRefusal::Parameter { parameter, detail, valid } => Self::Parameter { parameter, given: String::new(), detail, valid },
        }
    }
}
