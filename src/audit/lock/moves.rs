//! What moved since a lockfile was written: each pinned factor against the newest release that it accepts, and sums.

use std::collections::HashMap;

use semver::Version;
use serde::Serialize;
use serde_json::Number;

use super::total::{Group, Sums, group, number, percent};
use super::{
    Emission, LaterNotice, LockError, LockedFactor, Lockfile, ReleaseState, Requirement, Session, Standing, SupersededBy, Total, emission,
};
use crate::canon::Digest;
use crate::dataset::{Bump, Changes, DatasetId, FieldChange, Merged, compare, percent_change};
use crate::factor::{Factor, Text};

/// How a factor stands in another release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Moved {
    /// The same line, the same digest.
    Unchanged,
    /// Another line.
    Changed,
    /// The release does not have it.
    Removed,
}

/// A factor in another release than the pinned one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// That release's version.
    pub version: Version,
    /// How the factor stands there.
    pub state: Moved,
    /// What the change of this factor demands of a version.
    pub bump: Bump,
    /// The pinned value.
    pub from_value: String,
    /// The value there.
    pub to_value: Option<String>,
    /// By how many percent it moved, where unit and metric stayed.
    pub percent: Option<Number>,
    /// Member by member.
    pub fields: Vec<FieldChange>,
    /// The factor's note there: a steward's words.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub note: Text,
    /// What its release changed against the one before it, as its manifest says.
    pub release: Changes,
    /// The factor there.
    #[serde(skip)]
    pub factor: Option<Factor>,
    /// Why the pin cannot move there although the requirement accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<String>,
}

/// One pinned factor today.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorState {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its key.
    pub key: String,
    /// What it is used for.
    pub label: Option<String>,
    /// Which versions are accepted.
    pub requirement: Requirement,
    /// The pinned version.
    pub version: Version,
    /// The pinned digest.
    pub digest: Digest,
    /// Set where the pinned release is withdrawn.
    pub withdrawn: Option<Standing>,
    /// Set where another is to be used instead of the pinned release.
    pub superseded: Option<SupersededBy>,
    /// What became known later: an input that was withdrawn.
    pub notices: Vec<LaterNotice>,
    /// In the newest release within the requirement; null where that is the pinned one, or none stands.
    pub wanted: Option<Move>,
    /// In the newest release of all; null where that is the pinned one or the one above.
    pub newest: Option<Move>,
    /// What it does to the emission of the amount.
    pub emission: Option<Emission>,
    /// Whether there is anything to act upon: all but a newest release beyond the requirement.
    pub moved: bool,
}

/// A whole lockfile today.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outdated {
    /// Whether anything moved.
    pub moved: bool,
    /// Every pinned factor, in the file's order.
    pub factors: Vec<FactorState>,
    /// Sums over the factors with amounts, for each metric and GWP set apart.
    pub totals: Vec<Total>,
}

/// Compares a lockfile, which was checked, with a source; every line compared with is proved.
///
/// `precise` names a version instead of the newest, for the factors that it is asked of.
///
/// # Errors
/// As [`Session::prove`].
pub fn outdated(session: &Session<'_>, lock: &Lockfile, precise: &dyn Fn(&LockedFactor) -> Option<Version>) -> Result<Outdated, LockError> {
    session.confirm(lock)?;
    let mut lists: HashMap<&DatasetId, Vec<ReleaseState>> = HashMap::new();
    let mut factors = Vec::new();
    let mut sums = Sums::default();
    for locked in &lock.factors {
        if !lists.contains_key(&locked.dataset) {
            lists.insert(&locked.dataset, session.source().releases(&locked.dataset)?);
        }
        let releases = lists.get(&locked.dataset).map(Vec::as_slice).unwrap_or_default();
        factors.push(state(session, locked, releases, precise(locked), &mut sums)?);
    }
    Ok(Outdated { moved: factors.iter().any(|factor| factor.moved), factors, totals: sums.totals() })
}

