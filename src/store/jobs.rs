//! Imports that were uploaded: they wait, run, and end. One runs at a time.

use diesel::prelude::*;

use super::schema::{import_job, import_run};
use super::{Connection, JobState, StoreError};
use crate::canon::Digest;

/// An import that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = import_job)]
pub struct ImportJob {
    /// Its number, counted over all datasets, from 1.
    pub id: i64,
    /// The dataset to import into, which need not be known yet.
    pub dataset: String,
    /// Who uploaded.
    pub actor: String,
    /// Where it stands.
    pub state: JobState,
    /// The name of the folder that holds what was uploaded, until it has ended.
    pub upload: String,
    /// The size of what was uploaded.
    pub upload_bytes: i64,
    /// The name of the file, as it was given.
    pub file_name: String,
    /// The import profile, where one was named.
    pub profile: Option<String>,
    /// 1: edits of the draft that stands may be thrown away.
    pub discard_edits: i32,
    /// How often it was begun.
    pub attempts: i32,
    /// The last import run before it was begun.
    pub after_run: i64,
    /// When it was uploaded.
    pub created_at: String,
    /// When it was last begun.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// The import run that it became.
    pub run: Option<i64>,
    /// The blob that tells what came of it, as JSON.
    pub outcome_digest: Option<Digest>,
}

/// Records a job and gives it a number; what stands in `new.id` is not looked at.
///
/// # Errors
/// When the database fails.
pub fn job_insert(connection: &mut Connection, new: &ImportJob) -> Result<i64, StoreError> {
    let last: Option<i64> = import_job::table.select(diesel::dsl::max(import_job::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(import_job::table)
        .values((
            import_job::id.eq(id),
            import_job::dataset.eq(new.dataset.as_str()),
            import_job::actor.eq(new.actor.as_str()),
            import_job::state.eq(new.state.as_str()),
            import_job::upload.eq(new.upload.as_str()),
            import_job::upload_bytes.eq(new.upload_bytes),
            import_job::file_name.eq(new.file_name.as_str()),
            import_job::profile.eq(new.profile.as_deref()),
            import_job::discard_edits.eq(new.discard_edits),
            import_job::attempts.eq(new.attempts),
            import_job::after_run.eq(new.after_run),
            import_job::created_at.eq(new.created_at.as_str()),
        ))
        .execute(connection)?;
    Ok(id)
}

/// The job with that number.
///
/// # Errors
/// When the database fails.
pub fn job_get(connection: &mut Connection, id: i64) -> Result<Option<ImportJob>, StoreError> {
    Ok(import_job::table.find(id).select(ImportJob::as_select()).first(connection).optional()?)
}

/// The jobs in a state, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn job_list(connection: &mut Connection, state: JobState) -> Result<Vec<ImportJob>, StoreError> {
    let jobs = import_job::table.filter(import_job::state.eq(state.as_str())).order(import_job::id);
    Ok(jobs.select(ImportJob::as_select()).load(connection)?)
}

/// The newest jobs, of one dataset where it is named, the newest first.
///
/// # Errors
/// When the database fails.
pub fn job_recent(connection: &mut Connection, dataset: Option<&str>, limit: i64) -> Result<Vec<ImportJob>, StoreError> {
    let all = import_job::table.order(import_job::id.desc()).limit(limit).select(ImportJob::as_select());
    Ok(match dataset {
        Some(dataset) => all.filter(import_job::dataset.eq(dataset)).load(connection)?,
        None => all.load(connection)?,
    })
}

/// Begins the oldest job that waits; none: none does.
///
/// # Errors
/// When the database fails.
pub fn job_begin(connection: &mut Connection, at: &str) -> Result<Option<ImportJob>, StoreError> {
    let Some(next) = job_list(connection, JobState::Queued)?.into_iter().next() else { return Ok(None) };
    let last: Option<i64> = import_run::table.select(diesel::dsl::max(import_run::id)).first(connection)?;
    diesel::update(import_job::table.find(next.id))
        .set((
            import_job::state.eq(JobState::Running.as_str()),
            import_job::attempts.eq(next.attempts + 1),
            import_job::after_run.eq(last.unwrap_or(0)),
            import_job::started_at.eq(at),
        ))
        .execute(connection)?;
    job_get(connection, next.id)
}

/// Puts a job that was begun back among those that wait.
///
/// # Errors
/// When the database fails.
pub fn job_requeue(connection: &mut Connection, id: i64) -> Result<(), StoreError> {
    let running = import_job::table.find(id).filter(import_job::state.eq(JobState::Running.as_str()));
    diesel::update(running).set(import_job::state.eq(JobState::Queued.as_str())).execute(connection)?;
    Ok(())
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// One of the states in which nothing more happens.
    pub state: JobState,
    /// The import run that it became.
    pub run: Option<i64>,
    /// The blob that tells what came of it.
    pub outcome: Option<Digest>,
}

/// Ends a job that has not ended.
///
/// # Errors
/// When the database fails.
pub fn job_end(connection: &mut Connection, id: i64, end: JobEnd, at: &str) -> Result<(), StoreError> {
    diesel::update(import_job::table.find(id).filter(import_job::finished_at.is_null()))
        .set((
            import_job::state.eq(end.state.as_str()),
            import_job::run.eq(end.run),
            import_job::outcome_digest.eq(end.outcome.map(|digest| digest.to_string())),
            import_job::finished_at.eq(at),
        ))
        .execute(connection)?;
    Ok(())
}

/// The run that a job became before it was cut short: the first one of its dataset and actor after it was begun.
///
/// # Errors
/// When the database fails.
pub fn job_run(connection: &mut Connection, job: &ImportJob) -> Result<Option<i64>, StoreError> {
    Ok(import_run::table
        .filter(import_run::id.gt(job.after_run))
        .filter(import_run::dataset.eq(job.dataset.as_str()))
        .filter(import_run::actor.eq(job.actor.as_str()))
        .order(import_run::id)
        .select(import_run::id)
        .first(connection)
        .optional()?)
}
