//! Datasets with their policy, and the runs that imported into them.

use diesel::prelude::*;

use super::schema::{dataset, import_run};
use super::{Connection, StoreError};
use crate::canon::Digest;

/// A dataset, as far as the store keeps it: what it is about stands in its releases.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dataset)]
pub struct Dataset {
    /// Its id: `[a-z0-9-]{2,64}`.
    pub id: String,
    /// How many reviewers must approve a release.
    pub approvals_required: i32,
    /// The verifier keys of those whose signed approvals count, one a line; empty: approvals need no signature.
    pub reviewers: String,
    /// The highest revision that any draft of it has had; a new draft counts on from there, so that no revision returns.
    pub last_revision: i64,
    /// When it was first heard of.
    pub created_at: String,
    /// 1 where what is submitted from now on takes a grant to read, else 0.
    pub restricted: i32,
}

/// Makes the dataset known, with no approvals required, unless it is; true if it was not.
///
/// # Errors
/// When the database fails.
pub fn dataset_upsert_absent(connection: &mut Connection, id: &str, at: &str) -> Result<bool, StoreError> {
    if dataset_get(connection, id)?.is_some() {
        return Ok(false);
    }
    diesel::insert_into(dataset::table)
        .values((
            dataset::id.eq(id),
            dataset::approvals_required.eq(0),
            dataset::reviewers.eq(""),
            dataset::last_revision.eq(0_i64),
            dataset::created_at.eq(at),
            dataset::restricted.eq(0),
        ))
        .execute(connection)?;
    Ok(true)
}

/// The dataset with that id.
///
/// # Errors
/// When the database fails.
pub fn dataset_get(connection: &mut Connection, id: &str) -> Result<Option<Dataset>, StoreError> {
    Ok(dataset::table.find(id).select(Dataset::as_select()).first(connection).optional()?)
}

/// All datasets by id, those without a release too.
///
/// # Errors
/// When the database fails.
pub fn dataset_list(connection: &mut Connection) -> Result<Vec<Dataset>, StoreError> {
    Ok(dataset::table.order(dataset::id).select(Dataset::as_select()).load(connection)?)
}

/// Sets how many reviewers must approve a release of the dataset, and with which keys they sign.
///
/// # Errors
/// [`StoreError::NoSuchDataset`]; otherwise when the database fails, or refuses a negative number.
pub fn dataset_set_policy(connection: &mut Connection, id: &str, approvals_required: i32, reviewers: &str) -> Result<(), StoreError> {
    let policy = (dataset::approvals_required.eq(approvals_required), dataset::reviewers.eq(reviewers));
    let changed = diesel::update(dataset::table.find(id)).set(policy).execute(connection)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchDataset(id.to_owned())) }
}

/// Says whether what is submitted from now on takes a grant to read.
///
/// # Errors
/// [`StoreError::NoSuchDataset`]; otherwise when the database fails.
pub fn dataset_set_restricted(connection: &mut Connection, id: &str, restricted: bool) -> Result<(), StoreError> {
    let changed = diesel::update(dataset::table.find(id)).set(dataset::restricted.eq(i32::from(restricted))).execute(connection)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchDataset(id.to_owned())) }
}

/// One run of an importer: which file became which rows, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = import_run)]
pub struct ImportRun {
    /// Its number, counted over all datasets, from 1.
    pub id: i64,
    /// The dataset imported into.
    pub dataset: String,
    /// Who imported.
    pub actor: String,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// The name of the file, as it was given.
    pub file_name: String,
    /// The import profile: how the file was read.
    pub profile: String,
    /// The program that read it: `tanyin 0.1.0`.
    pub program: String,
    /// The blob that is the file.
    pub source_digest: Digest,
    /// The size of the file.
    pub source_bytes: i64,
    /// Records below the header.
    pub rows: i64,
    /// Rows that yielded one or more factors.
    pub factors: i64,
    /// Findings of severity error.
    pub errors: i64,
    /// Findings of severity warning.
    pub warnings: i64,
    /// The blob that is the report, as JSON.
    pub report_digest: Digest,
    /// The blob that tells where each factor stood in the file, where that was recorded.
    pub places_digest: Option<Digest>,
}

/// An import run that has no number yet.
#[derive(Clone, Copy, Debug)]
pub struct NewImportRun<'a> {
    /// The dataset imported into.
    pub dataset: &'a str,
    /// Who imported.
    pub actor: &'a str,
    /// When it began.
    pub started_at: &'a str,
    /// When it ended.
    pub finished_at: &'a str,
    /// The name of the file, as it was given.
    pub file_name: &'a str,
    /// The import profile: how the file was read.
    pub profile: &'a str,
    /// The program that read it.
    pub program: &'a str,
    /// The blob that is the file.
    pub source_digest: Digest,
    /// The size of the file.
    pub source_bytes: i64,
    /// Records below the header.
    pub rows: i64,
    /// Rows that yielded one or more factors.
    pub factors: i64,
    /// Findings of severity error.
    pub errors: i64,
    /// Findings of severity warning.
    pub warnings: i64,
    /// The blob that is the report, as JSON.
    pub report_digest: Digest,
    /// The blob that tells where each factor stood in the file.
    pub places_digest: Option<Digest>,
}

/// Records an import run and gives it a number.
///
/// # Errors
/// When the database fails, or the dataset is not known.
pub fn import_run_insert(connection: &mut Connection, run: &NewImportRun<'_>) -> Result<i64, StoreError> {
    let last: Option<i64> = import_run::table.select(diesel::dsl::max(import_run::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(import_run::table)
        .values((
            import_run::id.eq(id),
            import_run::dataset.eq(run.dataset),
            import_run::actor.eq(run.actor),
            import_run::started_at.eq(run.started_at),
            import_run::finished_at.eq(run.finished_at),
            import_run::file_name.eq(run.file_name),
            import_run::profile.eq(run.profile),
            import_run::program.eq(run.program),
            import_run::source_digest.eq(run.source_digest.to_string()),
            import_run::source_bytes.eq(run.source_bytes),
            import_run::rows.eq(run.rows),
            import_run::factors.eq(run.factors),
            import_run::errors.eq(run.errors),
            import_run::warnings.eq(run.warnings),
            import_run::report_digest.eq(run.report_digest.to_string()),
            import_run::places_digest.eq(run.places_digest.map(|digest| digest.to_string())),
        ))
        .execute(connection)?;
    Ok(id)
}

/// The import run with that number.
///
/// # Errors
/// When the database fails.
pub fn import_run_get(connection: &mut Connection, id: i64) -> Result<Option<ImportRun>, StoreError> {
    Ok(import_run::table.find(id).select(ImportRun::as_select()).first(connection).optional()?)
}
