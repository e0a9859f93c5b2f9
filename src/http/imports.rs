//! Imports over HTTP: an upload is streamed to a file, waits its turn, and tells how far it is.

use std::pin::Pin;
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_core::Stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::datasets::NoParameters;
use super::draft::dataset_id;
use super::progress::events;
use super::tokens::{at_the_desk, unkept};
use super::upload::{Upload, sound_name};
use super::{App, Problem};
use crate::dataset::Act;
use crate::desk::{self, DeskError, NewUpload};
use crate::store::{ImportJob, JobState};

/// How long an upload may pause.
const PAUSE: Duration = Duration::from_secs(60);

/// The longest field of a form, beside the file.
const FIELD_BYTES: usize = 1024;

/// What is said of an upload beside its bytes.
#[derive(Deserialize, Default, Clone, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// How the file is read: a shipped profile's name; left out: a package (a .zip), or a table for a dataset that has a release
    profile: Option<String>,
    /// The facts that the profile asks for and the file does not say: `edition=1.3.0;…`
    facts: Option<String>,
    /// The name of the file, where no `Content-Disposition` names it
    file_name: Option<String>,
    /// `true`: edits by hand of the draft that stands may be thrown away
    discard_edits: Option<String>,
}

impl ImportQuery {
    fn discard_edits(&self) -> Result<bool, Problem> {
        match self.discard_edits.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::with(
                "invalid-parameter",
                "`discard_edits` is true or false",
                json!({"parameter": "discard_edits", "valid": ["true", "false"]}),
            )),
        }
    }

    /// The profile that is named, if it is not that of packages.
    fn profile(&self) -> Result<Option<String>, Problem> {
        let facts = self.facts.as_deref().filter(|facts| !facts.is_empty()).map(|facts| format!("?{facts}")).unwrap_or_default();
        match self.profile.as_deref() {
            None | Some("" | "package") => Ok(None),
            Some(name) => {
                desk::named_format(name).map_err(|error| {
                    let members = json!({"parameter": "profile", "valid": crate::import::Format::names()});
                    Problem::with("invalid-parameter", format!("`profile`: {error}"), members)
                })?;
                Ok(Some(format!("{name}{facts}")))
            }
        }
    }

    /// Takes a field of a form; one that the address has already may not say something else.
    fn take(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let place = match name {
            "profile" => &mut self.profile,
            "facts" => &mut self.facts,
            "file_name" => &mut self.file_name,
            "discard_edits" => &mut self.discard_edits,
            _ => {
                let shown: String = name.chars().take(80).collect();
                let members = json!({"parameter": shown, "valid": ["file", "profile", "facts", "file_name", "discard_edits"]});
                return Err(Problem::with("unknown-parameter", format!("the form has no field `{shown}`"), members));
            }
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(Problem::new("bad-request", format!("`{name}` is given twice"))),
        }
    }
}

/// Uploads a file to be imported into the dataset's draft
///
/// The body is the file itself, or a form (`multipart/form-data`) with one file and the parameters as fields. A package is a
/// .zip that holds `datapackage.json` and its table; a dataset that has a release also takes the table alone.
#[utoipa::path(post, path = "/v1/datasets/{id}/imports", tag = "drafts", security(("token" = [])),
    params(("id" = String, Path, description = "Dataset id"), ImportQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, description = "It waits: `Location` says where it is followed", body = Object), (status = 400, description = "`bad-request`, `unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-dataset`"),
        (status = 413, description = "`body-too-large`"), (status = 422, description = "`invalid-parameter`"),
        (status = 503, description = "`queue-full`, `database-unavailable`")))]
pub(super) async fn start_import(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    query: Query<ImportQuery>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Prepare, &dataset)?.to_owned();
    let mut said = query.into_inner();
    // refused before a byte is received
    said.discard_edits()?;
    said.profile()?;
    let limit = app.max_upload();
    let declared =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    at_the_desk(&app, |app| desk::expect_room(app.ground())).await?;
    let mut upload = Upload::begin(app.ground().clone(), limit).await?;
    let is_form =
        request.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"));
    let named = if is_form {
        let form = Multipart::new(request.headers(), payload);
        receive_form(form, &mut upload, &mut said).await?
    } else {
        receive_body(payload, &mut upload).await?;
        disposition_name(&request)
    };
    let (discard_edits, profile) = (said.discard_edits()?, said.profile()?);
    let file_name = match said.file_name.or(named) {
        Some(name) => sound_name(&name)?,
        None => "upload.csv".to_owned(),
    };
    if upload.bytes() == 0 {
        return Err(Problem::new("bad-request", "the upload is empty: the body is the file"));
    }
    let finished = upload.finish(file_name).await?;
    let number = at_the_desk(&app, move |app| {
        let new = NewUpload {
            dataset: &dataset,
            actor: &actor,
            folder: finished.folder(),
            file_name: finished.file_name(),
            bytes: finished.bytes(),
            profile: profile.as_deref(),
            discard_edits,
        };
        let number = desk::enqueue(app.ground(), &new)?;
        finished.keep();
        Ok::<_, DeskError>(number)
    })
    .await?;
    app.imports().wake();
    let place = format!("/v1/imports/{number}");
    let body = json!({"import": number, "state": "queued", "href": place, "events": format!("{place}/events")});
    Ok(unkept(HttpResponse::Accepted()).insert_header((header::LOCATION, place)).json(body))
}

fn too_large(limit: u64) -> Problem {
    Problem::new("body-too-large", format!("an upload has at most {limit} bytes"))
}

pub(super) fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    let detail: String = error.to_string().chars().take(200).collect();
    Problem::new("bad-request", format!("the upload does not read: {detail}"))
}

