//! The crosswalk of a draft: what became of the base's keys, as a steward confirms it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::DeskError;
use super::import::{Base, Description, read_state};
use super::submit::description;
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::{Crosswalk, CrosswalkError, CrosswalkRecord, DatasetId, Renames, Verb, held_keys, standing_renames};
use crate::draft::{PrepareError, Step, after};
use crate::release::{Ground, ReleaseError};
use crate::store::{self, Draft, DraftState, NewEvent};

/// The records of a draft, and the pairs that are not to be proposed again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftCrosswalk {
    /// What a steward confirmed or wrote, with who and when.
    pub records: Crosswalk,
    /// Old and new key of each proposal that was denied.
    pub denied: BTreeSet<(String, String)>,
}

/// A draft beside its base.
pub struct DraftSides {
    /// The draft.
    pub draft: Draft,
    /// The version of its base; none for a first release.
    pub base: Option<semver::Version>,
    /// The base's lines.
    pub old: Option<store::Mapped>,
    /// The draft's lines.
    pub new: store::Mapped,
    /// What the metadata demand of the version.
    pub words: crate::dataset::Bump,
    /// Rows that kept the base's line.
    pub kept: u64,
    /// Its crosswalk.
    pub crosswalk: DraftCrosswalk,
}

/// The draft of a dataset beside the release that it is compared with.
///
/// # Errors
/// [`ReleaseError::NoDraft`].
pub fn draft_sides(ground: &Ground, dataset: &DatasetId) -> Result<DraftSides, DeskError> {
    let (draft, base, _) = read_state(ground, dataset)?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let description = description(ground, &draft)?;
    let words = base.as_ref().map_or_else(Default::default, |base| description.metadata.bump_from(&base.metadata));
    Ok(DraftSides {
        new: ground.blobs().map(draft.lines_digest)?,
        words,
        kept: description.provenance_only,
        crosswalk: read(ground, description.crosswalk)?,
        base: base.as_ref().map(|base| base.version.clone()),
        old: base.map(|base| base.lines),
        draft,
    })
}

fn read(ground: &Ground, blob: Option<Digest>) -> Result<DraftCrosswalk, DeskError> {
    let Some(blob) = blob else { return Ok(DraftCrosswalk::default()) };
    let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("the crosswalk {blob}"), why: error.to_string() };
    Ok(serde_json::from_slice(&ground.blobs().read(blob)?).map_err(damaged)?)
}

/// Changes the crosswalk of the dataset's draft, which must not be frozen.
///
/// # Errors
/// What `change` returns; a refusal where there is no draft, or it is frozen.
pub fn change_crosswalk<T>(
    ground: &Ground,
    dataset: &DatasetId,
    actor: &str,
    change: impl FnOnce(&mut DraftCrosswalk, &str) -> Result<T, DeskError>,
) -> Result<T, DeskError> {
    let at = ground.now();
    let draft = ground.database()?.read(|connection| store::draft_get(connection, dataset.as_str()))?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    after(draft.state.as_str(), Step::Edit)?;
    let description = description(ground, &draft)?;
    let mut crosswalk = read(ground, description.crosswalk)?;
    let done = change(&mut crosswalk, &at)?;
    let blob = ground.blobs().put(&canonical_bytes(&crosswalk).map_err(ReleaseError::from)?)?.digest;
    let description = Description { crosswalk: Some(blob), ..description };
    let detail = json!({"records": crosswalk.records.records().len(), "denied": crosswalk.denied.len(), "crosswalk": blob});
    put_description(ground, &draft, &description, None, (&at, actor, "draft.crosswalk"), &detail)?;
    Ok(done)
}

