//! What is told of a release afterwards: withdrawn, restored, superseded. New facts with a reason; the bytes stay readable.

use semver::Version;
use serde_json::json;

use super::commit::commit;
use super::fact::{LEAF_FORMAT, MAX_REASON_CHARS};
use super::{Ground, PublicFact, ReleaseError};
use crate::dataset::DatasetId;
use crate::store::{self, NewEvent};

/// A release, by name.
#[derive(Debug, Clone, Copy)]
pub struct NoticeOf<'a> {
    /// Its dataset.
    pub dataset: &'a DatasetId,
    /// Its version.
    pub version: &'a Version,
}

/// Withdraws a release: ranges and `latest` skip it from now on. Gives the place of the fact.
///
/// # Errors
/// [`ReleaseError::NoReason`], [`ReleaseError::NoRelease`]; a refusal where it is withdrawn already.
pub fn withdraw(ground: &Ground, dataset: &DatasetId, version: &Version, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let (at, reason) = (ground.now(), worded(reason)?);
    let (dataset, format, version) = (dataset.clone(), LEAF_FORMAT.to_owned(), version.clone());
    tell(ground, &PublicFact::Withdraw { at, dataset, format, reason, version }, "release.withdraw", actor)
}

/// Takes a withdrawal back.
///
/// # Errors
/// [`ReleaseError::NoReason`], [`ReleaseError::NoRelease`]; a refusal where it is not withdrawn.
pub fn restore(ground: &Ground, dataset: &DatasetId, version: &Version, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let (at, reason) = (ground.now(), worded(reason)?);
    let (dataset, format, version) = (dataset.clone(), LEAF_FORMAT.to_owned(), version.clone());
    tell(ground, &PublicFact::Restore { at, dataset, format, reason, version }, "release.restore", actor)
}

/// Says that another release is to be used instead of this one, which goes on being served.
///
/// # Errors
/// [`ReleaseError::NoReason`]; [`ReleaseError::NoRelease`] for either; [`ReleaseError::Itself`].
pub fn supersede(ground: &Ground, old: NoticeOf<'_>, by: NoticeOf<'_>, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let (at, reason) = (ground.now(), worded(reason)?);
    let name = format!("{}@{}", by.dataset, by.version);
    if (old.dataset, old.version) == (by.dataset, by.version) {
        return Err(ReleaseError::Itself(name));
    }
    expect_release(ground, by.dataset, by.version)?;
    let (dataset, format, version) = (old.dataset.clone(), LEAF_FORMAT.to_owned(), old.version.clone());
    tell(ground, &PublicFact::Supersede { at, by: name, dataset, format, reason, version }, "release.supersede", actor)
}

fn tell(ground: &Ground, fact: &PublicFact, act: &str, actor: &str) -> Result<i64, ReleaseError> {
    let Some((dataset, version)) = fact.release() else { return Err(ReleaseError::NoReason) };
    expect_release(ground, dataset, version)?;
    let subject = format!("{dataset}@{version}");
    let detail = match fact {
        PublicFact::Withdraw { reason, .. } | PublicFact::Restore { reason, .. } => json!({"reason": reason}),
        PublicFact::Supersede { reason, by, .. } => json!({"reason": reason, "by": by}),
        _ => json!({}),
    };
    commit(ground, fact, None, |connection, _| {
        let event = NewEvent { at: fact.at(), actor, act, dataset: Some(dataset.as_str()), subject: &subject, detail: &detail };
        store::event_append(connection, &event)?;
        Ok(())
    })
}

fn expect_release(ground: &Ground, dataset: &DatasetId, version: &Version) -> Result<(), ReleaseError> {
    let found = ground.database()?.read(|connection| store::release_get(connection, dataset.as_str(), &version.to_string()))?;
    found.map(|_| ()).ok_or_else(|| ReleaseError::NoRelease(format!("{dataset}@{version}")))
}

/// A reason in words: on one or more lines, without control characters, not too long for a leaf.
fn worded(reason: &str) -> Result<String, ReleaseError> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if reason.is_empty() {
        return Err(ReleaseError::NoReason);
    }
    if length > MAX_REASON_CHARS {
        return Err(ReleaseError::TooLong { what: "the reason", length, limit: MAX_REASON_CHARS });
    }
    if reason.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ReleaseError::ControlCharacter);
    }
    Ok(reason.to_owned())
}
