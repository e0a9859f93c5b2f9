//! Where a draft stands: what it would release, who did what to it, and what is missing.

use semver::Version;

use super::DeskError;
use super::decide::approvals_missing;
use super::import::{Description, Difference, restricted};
use super::submit::{description, draft_difference};
use crate::dataset::{DatasetId, Metadata};
use crate::release::Ground;
use crate::store::{self, Approval, Draft, DraftEdit, ImportRun};

/// Where a draft stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The draft.
    pub draft: Draft,
    /// Its difference with the latest release.
    pub difference: Difference,
    /// The version that its package names.
    pub package_version: Option<Version>,
    /// The run that imported it.
    pub run: Option<ImportRun>,
    /// How many approvals the dataset's policy wants of what is submitted now.
    pub approvals_required: i32,
    /// The decisions on what was submitted.
    pub decisions: Vec<Approval>,
    /// How many approvals of what was submitted are missing; nothing where it is not submitted.
    pub approvals_missing: Option<u32>,
    /// The edits by hand, in the order in which they were made.
    pub edits: Vec<DraftEdit>,
    /// Title, licences, sources.
    pub metadata: Metadata,
    /// Whether what is submitted now takes a grant to read.
    pub restricted: bool,
}

/// Tells where the dataset's draft stands.
///
/// # Errors
/// When there is none, or database or files fail.
pub fn standing(ground: &Ground, dataset: &DatasetId) -> Result<Standing, DeskError> {
    let (draft, difference) = draft_difference(ground, dataset)?;
    let (run, approvals_required, decisions, edits) = ground.database()?.read(|connection| {
        let required = store::dataset_get(connection, dataset.as_str())?.map_or(0, |known| known.approvals_required);
        let decisions = match draft.manifest_digest {
            Some(manifest) => store::approval_list(connection, manifest)?,
            None => Vec::new(),
        };
        let edits = store::draft_edit_list(connection, draft.import_run)?;
        Ok::<_, DeskError>((store::import_run_get(connection, draft.import_run)?, required, decisions, edits))
    })?;
    let decisions = decisions.into_iter().filter(|decision| decision.dataset == dataset.as_str()).collect();
    let Description { version: package_version, metadata, .. } = description(ground, &draft)?;
    let restricted = restricted(ground, dataset)?;
    let approvals_missing = approvals_missing(ground, &draft)?;
    Ok(Standing { draft, difference, package_version, run, approvals_required, decisions, approvals_missing, edits, metadata, restricted })
}
