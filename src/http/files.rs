//! The files of a release, as stored; those of other formats are made once, when they are first asked for.

use std::sync::Arc;

use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::datasets::{NoParameters, of_release};
use super::{App, Problem, coding};
use crate::bulk::{ExportError, Format};
use crate::canon::Digest;
use crate::dataset::Act;
use crate::release::{APPROVALS_NAME, PublishedRelease, SIDE_FILES, SideFile};

/// A file of a release: `factors.csv`, `factors.ndjson`, `manifest.json`, `SHA256SUMS`; the same factors in other formats,
/// `factors.parquet`, `factors.sqlite`, `factors.xlsx`, `datapackage.json`, which are made when they are first asked for (the
/// first request waits); and what ties it to the log: `release.tlog-proof`, `release.record.json`, `release.places.ndjson`,
/// and `release.approvals` where reviewers signed
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/files/{artefact}", tag = "files",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("artefact" = String, Path, description = "Name of the file")),
    responses((status = 200, description = "The stored bytes", body = Vec<u8>), (status = 206, description = "A range of them"),
        (status = 304, description = "Unchanged"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`not-redistributable`, `forbidden`"),
        (status = 404, description = "`no-artefact`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`"), (status = 503, description = "`queue-full`: too many files are being made")))]
pub(super) async fn get_file(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version, name) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let release = &resolved.release;
    let audience = asker.permit(&app, release, Act::ReadNumbers).await?.audience;
    if let Some(made) = beside(&app, release, &name)? {
        let made = if resolved.pinned { made } else { made.moving() };
        return of_release(named(made, release, &name).to(audience), &resolved, Some(&format!("/files/{name}"))).respond(&request);
    }
    if let Some(format) = Format::derived_from_file_name(&name) {
        let made = named(derived(&app, release, format).await?, release, &name).to(audience);
        let made = if resolved.pinned { made } else { made.moving() };
        return of_release(made, &resolved, Some(&format!("/files/{name}"))).respond(&request);
    }
    let accept = request.headers().get("Accept-Encoding").and_then(|value| value.to_str().ok());
    let coding = coding::choose(accept);
    let file = release.file(&name, coding).or_else(|| release.file(&name, "identity"));
    let file = file.ok_or_else(|| no_artefact(release, &name))?;
    let bytes = Bytes::from_owner(app.ground().blobs().map(file.sha256).map_err(|error| Problem::fault(&error))?);
    let stored = Representation::stored(bytes, file.sha256, &file.media_type).header("Vary", "Accept-Encoding");
    let mut representation = named(stored, release, &file.name).to(audience);
    if file.coding != "identity" {
        representation = representation.header("Content-Encoding", file.coding.clone());
    }
    if !resolved.pinned {
        representation = representation.moving();
    }
    of_release(representation, &resolved, Some(&format!("/files/{name}"))).respond(&request)
}

/// A file that is made of a release; making goes on where whoever asked goes away.
async fn derived(app: &App, release: &Arc<PublishedRelease>, format: Format) -> Result<Representation, Problem> {
    let (files, release) = (app.derived().clone(), release.clone());
    let made = web::block(move || files.get(&release, format)).await;
    let file = made.map_err(|error| Problem::fault(&error))?.map_err(|error| export_problem(error, format))?;
    Ok(Representation::stored(Bytes::from_owner(file.bytes), file.digest, format.media_type()))
}

/// A file that lies beside a release and is neither in its manifest nor in `SHA256SUMS`: it ties the release to the log.
fn beside(app: &App, release: &PublishedRelease, name: &str) -> Result<Option<Representation>, Problem> {
    let found = app.catalogue().side_file(release, name).map_err(|error| Problem::fault(&error))?;
    let Some(file) = found else { return Ok(None) };
    let media_type = match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        _ => "text/plain; charset=utf-8",
    };
    Ok(Some(match file {
        // grows with the log, so it is kept for a short time alone
        SideFile::Moving(text) => Representation::made(text.into_bytes(), media_type, Freshness::Moving),
        SideFile::Fixed(text) => Representation::stored(Bytes::from(text.clone()), Digest::of(text.as_bytes()), media_type),
        SideFile::Stored(digest) => {
            let bytes = app.ground().blobs().map(digest).map_err(|error| Problem::fault(&error))?;
            Representation::stored(Bytes::from_owner(bytes), digest, media_type)
        }
    }))
}

/// Why a file was not made.
pub(super) fn export_problem(error: ExportError, format: Format) -> Problem {
    match error {
        ExportError::Busy => Problem::new("queue-full", error.to_string()),
        ExportError::TooLarge { .. } | ExportError::NotWritten(_) => {
            let others: Vec<&str> = Format::ALL.iter().filter(|other| **other != format).map(|other| other.name()).collect();
            Problem::with("invalid-parameter", error.to_string(), serde_json::json!({"parameter": "format", "valid": others}))
        }
        other => Problem::fault(&other),
    }
}

/// The name under which a client saves the file: ours, never one from an upload.
fn named(representation: Representation, release: &PublishedRelease, name: &str) -> Representation {
    representation.header("Content-Disposition", format!("inline; filename=\"{}-{}-{name}\"", release.dataset, release.version))
}

fn no_artefact(release: &PublishedRelease, name: &str) -> Problem {
    let identity = release.files().iter().filter(|file| file.coding == "identity").map(|file| file.name.as_str());
    let signed = |name: &&str| *name != APPROVALS_NAME || release.record.approvals.is_some();
    let derived = Format::derived().map(|format| -> &str { format.file_name() });
    let names: Vec<&str> = identity.chain(derived).chain(SIDE_FILES.into_iter().filter(signed)).collect();
    let shown: String = name.chars().take(80).collect();
    Problem::with("no-artefact", format!("{} has no file `{shown}`", release.id()), serde_json::json!({"files": names}))
}
