//! Imports that were uploaded: they wait in order, run one at a time, and survive a restart of the server.
//!
//! A job that was cut short runs again from its stored upload, once; one that had become an import run before it was cut short
//! is done. Its upload is removed when it has ended.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::submit::draft_difference;
use super::upload::{UploadRefusal, is_zip, unpack};
use super::{DeskError, ImportRequest, Reading, import};
use crate::canon::canonical_value;
use crate::dataset::DatasetId;
use crate::import::Format;
use crate::import::profile::ProfileError;
use crate::release::{Ground, ReleaseError};
use crate::store::{self, ImportJob, JobEnd, JobState, StoreError};

/// The most imports that wait.
pub const MAX_WAITING: usize = 32;

/// The most often that a job is begun.
const MAX_ATTEMPTS: i32 = 2;

/// What nobody's job names is removed after a day.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// An upload that is to be imported.
#[derive(Debug, Clone, Copy)]
pub struct NewUpload<'a> {
    /// Into this dataset's draft.
    pub dataset: &'a DatasetId,
    /// Who uploaded.
    pub actor: &'a str,
    /// The folder below [`Ground::uploads`] that holds the file, and nothing else.
    pub folder: &'a str,
    /// The name of the file in it.
    pub file_name: &'a str,
    /// Its size.
    pub bytes: u64,
    /// The import profile, where one is named, with its facts ([`named_format`]).
    pub profile: Option<&'a str>,
    /// Whether edits of the draft that stands may be thrown away.
    pub discard_edits: bool,
}

/// What came of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobOutcome {
    /// What `tanyin import --json` prints: report and difference.
    #[serde(default)]
    pub import: Option<Value>,
    /// The revision of the draft that it became.
    #[serde(default)]
    pub revision: Option<i64>,
    /// Why nothing was changed.
    #[serde(default)]
    pub message: Option<String>,
}

/// Whether another upload would find room.
///
/// # Errors
/// [`DeskError::QueueFull`].
pub fn expect_room(ground: &Ground) -> Result<(), DeskError> {
    let waiting = ground.database()?.read(|connection| store::job_list(connection, JobState::Queued))?.len();
    if waiting < MAX_WAITING { Ok(()) } else { Err(DeskError::QueueFull(waiting)) }
}

/// Puts an upload among those that wait; gives the number of the import.
///
/// # Errors
/// [`DeskError::QueueFull`]; when the database fails.
pub fn enqueue(ground: &Ground, new: &NewUpload<'_>) -> Result<i64, DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let waiting = store::job_list(connection, JobState::Queued)?.len();
        if waiting >= MAX_WAITING {
            return Err(DeskError::QueueFull(waiting));
        }
        let job = ImportJob {
            id: 0,
            dataset: new.dataset.to_string(),
            actor: new.actor.to_owned(),
            state: JobState::Queued,
            upload: new.folder.to_owned(),
            upload_bytes: i64::try_from(new.bytes).unwrap_or(i64::MAX),
            file_name: new.file_name.to_owned(),
            profile: new.profile.map(str::to_owned),
            discard_edits: new.discard_edits.into(),
            attempts: 0,
            after_run: 0,
            created_at: at.clone(),
            started_at: None,
            finished_at: None,
            run: None,
            outcome_digest: None,
        };
        Ok(store::job_insert(connection, &job)?)
    })
}

/// A job, and what came of it once it has ended.
///
/// # Errors
/// [`DeskError::NoImport`]; when database or files fail.
pub fn job(ground: &Ground, id: i64) -> Result<(ImportJob, JobOutcome), DeskError> {
    let job = ground.database()?.read(|connection| store::job_get(connection, id))?.ok_or(DeskError::NoImport(id))?;
    let outcome = match job.outcome_digest {
        Some(digest) => {
            let damaged =
                |error: serde_json::Error| ReleaseError::Damaged { what: format!("the outcome of import {id}"), why: error.to_string() };
            serde_json::from_slice(&ground.blobs().read(digest)?).map_err(damaged)?
        }
        None => JobOutcome::default(),
    };
    Ok((job, outcome))
}

