//! Later notices: what became known of a factor after its release.
//!
//! They stand beside the factor's own flags and never inside the release. They
//! are read from the public facts, so they are there without the database.

use serde::Serialize;

use crate::dataset::Principal;
use crate::factor::Factor;
use crate::release::{Catalogue, PublishedRelease};

/// The flag of a factor that is built on a withdrawn release; a warning.
pub const INPUT_WITHDRAWN: &str = "input_withdrawn";

/// A flag that was raised after the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// Code of `schema/flags.csv`.
    pub flag: &'static str,
    /// When it was raised (RFC 3339, UTC).
    pub at: String,
    /// What raised it: the withdrawn release, `dataset@version`.
    pub by: String,
    /// Why, in the words of who raised it.
    pub why: String,
}

/// A flag beside a factor in an answer: one of its own, as its code, or a later notice.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum AnswerFlag<'a> {
    /// Of the release.
    Own(&'a str),
    /// Raised later.
    Later(Notice),
}

/// The flags of a factor and, behind them, the notices that came later.
pub(super) fn answer_flags<'a>(
    catalogue: &Catalogue,
    release: &PublishedRelease,
    factor: &'a Factor,
    who: &Principal,
) -> Vec<AnswerFlag<'a>> {
    let own = factor.flags.iter().map(|flag| AnswerFlag::Own(flag));
    own.chain(notices(catalogue, release, factor, who).into_iter().map(AnswerFlag::Later)).collect()
}

/// The later notices of a factor, one for each withdrawn release that it is built on, the nearest first, as far as `who` may
/// read what it is built on.
pub fn notices(catalogue: &Catalogue, release: &PublishedRelease, factor: &Factor, who: &Principal) -> Vec<Notice> {
    if factor.derived_from.is_empty() {
        return Vec::new();
    }
    let withdrawn = catalogue.withdrawn_inputs(release, &factor.key, who).into_iter();
    withdrawn
        .map(|input| Notice {
            flag: INPUT_WITHDRAWN,
            at: input.withdrawn.at,
            by: format!("{}@{}", input.dataset, input.version),
            why: input.withdrawn.reason,
        })
        .collect()
}
