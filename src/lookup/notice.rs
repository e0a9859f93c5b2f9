//! Later notices: what became known of a factor after its release.
//!
//! They stand beside the factor's own flags and never inside the release. They
//! are read from the public facts, so they are there without the database.

use serde::Serialize;

use crate::dataset::Principal;
use crate::factor::{FlagSeverity, flag_code, flags};
use crate::release::{Catalogue, Dimension, LaterFlag, PublishedRelease};

/// The flag of a factor that is built on a withdrawn release; a warning.
pub const INPUT_WITHDRAWN: &str = "input_withdrawn";

/// A flag that was raised after the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// Code of `schema/flags.csv`.
    pub flag: &'static str,
    /// When it was raised (RFC 3339, UTC).
    pub at: String,
    /// Who raised it, or what: the withdrawn release, `dataset@version`.
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
    release: &'a PublishedRelease,
    number: usize,
    who: &Principal,
) -> Vec<AnswerFlag<'a>> {
    let own = own_flags(release, number).map(AnswerFlag::Own);
    own.chain(notices(catalogue, release, number, who).into_iter().map(AnswerFlag::Later)).collect()
}

/// The flags of a factor in its release.
fn own_flags(release: &PublishedRelease, number: usize) -> impl Iterator<Item = &str> {
    release.data.index().value(Dimension::Flags, number).into_iter().flat_map(|flags| flags.split(' '))
}

/// The later notices of a factor: the flags that somebody raised for its number, and one for each withdrawn release that it
/// is built on, the nearest first, as far as `who` may read what it is built on.
pub fn notices(catalogue: &Catalogue, release: &PublishedRelease, number: usize, who: &Principal) -> Vec<Notice> {
    let mut notices = raised_later(catalogue, release, number);
    if !release.data.index().is_derived(number) {
        return notices;
    }
    let withdrawn = catalogue.withdrawn_inputs(release, release.data.key(number), who).into_iter();
    notices.extend(withdrawn.map(|input| Notice {
        flag: INPUT_WITHDRAWN,
        at: input.withdrawn.at,
        by: format!("{}@{}", input.dataset, input.version),
        why: input.withdrawn.reason,
    }));
    notices
}

fn raised_later(catalogue: &Catalogue, release: &PublishedRelease, number: usize) -> Vec<Notice> {
    let Ok(releases) = catalogue.dataset(release.dataset.as_str()) else { return Vec::new() };
    if releases.flagged_keys().next().is_none() {
        return Vec::new();
    }
    let key = release.data.key(number);
    let Some(digest) = Some(number).filter(|_| releases.is_flagged(key)).and_then(|number| release.data.digest(number)) else {
        return Vec::new();
    };
    let notice =
        |own: &LaterFlag| Some(Notice { flag: flag_code(&own.flag)?, at: own.at.clone(), by: own.by.clone(), why: own.why.clone() });
    releases.later_flags(key, &digest).into_iter().filter_map(notice).collect()
}

/// The blocking flags of a factor, its own and those that came later.
pub(super) fn blocking(catalogue: &Catalogue, release: &PublishedRelease, number: usize, who: &Principal) -> Vec<String> {
    let blocks = |code: &&str| flags().get(*code).is_some_and(|flag| flag.severity == FlagSeverity::Block);
    let later = notices(catalogue, release, number, who).into_iter().map(|notice| notice.flag);
    let all: std::collections::BTreeSet<&str> = own_flags(release, number).chain(later).filter(blocks).collect();
    all.into_iter().map(str::to_owned).collect()
}
