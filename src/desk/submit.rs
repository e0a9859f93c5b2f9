//! Submitting: lines, version and manifest are frozen, so that what is approved is what is published.

use semver::Version;
use serde_json::json;

use super::crosswalk::{fitting_crosswalk, standing};
use super::import::{Base, Description, Difference, difference, read_base, read_state, restricted};
use super::{By, DeskError};
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::{
    Approvals, ChangeCounts, Changes, DatasetId, MANIFEST_FORMAT, Manifest, Metadata, Previous, check_version, count_changes,
};
use crate::draft::{PrepareError, Step, after};
use crate::release::{FrozenList, Ground, ReleaseError, Secret, freeze_draft, is_sealed};
use crate::review::may_submit;
use crate::store::{self, Draft, DraftState, NewEvent};

/// Which version a steward wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionWish {
    /// What the package says; computed where it says nothing.
    Package,
    /// Computed from the difference.
    Auto,
    /// This one.
    Exact(Version),
}

/// A draft that is frozen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Submitted {
    /// Its dataset.
    pub dataset: DatasetId,
    /// The version that it will have.
    pub version: Version,
    /// The digest of the manifest that reviewers approve.
    pub manifest: Digest,
    /// Where it stands now.
    pub state: String,
    /// How many approvals the policy wants.
    pub approvals_required: u32,
    /// Whether they are to be signed with the keys that the policy names.
    pub signed: bool,
    /// The difference with the latest release.
    pub difference: Difference,
}

/// The difference of the dataset's draft with the latest release, as it stands now.
pub fn draft_difference(ground: &Ground, dataset: &DatasetId) -> Result<(Draft, Difference), DeskError> {
    let (draft, base, used) = read_state(ground, dataset)?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let description = description(ground, &draft)?;
    let restricted = restricted(ground, dataset)?;
    let difference =
        difference(base.as_ref(), counts(ground, &draft, base.as_ref(), &description)?, (&description.metadata, restricted), &used);
    Ok((draft, difference))
}

/// Freezes the dataset's draft under a version.
pub fn submit<'a>(ground: &Ground, dataset: &DatasetId, wish: &VersionWish, by: impl Into<By<'a>>) -> Result<Submitted, DeskError> {
    let (draft, base, used) = read_state(ground, dataset)?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let by: By<'_> = by.into();
    let actor = by.name;
    by.expect_seen(&draft)?;
    after(draft.state.as_str(), Step::Submit)?;
    expect_base(&draft, base.as_ref())?;
    let description = description(ground, &draft)?;
    let restricted = restricted(ground, dataset)?;
    let difference =
        difference(base.as_ref(), counts(ground, &draft, base.as_ref(), &description)?, (&description.metadata, restricted), &used);
    let Some(next) = difference.next.clone() else {
        return Err(DeskError::NothingChanged(difference.base.unwrap_or(Version::new(0, 0, 0))));
    };
    let version = match wish {
        VersionWish::Exact(version) => version.clone(),
        VersionWish::Package => description.version.clone().unwrap_or(next),
        VersionWish::Auto => next,
    };
    check_version(&version, difference.base.as_ref(), &used, difference.bump)?;
    let crosswalk = fitting_crosswalk(ground, &draft, base.as_ref(), &description)?;
    let approvals = policy(ground, dataset)?;
    let required = approvals.required;
    may_submit(actor, required)?;
    let secret = is_sealed(restricted, &description.metadata.licences).then(Secret::new).transpose()?;
    let manifest = |artefacts, factors, root| Manifest {
        format: MANIFEST_FORMAT.to_owned(),
        dataset: dataset.clone(),
        version: version.clone(),
        metadata: description.metadata.clone(),
        factors,
        root,
        previous: base.as_ref().map(|base| Previous { version: base.version.clone(), manifest: base.manifest_digest }),
        changes: Changes { bump: difference.bump, metadata: difference.metadata, counts: difference.counts },
        approvals: approvals.clone(),
        artefacts,
        restricted,
        sealed: secret.is_some(),
    };
    let (manifest, files) = freeze_draft(ground.blobs(), draft.lines_digest, secret.as_ref(), &crosswalk, manifest)?;
    let list = match secret.clone() {
        None => FrozenList::Open(files),
        Some(secret) => FrozenList::Sealed { files, secret },
    };
    let list = ground.blobs().put(&canonical_bytes(&list).map_err(ReleaseError::from)?)?;
    let state = if required == 0 { DraftState::Approved } else { DraftState::Submitted };
    let frozen = Draft { state, manifest_digest: Some(manifest), frozen_digest: Some(list.digest), ..draft };
    record(ground, frozen, (dataset, &version), (actor, required))?;
    Ok(Submitted {
        dataset: dataset.clone(),
        version,
        manifest,
        state: state.as_str().to_owned(),
        approvals_required: required,
        signed: !approvals.keys.is_empty(),
        difference,
    })
}