/// Writes a draft's description, and its lines where they changed.
pub(super) fn put_description(
    ground: &Ground,
    draft: &Draft,
    description: &Description,
    lines: Option<Digest>,
    (at, actor, act): (&str, &str, &str),
    detail: &serde_json::Value,
) -> Result<(), DeskError> {
    let package_digest = ground.blobs().put(&canonical_bytes(description).map_err(ReleaseError::from)?)?.digest;
    let new = Draft {
        state: DraftState::Draft,
        package_digest,
        lines_digest: lines.unwrap_or(draft.lines_digest),
        updated_at: at.to_owned(),
        ..draft.clone()
    };
    ground.database()?.write(|connection| {
        store::draft_put(connection, &new, Some(draft.revision))?;
        let event = NewEvent { at, actor, act, dataset: Some(draft.dataset.as_str()), subject: &draft.dataset, detail };
        store::event_append(connection, &event)?;
        Ok::<_, DeskError>(())
    })
}

/// The records that confirm renames, signed by who confirms them.
pub fn rename_record(from: &str, to: &str, reason: &str, actor: &str, at: &str) -> CrosswalkRecord {
    CrosswalkRecord {
        verb: Verb::Replace,
        from: vec![from.to_owned()],
        to: vec![to.to_owned()],
        share: Vec::new(),
        reason: reason.to_owned(),
        by: Some(actor.to_owned()),
        at: Some(at.to_owned()),
    }
}

/// The confirmed renames that stand between the base and the draft's lines.
pub(super) fn standing(ground: &Ground, draft: &Draft, base: Option<&Base>, description: &Description) -> Result<Renames, DeskError> {
    let crosswalk = read(ground, description.crosswalk)?;
    let renames: Renames = crosswalk.records.replaced().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    let Some(base) = base.filter(|_| !renames.is_empty()) else { return Ok(Renames::new()) };
    let lines = ground.blobs().map(draft.lines_digest)?;
    Ok(standing_renames(&base.lines, &lines, &renames).map_err(PrepareError::from)?)
}

/// The draft's records, each of which speaks of keys that were there before and are there now.
pub(super) fn fitting_crosswalk(
    ground: &Ground,
    draft: &Draft,
    base: Option<&Base>,
    description: &Description,
) -> Result<Crosswalk, DeskError> {
    let records = read(ground, description.crosswalk)?.records;
    if !records.is_empty() {
        let lines = ground.blobs().map(draft.lines_digest)?;
        let old = base.map(|base| &*base.lines).unwrap_or_default();
        check_fit(&records, old, &lines)?;
    }
    Ok(records)
}

/// Whether records speak of the base's keys before, and of the draft's after.
///
/// # Errors
/// The first record that does not.
pub fn check_fit(crosswalk: &Crosswalk, old: &[u8], new: &[u8]) -> Result<(), DeskError> {
    let records = crosswalk.records();
    let named: BTreeSet<&str> = records.iter().flat_map(|record| record.from.iter().chain(&record.to)).map(String::as_str).collect();
    let before = held_keys(old, &named).map_err(PrepareError::from)?;
    let after = held_keys(new, &named).map_err(PrepareError::from)?;
    for record in records {
        let misfit = |why: String| Err(CrosswalkError { record: record.shown(), why }.into());
        if let Some(key) = record.from.iter().find(|key| !before.contains(key.as_str())) {
            return misfit(format!("the release before has no key `{key}`: remove the record, or correct it"));
        }
        if let Some(key) = record.to.iter().find(|key| !after.contains(key.as_str())) {
            return misfit(format!("the draft has no key `{key}`: remove the record, or correct it"));
        }
        let stays = record.from.iter().find(|key| after.contains(key.as_str()));
        if let Some(key) = stays.filter(|_| matches!(record.verb, Verb::Replace | Verb::Delete)) {
            return misfit(format!("the draft still has the key `{key}`, so nothing became of it"));
        }
        if let Some(key) = record.to.iter().find(|key| before.contains(key.as_str())).filter(|_| record.verb == Verb::Create) {
            return misfit(format!("the release before has the key `{key}` already"));
        }
    }
    Ok(())
}