/// Puts jobs that were cut short where they belong: done, waiting again, or interrupted. Says how many there were.
///
/// # Errors
/// When the database fails.
pub fn recover_jobs(ground: &Ground) -> Result<usize, DeskError> {
    let cut = ground.database()?.read(|connection| store::job_list(connection, JobState::Running))?;
    for job in &cut {
        match ground.database()?.read(|connection| store::job_run(connection, job))? {
            Some(run) => end(ground, job, JobState::Done, Some(run), &finished(ground, job, run)?)?,
            None if job.attempts < MAX_ATTEMPTS => ground.database()?.write(|connection| store::job_requeue(connection, job.id))?,
            None => {
                let message = "it was cut short twice, as the server stopped or lost its database; nothing was changed: upload it again";
                let outcome = JobOutcome { message: Some(message.to_owned()), ..JobOutcome::default() };
                end(ground, job, JobState::Interrupted, None, &outcome)?;
            }
        }
    }
    remove_leftovers(ground)?;
    Ok(cut.len())
}

/// Runs the oldest job that waits; gives its number, or nothing where none does.
///
/// `progress` hears how many rows of which import were read.
///
/// # Errors
/// When the database fails; what is wrong with the upload is the job's outcome.
pub fn run_next(ground: &Ground, progress: &mut dyn FnMut(i64, u64)) -> Result<Option<i64>, DeskError> {
    let database = ground.database()?;
    if database.read(|connection| store::job_list(connection, JobState::Queued))?.is_empty() {
        return Ok(None);
    }
    let at = ground.now();
    let Some(job) = database.write(|connection| store::job_begin(connection, &at))? else { return Ok(None) };
    progress(job.id, 0);
    let done = catch_unwind(AssertUnwindSafe(|| attempt(ground, &job, &mut |rows| progress(job.id, rows))));
    let failed = |message: &str| JobOutcome { message: Some(message.to_owned()), ..JobOutcome::default() };
    let (state, run, outcome) = match done {
        Err(_) => (JobState::Failed, None, failed("the server could not read this file; nothing was changed")),
        // whether it was committed is not known, or cannot be told now
        Ok(Err(error)) if is_passing(&error) => return Err(error),
        Ok(Err(error)) if error.is_refusal() => (JobState::Refused, None, failed(&error.to_string())),
        Ok(Err(error)) => {
            tracing::error!(import = job.id, error = &error as &dyn std::error::Error, "an import failed");
            (JobState::Failed, None, failed("something is broken in the server; its log says what; nothing was changed"))
        }
        Ok(Ok(outcome)) => {
            let (state, run) = if outcome.run.is_some() { (JobState::Done, outcome.run) } else { (JobState::Refused, None) };
            let told = match run {
                Some(run) => finished(ground, &job, run)?,
                None => JobOutcome::default(),
            };
            let import = serde_json::to_value(&outcome).map_err(|error| ReleaseError::Io(error.into()))?;
            (state, run, JobOutcome { import: Some(import), ..told })
        }
    };
    end(ground, &job, state, run, &outcome)?;
    Ok(Some(job.id))
}

fn is_passing(error: &DeskError) -> bool {
    let DeskError::Release(ReleaseError::Store(error)) = error else { return false };
    matches!(error, StoreError::Unavailable { .. } | StoreError::Busy { .. } | StoreError::OutcomeUnknown { .. })
}

fn attempt(ground: &Ground, job: &ImportJob, progress: &mut dyn FnMut(u64)) -> Result<super::ImportOutcome, DeskError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("import {}", job.id), why };
    let dataset: DatasetId = job.dataset.parse().map_err(|_| damaged("its dataset has no name".to_owned()))?;
    let folder = ground.uploads().join(&job.upload);
    if !upload_file(&folder, &job.file_name).is_file() {
        return Err(damaged("what was uploaded is not there any more".to_owned()).into());
    }
    let path = with_unpacked(&folder, &job.file_name, job.profile.is_some())?;
    let (format, facts) = match job.profile.as_deref().map(named_format) {
        Some(named) => named.map(|(format, facts)| (Some(format), facts)).map_err(|error| damaged(error.to_string()))?,
        None => (None, BTreeMap::new()),
    };
    let reading = Reading {
        format: format.as_ref(),
        file_name: Some(&job.file_name).filter(|_| format.is_some()).map(String::as_str),
        facts: Some(&facts),
    };
    let discard_edits = job.discard_edits != 0;
    import(ground, &ImportRequest { path: &path, dataset: &dataset, actor: &job.actor, dry_run: false, discard_edits, reading }, progress)
}