/// The next part of a stream, unless it pauses for too long.
pub(super) async fn next<S: Stream + Unpin>(stream: &mut S) -> Result<Option<S::Item>, Problem> {
    let part = std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
    timeout(PAUSE, part).await.map_err(|_| Problem::new("bad-request", "the upload paused for a minute, and was given up"))
}

async fn receive_body(mut payload: Payload, upload: &mut Upload) -> Result<(), Problem> {
    while let Some(part) = next(&mut payload).await? {
        let part: Bytes = part.map_err(|error| unreadable(&error))?;
        upload.write(&part).await?;
    }
    Ok(())
}

/// Reads a form to its end: one file, and fields before or after it; gives the file's own name.
async fn receive_form(mut form: Multipart, upload: &mut Upload, said: &mut ImportQuery) -> Result<Option<String>, Problem> {
    let mut named = None;
    let mut files = 0;
    while let Some(field) = next(&mut form).await? {
        let mut field = field.map_err(|error| unreadable(&error))?;
        let disposition = field.content_disposition().cloned();
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = disposition.as_ref().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        if file_name.is_some() || name == "file" {
            files += 1;
            if files > 1 {
                return Err(Problem::new("bad-request", "the form holds several files: upload one at a time"));
            }
            named = file_name;
            while let Some(part) = next(&mut field).await? {
                let part: Bytes = part.map_err(|error| unreadable(&error))?;
                upload.write(&part).await?;
            }
        } else {
            let value = small_field(&mut field).await?;
            said.take(&name, value)?;
        }
    }
    if files == 0 {
        return Err(Problem::new("bad-request", "the form holds no file: send it as the field `file`"));
    }
    Ok(named.filter(|name| !name.is_empty()))
}

pub(super) async fn small_field(field: &mut Field) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(part) = next(field).await? {
        let part: Bytes = part.map_err(|error| unreadable(&error))?;
        if bytes.len() + part.len() > FIELD_BYTES {
            return Err(Problem::new("bad-request", format!("a field of the form has more than {FIELD_BYTES} bytes")));
        }
        bytes.extend_from_slice(&part);
    }
    String::from_utf8(bytes).map_err(|_| Problem::new("bad-request", "a field of the form is not UTF-8"))
}

fn disposition_name(request: &HttpRequest) -> Option<String> {
    let raw = request.headers().get(header::CONTENT_DISPOSITION)?;
    let disposition = header::ContentDisposition::from_raw(raw).ok()?;
    let extended = disposition.get_filename_ext().and_then(|name| String::from_utf8(name.value.clone()).ok());
    extended.or_else(|| disposition.get_filename().map(str::to_owned))
}

/// The number of an import in an address.
pub(super) fn number(text: &str) -> Result<i64, Problem> {
    let shown: String = text.chars().take(40).collect();
    let sound = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| sound).ok_or_else(|| Problem::new("no-import", format!("there is no import `{shown}`")))
}

/// An import, as far as the caller may see it.
async fn seen_job(caller: &Caller, app: &Data<App>, id: &str) -> Result<(ImportJob, desk::JobOutcome), Problem> {
    caller.may_anywhere(Act::ReadDraft)?;
    let number = number(id)?;
    let (job, outcome) = at_the_desk(app, move |app| desk::job(app.ground(), number)).await?;
    caller.may(Act::ReadDraft, &dataset_id(&job.dataset)?)?;
    Ok((job, outcome))
}

/// How far an import is, and what came of it
#[utoipa::path(get, path = "/v1/imports/{number}", tag = "drafts", security(("token" = [])), params(("number" = String, Path, description = "Number of the import")),
    responses((status = 200, description = "State, rows read so far; once it has ended, counts, findings, difference and the draft's revision", body = Object),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-import`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn show_import(caller: Caller, app: Data<App>, id: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let (job, outcome) = seen_job(&caller, &app, &id).await?;
    let mut object = json!({
        "import": job.id, "dataset": job.dataset, "state": job.state.as_str(), "by": job.actor, "file_name": job.file_name,
        "bytes": job.upload_bytes, "profile": job.profile, "created_at": job.created_at, "started_at": job.started_at,
        "finished_at": job.finished_at, "attempts": job.attempts, "rows": app.imports().rows(job.id).unwrap_or(0),
        "run": job.run, "revision": outcome.revision, "difference": Value::Null, "message": outcome.message
    });
    if let (Some(members), Some(Value::Object(import))) = (object.as_object_mut(), outcome.import) {
        members.extend(import);
    }
    Ok(unkept(HttpResponse::Ok()).json(object))
}

/// The same as it happens: `progress` with the rows read, then `end` with the state (text/event-stream)
#[utoipa::path(get, path = "/v1/imports/{number}/events", tag = "drafts", security(("token" = [])), params(("number" = String, Path, description = "Number of the import")),
    responses((status = 200, description = "Events; the stream ends with the import", body = String, content_type = "text/event-stream"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-import`"),
        (status = 503, description = "`queue-full`, `database-unavailable`")))]
pub(super) async fn import_events(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (job, _) = seen_job(&caller, &app, &id).await?;
    let mut response = unkept(HttpResponse::Ok());
    response.content_type("text/event-stream").insert_header(("X-Accel-Buffering", "no"));
    if request.method() == actix_web::http::Method::HEAD {
        return Ok(response.finish());
    }
    let listener = app.imports().listen().ok_or_else(|| Problem::new("queue-full", "too many listen already: ask /v1/imports/{number}"))?;
    Ok(response.streaming(events(app, listener, job.id)))
}

/// Whether nothing more happens to a job.
pub(super) fn has_ended(state: JobState) -> bool {
    !matches!(state, JobState::Queued | JobState::Running)
}

/// Away from the threads that answer.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    web::block(work).await.map_err(|error| Problem::fault(&error))
}
