//! What is told of a release afterwards: withdrawn, restored, superseded, a factor of it flagged. New facts with a reason; the bytes stay readable.

use semver::Version;
use serde_json::json;

use super::commit::commit;
use super::fact::{LEAF_FORMAT, MAX_REASON_CHARS};
use super::{Ground, PublicFact, ReleaseError};
use crate::dataset::{DatasetId, Manifest, held_keys};
use crate::factor::flag_code;
use crate::store::{self, Connection, NewEvent};

/// The flag that follows from a withdrawal.
const DERIVED_FLAG: &str = "input_withdrawn";

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

/// A factor of a release, and a flag.
#[derive(Debug, Clone, Copy)]
pub struct FlagOf<'a> {
    /// The dataset.
    pub dataset: &'a DatasetId,
    /// A version that holds the factor.
    pub version: &'a Version,
    /// The factor's key.
    pub key: &'a str,
    /// Code of `schema/flags.csv`, or another system's name of it.
    pub flag: &'a str,
}

/// Flags a released factor: its number carries the flag from now on, in every release of the dataset that holds the same line.
///
/// # Errors
/// [`ReleaseError::NoReason`], [`ReleaseError::NoRelease`], [`ReleaseError::NoFactor`], [`ReleaseError::NoFlag`];
/// [`ReleaseError::Flagged`] where the flag stands already.
pub fn flag(ground: &Ground, what: FlagOf<'_>, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let (at, reason, flag) = (ground.now(), worded(reason)?, known_flag(what.flag)?);
    let (dataset, version, key) = (what.dataset.clone(), what.version.clone(), what.key.to_owned());
    expect_factor(ground, &what)?;
    let (by, format) = (actor.to_owned(), LEAF_FORMAT.to_owned());
    tell(ground, &PublicFact::Flag { at, by, dataset, flag, format, key, reason, version }, "release.flag", actor)
}

/// Takes a flag back.
///
/// # Errors
/// As [`flag`]; [`ReleaseError::NotFlagged`] where it does not stand.
pub fn unflag(ground: &Ground, what: FlagOf<'_>, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let (at, reason, flag) = (ground.now(), worded(reason)?, known_flag(what.flag)?);
    let (dataset, version, key) = (what.dataset.clone(), what.version.clone(), what.key.to_owned());
    let (by, format) = (actor.to_owned(), LEAF_FORMAT.to_owned());
    tell(ground, &PublicFact::Unflag { at, by, dataset, flag, format, key, reason, version }, "release.unflag", actor)
}

/// A flag that people may raise: one that follows from the log by itself is not for them to say.
fn known_flag(name: &str) -> Result<String, ReleaseError> {
    let code = flag_code(name).filter(|code| *code != DERIVED_FLAG);
    code.map(str::to_owned).ok_or_else(|| ReleaseError::NoFlag(name.chars().take(80).collect()))
}

/// The release holds the factor.
fn expect_factor(ground: &Ground, what: &FlagOf<'_>) -> Result<(), ReleaseError> {
    let id = format!("{}@{}", what.dataset, what.version);
    let release = ground.database()?.read(|connection| store::release_get(connection, what.dataset.as_str(), &what.version.to_string()))?;
    let release = release.ok_or_else(|| ReleaseError::NoRelease(id.clone()))?;
    let damaged = |why: String| ReleaseError::Damaged { what: format!("the manifest of {id}"), why };
    let manifest: Manifest =
        serde_json::from_slice(&ground.blobs().read(release.manifest_digest)?).map_err(|error| damaged(error.to_string()))?;
    if manifest.sealed {
        return Err(ReleaseError::Sealed(id));
    }
    let lines = manifest.artefact("factors.ndjson").ok_or_else(|| damaged("it lists no factors.ndjson".into()))?.sha256;
    let mapped = ground.blobs().map(lines)?;
    let wanted = std::collections::BTreeSet::from([what.key]);
    let held = held_keys(&mapped, &wanted).map_err(|error| damaged(error.to_string()))?;
    if held.is_empty() { Err(ReleaseError::NoFactor { release: id, key: what.key.chars().take(200).collect() }) } else { Ok(()) }
}

/// A flag is raised where it does not stand, and taken back where it does; the fact itself is committed already.
fn expect_flag_moves(connection: &mut Connection, fact: &PublicFact, seq: i64) -> Result<(), ReleaseError> {
    let (PublicFact::Flag { dataset, version, key, flag, .. } | PublicFact::Unflag { dataset, version, key, flag, .. }) = fact else {
        return Ok(());
    };
    let mut stands = false;
    for row in store::flag_facts(connection, dataset.as_str(), &version.to_string())?.into_iter().filter(|row| row.seq < seq) {
        match PublicFact::from_leaf(row.leaf.as_bytes(), &format!("leaf {}", row.seq))? {
            PublicFact::Flag { key: own, flag: code, .. } if (&own, &code) == (key, flag) => stands = true,
            PublicFact::Unflag { key: own, flag: code, .. } if (&own, &code) == (key, flag) => stands = false,
            _ => {}
        }
    }
    let (factor, flag) = (format!("{dataset}@{version}#{key}"), flag.clone());
    match fact {
        PublicFact::Flag { .. } if stands => Err(ReleaseError::Flagged { factor, flag }),
        PublicFact::Unflag { .. } if !stands => Err(ReleaseError::NotFlagged { factor, flag }),
        _ => Ok(()),
    }
}

fn tell(ground: &Ground, fact: &PublicFact, act: &str, actor: &str) -> Result<i64, ReleaseError> {
    let Some((dataset, version)) = fact.release() else { return Err(ReleaseError::NoReason) };
    expect_release(ground, dataset, version)?;
    let subject = format!("{dataset}@{version}");
    let detail = match fact {
        PublicFact::Withdraw { reason, .. } | PublicFact::Restore { reason, .. } => json!({"reason": reason}),
        PublicFact::Supersede { reason, by, .. } => json!({"reason": reason, "by": by}),
        PublicFact::Flag { reason, key, flag, .. } | PublicFact::Unflag { reason, key, flag, .. } => {
            json!({"reason": reason, "key": key, "flag": flag})
        }
        _ => json!({}),
    };
    commit(ground, fact, None, |connection, seq| {
        expect_flag_moves(connection, fact, seq)?;
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