fn state(
    session: &Session<'_>,
    locked: &LockedFactor,
    releases: &[ReleaseState],
    precise: Option<Version>,
    sums: &mut Sums,
) -> Result<FactorState, LockError> {
    let line = locked.line().map_err(super::LockFileError::Shape)?;
    let pinned = Factor::from_line(line.as_bytes()).map_err(|error| super::LockFileError::Shape(error.to_string()))?;
    let own = releases.iter().find(|release| release.version == locked.version);
    let lost = || LockError::Rollback(format!("{} is pinned, and {} does not list that release", locked.id(), session.source().place()));
    let own = own.ok_or_else(lost)?;
    let within = match &precise {
        Some(version) => releases.iter().find(|release| release.version == *version).map(|release| &release.version),
        None => locked.requirement.newest(releases).map(|release| &release.version),
    };
    if let (Some(version), None) = (&precise, within) {
        let there: Vec<String> = releases.iter().map(|release| release.version.to_string()).collect();
        let (dataset, requirement) = (locked.dataset.to_string(), version.to_string());
        return Err(LockError::NoRelease { dataset, requirement, there: there.join(", ") });
    }
    let newest = Requirement::Latest.newest(releases).map(|release| &release.version);
    let compared = |version: Option<&Version>| version.map(|version| compared(session, locked, &line, &pinned, version)).transpose();
    let wanted = compared(within.filter(|version| **version != locked.version))?;
    let newest = compared(newest.filter(|version| **version > locked.version && Some(*version) != within))?;
    let notices = session.source().notices(&locked.dataset, &locked.version, &locked.key)?;
    let emission = emissions(locked, &pinned, wanted.as_ref(), sums)?;
    let changed = wanted.as_ref().is_some_and(|wanted| wanted.state != Moved::Unchanged);
    Ok(FactorState {
        dataset: locked.dataset.clone(),
        key: locked.key.clone(),
        label: locked.label.clone(),
        requirement: locked.requirement.clone(),
        version: locked.version.clone(),
        digest: locked.digest,
        moved: changed || own.withdrawn.is_some() || own.superseded.is_some() || !notices.is_empty(),
        withdrawn: own.withdrawn.clone(),
        superseded: own.superseded.clone(),
        notices,
        wanted,
        newest,
        emission,
    })
}

/// The pinned factor against the one with its key in another release, which is proved.
fn compared(session: &Session<'_>, locked: &LockedFactor, line: &str, pinned: &Factor, version: &Version) -> Result<Move, LockError> {
    let mut there = Move {
        version: version.clone(),
        state: Moved::Removed,
        bump: Bump::Major,
        from_value: pinned.value.to_string(),
        to_value: None,
        percent: None,
        fields: Vec::new(),
        note: Text::default(),
        release: Changes { bump: Bump::None, metadata: false, counts: crate::dataset::ChangeCounts::default() },
        factor: None,
        blocked: None,
    };
    let Some((proof, proved)) = session.prove(&locked.dataset, version, Some(&locked.key))? else {
        let missing = || LockError::NoFactor { release: format!("{}@{version}", locked.dataset), key: locked.key.clone() };
        let (_, proved) = session.prove(&locked.dataset, version, None)?.ok_or_else(missing)?;
        there.release = proved.manifest.changes;
        there.blocked = Some("the release does not have it".to_owned());
        return Ok(there);
    };
    let new_line = proof.factor.map(|line| line.line).unwrap_or_default();
    let merged = compare(line.as_bytes(), new_line.as_bytes()).map_err(|error| super::LockFileError::Shape(error.to_string()))?;
    (there.state, there.bump, there.fields) = match merged {
        Merged::Changed { fields, bump, .. } => (Moved::Changed, bump, fields),
        Merged::Unchanged(_) => (Moved::Unchanged, Bump::None, Vec::new()),
        _ => (Moved::Changed, Bump::Patch, Vec::new()),
    };
    there.release = proved.manifest.changes;
    if let Some(factor) = proved.factor {
        let comparable = factor.per == pinned.per && factor.metric == pinned.metric;
        let moved = percent_change(&pinned.value, &factor.value).filter(|_| comparable);
        there.percent = moved.as_ref().and_then(number);
        there.to_value = Some(factor.value.to_string());
        there.note = factor.note.clone();
        there.blocked = locked.amount.as_ref().and_then(|amount| emission(&factor, amount).err());
        there.factor = Some(factor);
    }
    Ok(there)
}

/// What a move does to the emission; what cannot move stays as it is.
fn emissions(locked: &LockedFactor, pinned: &Factor, wanted: Option<&Move>, sums: &mut Sums) -> Result<Option<Emission>, LockError> {
    let Some(amount) = &locked.amount else { return Ok(None) };
    let wrong = |why: String| LockError::Amount { what: locked.id(), why };
    let from = emission(pinned, amount).map_err(wrong)?;
    let moved = wanted.filter(|there| there.blocked.is_none()).and_then(|there| there.factor.as_ref());
    let after = moved.unwrap_or(pinned);
    let to = emission(after, amount).map_err(wrong)?;
    let groups: (Group, Group) = (group(pinned), group(after));
    let change = (groups.0 == groups.1).then(|| percent(&from, &to)).flatten();
    let told = Emission {
        amount: amount.clone(),
        unit: "kg",
        metric: groups.1.0,
        gwp: groups.1.1.clone(),
        from: number(&from),
        to: number(&to),
        percent: change.as_ref().and_then(number),
    };
    sums.add((groups.0, &from), (groups.1, &to));
    Ok(Some(told))
}