/// The release that the draft was laid over is still the latest one.
fn expect_base(draft: &Draft, base: Option<&Base>) -> Result<(), DeskError> {
    let latest = base.map(|base| base.version.to_string());
    if latest == draft.base_version {
        return Ok(());
    }
    let none = || "no release".to_owned();
    let expected = draft.base_version.clone().unwrap_or_else(none);
    Err(ReleaseError::BaseMoved { expected, found: latest.unwrap_or_else(none) }.into())
}

/// Writes down that the draft is frozen, by whom, and under which version.
fn record(
    ground: &Ground,
    draft: Draft,
    (dataset, version): (&DatasetId, &Version),
    (actor, required): (&str, u32),
) -> Result<(), DeskError> {
    let at = ground.now();
    let subject = format!("{dataset}@{version}");
    let detail = json!({"manifest": draft.manifest_digest, "approvals_required": required});
    let (version, submitted_by) = (Some(version.to_string()), Some(actor.to_owned()));
    let frozen = Draft { version, submitted_by, submitted_at: Some(at.clone()), updated_at: at.clone(), ..draft };
    ground.database()?.write(|connection| {
        store::draft_put(connection, &frozen, Some(frozen.revision))?;
        let event = NewEvent { at: &at, actor, act: "draft.submit", dataset: Some(dataset.as_str()), subject: &subject, detail: &detail };
        store::event_append(connection, &event)?;
        Ok::<_, DeskError>(())
    })
}

/// What the dataset's policy wants of what is submitted now.
fn policy(ground: &Ground, dataset: &DatasetId) -> Result<Approvals, DeskError> {
    let known = ground.database()?.read(|connection| store::dataset_get(connection, dataset.as_str()))?;
    let (required, keys) = known.map_or((0, String::new()), |known| (known.approvals_required, known.reviewers));
    let keys = keys.lines().filter(|_| required > 0).map(str::to_owned).collect();
    Ok(Approvals { required: u32::try_from(required).unwrap_or(0), keys })
}

/// The words that the draft's lines are read against.
pub(super) fn draft_metadata(ground: &Ground, draft: &Draft) -> Result<Metadata, DeskError> {
    Ok(description(ground, draft)?.metadata)
}

pub(super) fn description(ground: &Ground, draft: &Draft) -> Result<Description, DeskError> {
    let bytes = ground.blobs().read(draft.package_digest)?;
    let damaged = |error: serde_json::Error| ReleaseError::Damaged {
        what: format!("the description of the draft of {}", draft.dataset),
        why: error.to_string(),
    };
    Ok(serde_json::from_slice(&bytes).map_err(damaged)?)
}

/// The difference of the draft's lines with the base, counted anew.
///
/// Lines that were kept are the base's own and would count as unchanged; the import knows how many there were.
fn counts(ground: &Ground, draft: &Draft, base: Option<&Base>, description: &Description) -> Result<ChangeCounts, DeskError> {
    let lines = ground.blobs().open_blob(draft.lines_digest)?;
    let previous = read_base(base, ground.blobs())?;
    let mut counts = count_changes(previous, lines).map_err(PrepareError::from)?;
    let renamed = standing(ground, draft, base, description)?.len() as u64;
    counts.renamed = renamed;
    counts.removed -= renamed;
    counts.added -= renamed;
    counts.provenance_only = description.provenance_only.min(counts.unchanged);
    counts.unchanged -= counts.provenance_only;
    Ok(counts)
}
