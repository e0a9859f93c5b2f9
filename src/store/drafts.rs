//! Drafts, which change, and the reviewers' decisions on them, which do not.

use diesel::prelude::*;

use super::schema::{approval, dataset, draft};
use super::{Connection, Decision, DraftState, StoreError, dataset_get};
use crate::canon::Digest;

/// A release being prepared. A dataset has one at most.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = draft)]
pub struct Draft {
    /// The dataset.
    pub dataset: String,
    /// Counted up by every change: who changes a draft says which revision was read.
    pub revision: i64,
    /// Where it stands.
    pub state: DraftState,
    /// The run that imported it.
    pub import_run: i64,
    /// The blob that is its lines.
    pub lines_digest: Digest,
    /// The blob that is the package's metadata, as JSON.
    pub package_digest: Digest,
    /// The release that its difference was made with.
    pub base_version: Option<String>,
    /// The version that it will be released as; fixed when it is submitted.
    pub version: Option<String>,
    /// The manifest that approvals are given to; fixed when it is submitted.
    pub manifest_digest: Option<Digest>,
    /// The blob that lists the frozen artefacts, as JSON.
    pub frozen_digest: Option<Digest>,
    /// Who submitted it.
    pub submitted_by: Option<String>,
    /// When it was submitted.
    pub submitted_at: Option<String>,
    /// When it last changed.
    pub updated_at: String,
}

/// The dataset's draft.
///
/// # Errors
/// When the database fails.
pub fn draft_get(connection: &mut Connection, id: &str) -> Result<Option<Draft>, StoreError> {
    Ok(draft::table.find(id).select(Draft::as_select()).first(connection).optional()?)
}

/// All drafts, by dataset.
///
/// # Errors
/// When the database fails.
pub fn draft_list(connection: &mut Connection) -> Result<Vec<Draft>, StoreError> {
    Ok(draft::table.order(draft::dataset).select(Draft::as_select()).load(connection)?)
}

/// Writes the draft over the revision that the caller read (none: there was no draft), and returns its new revision.
///
/// What stands in `new.revision` is not looked at.
///
/// # Errors
/// [`StoreError::StaleRevision`] when the draft moved since; [`StoreError::NoSuchDataset`].
pub fn draft_put(connection: &mut Connection, new: &Draft, expected_revision: Option<i64>) -> Result<i64, StoreError> {
    let id = new.dataset.as_str();
    let Some(known) = dataset_get(connection, id)? else {
        return Err(StoreError::NoSuchDataset(id.to_owned()));
    };
    expect_revision(connection, id, expected_revision)?;
    let revision = known.last_revision + 1;
    diesel::update(dataset::table.find(id)).set(dataset::last_revision.eq(revision)).execute(connection)?;
    diesel::delete(draft::table.find(id)).execute(connection)?;
    diesel::insert_into(draft::table)
        .values((
            draft::dataset.eq(id),
            draft::revision.eq(revision),
            draft::state.eq(new.state.as_str()),
            draft::import_run.eq(new.import_run),
            draft::lines_digest.eq(new.lines_digest.to_string()),
            draft::package_digest.eq(new.package_digest.to_string()),
            draft::base_version.eq(new.base_version.as_deref()),
            draft::version.eq(new.version.as_deref()),
            draft::manifest_digest.eq(new.manifest_digest.map(|digest| digest.to_string())),
            draft::frozen_digest.eq(new.frozen_digest.map(|digest| digest.to_string())),
            draft::submitted_by.eq(new.submitted_by.as_deref()),
            draft::submitted_at.eq(new.submitted_at.as_deref()),
            draft::updated_at.eq(new.updated_at.as_str()),
        ))
        .execute(connection)?;
    Ok(revision)
}

/// Removes the draft at the revision that the caller read.
///
/// # Errors
/// [`StoreError::StaleRevision`] when it moved since, or is gone.
pub fn draft_delete(connection: &mut Connection, id: &str, expected_revision: i64) -> Result<(), StoreError> {
    expect_revision(connection, id, Some(expected_revision))?;
    diesel::delete(draft::table.find(id)).execute(connection)?;
    Ok(())
}

/// No other writer can come between this and the change: both stand in one [`Database::write`](super::Database::write).
fn expect_revision(connection: &mut Connection, id: &str, expected: Option<i64>) -> Result<(), StoreError> {
    let found = draft::table.find(id).select(draft::revision).first(connection).optional()?;
    if found == expected { Ok(()) } else { Err(StoreError::StaleRevision { dataset: id.to_owned(), expected, found }) }
}

/// A reviewer's decision on one manifest.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = approval)]
pub struct Approval {
    /// Its number, counted over all datasets, from 1.
    pub id: i64,
    /// The dataset.
    pub dataset: String,
    /// The manifest that the reviewer saw.
    pub manifest_digest: Digest,
    /// Who decided.
    pub reviewer: String,
    /// What was decided.
    pub decision: Decision,
    /// Why; may be empty.
    pub comment: String,
    /// The line of a signed note that signs the approval, where the policy wants one.
    pub signature: Option<String>,
    /// When.
    pub at: String,
}

/// A decision that has no number yet.
#[derive(Clone, Copy, Debug)]
pub struct NewApproval<'a> {
    /// The dataset.
    pub dataset: &'a str,
    /// The manifest that the reviewer saw.
    pub manifest_digest: Digest,
    /// Who decides.
    pub reviewer: &'a str,
    /// What is decided.
    pub decision: Decision,
    /// Why; may be empty.
    pub comment: &'a str,
    /// The line of a signed note that signs it.
    pub signature: Option<&'a str>,
    /// When.
    pub at: &'a str,
}

/// Records a decision and gives it a number.
///
/// # Errors
/// When the database fails, or the dataset is not known.
pub fn approval_insert(connection: &mut Connection, new: &NewApproval<'_>) -> Result<i64, StoreError> {
    let last: Option<i64> = approval::table.select(diesel::dsl::max(approval::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(approval::table)
        .values((
            approval::id.eq(id),
            approval::dataset.eq(new.dataset),
            approval::manifest_digest.eq(new.manifest_digest.to_string()),
            approval::reviewer.eq(new.reviewer),
            approval::decision.eq(new.decision.as_str()),
            approval::comment.eq(new.comment),
            approval::signature.eq(new.signature),
            approval::at.eq(new.at),
        ))
        .execute(connection)?;
    Ok(id)
}

/// The decisions on a manifest, in the order in which they were made.
///
/// # Errors
/// When the database fails.
pub fn approval_list(connection: &mut Connection, manifest: Digest) -> Result<Vec<Approval>, StoreError> {
    Ok(approval::table
        .filter(approval::manifest_digest.eq(manifest.to_string()))
        .order(approval::id)
        .select(Approval::as_select())
        .load(connection)?)
}