/// What is to be read of an upload: the file as it is, or the package that it holds, unpacked beside it.
pub(super) fn with_unpacked(folder: &Path, file_name: &str, profiled: bool) -> Result<PathBuf, DeskError> {
    let file = upload_file(folder, file_name);
    if profiled || !is_zip(&file).map_err(ReleaseError::Io)? {
        return Ok(file);
    }
    let stem = Path::new(file_name).file_stem().unwrap_or_default();
    let into = folder.join("package").join(stem);
    // a run that was cut short may have left half of it
    drop(std::fs::remove_dir_all(folder.join("package")));
    Ok(unpack(&file, &into)?)
}

/// A shipped format by its name, with the facts that may stand behind it: `us-epa-supply-chain?edition=1.3.0;…`.
///
/// # Errors
/// When no format of this name ships: a path is none.
pub fn named_format(text: &str) -> Result<(Format, BTreeMap<String, String>), ProfileError> {
    let (name, facts) = text.split_once('?').unwrap_or((text, ""));
    // a sender names what ships; the path of a profile is for whoever works on this machine
    if !Format::names().contains(&name) {
        return Err(ProfileError::unknown(name));
    }
    let facts =
        facts.split(';').filter_map(|fact| fact.split_once('=')).map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    Ok((Format::open(name)?, facts.collect()))
}

/// Where the file of an upload lies in its folder.
pub fn upload_file(folder: &Path, file_name: &str) -> PathBuf {
    folder.join("upload").join(file_name)
}

/// What is known of a run: its report, and where the draft stands if it is still this run's.
fn finished(ground: &Ground, job: &ImportJob, run: i64) -> Result<JobOutcome, DeskError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("import run {run}"), why };
    let stored = ground.database()?.read(|connection| store::import_run_get(connection, run))?;
    let stored = stored.ok_or_else(|| damaged("it is not there".to_owned()))?;
    let report = ground.blobs().read(stored.report_digest)?;
    let mut import: Value = serde_json::from_slice(&report).map_err(|error| damaged(error.to_string()))?;
    import["run"] = json!(run);
    let draft = ground.database()?.read(|connection| store::draft_get(connection, &job.dataset))?;
    let revision = draft.filter(|draft| draft.import_run == run).map(|draft| draft.revision);
    if revision.is_some()
        && let Ok(dataset) = job.dataset.parse::<DatasetId>()
    {
        import["difference"] = serde_json::to_value(draft_difference(ground, &dataset)?.1).map_err(|error| damaged(error.to_string()))?;
    }
    Ok(JobOutcome { import: Some(import), revision, message: None })
}

fn end(ground: &Ground, job: &ImportJob, state: JobState, run: Option<i64>, outcome: &JobOutcome) -> Result<(), DeskError> {
    let value = serde_json::to_value(outcome).map_err(|error| ReleaseError::Io(error.into()))?;
    let stored = ground.blobs().put(&canonical_value(&value).map_err(ReleaseError::from)?)?;
    let at = ground.now();
    let ended = JobEnd { state, run, outcome: Some(stored.digest) };
    ground.database()?.write(|connection| store::job_end(connection, job.id, ended, &at))?;
    remove_upload(ground, &job.upload);
    Ok(())
}

/// Removes what was uploaded; what cannot be removed costs space, and nothing else.
pub fn remove_upload(ground: &Ground, folder: &str) {
    let sound = !folder.is_empty() && folder.bytes().all(|b| b.is_ascii_alphanumeric());
    if sound && let Err(error) = std::fs::remove_dir_all(ground.uploads().join(folder)) {
        tracing::warn!(folder, %error, "what was uploaded could not be removed");
    }
}

/// Removes uploads that never became a job.
fn remove_leftovers(ground: &Ground) -> Result<(), DeskError> {
    let named = ground.database()?.read(|connection| {
        let mut jobs = store::job_list(connection, JobState::Queued)?;
        jobs.extend(store::job_list(connection, JobState::Running)?);
        Ok::<_, StoreError>(jobs)
    })?;
    let Ok(entries) = std::fs::read_dir(ground.uploads()) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let changed = entry.metadata().and_then(|data| data.modified()).ok();
        let old = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok()).is_some_and(|age| age > LEFTOVER_AGE);
        if old && !named.iter().any(|job| job.upload == name) {
            remove_upload(ground, &name);
        }
    }
    Ok(())
}

impl From<UploadRefusal> for DeskError {
    fn from(refusal: UploadRefusal) -> Self {
        match refusal {
            UploadRefusal::Io(error) => ReleaseError::Io(error).into(),
            archive @ UploadRefusal::Archive(_) => Self::Upload(archive),
        }
    }
}
