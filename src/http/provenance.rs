//! Where a number came from, and the file that it was imported from.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::access::Asker;
use super::caching::Representation;
use super::datasets::{NoParameters, freshness, of_release};
use super::factors::find_factor;
use super::{App, Problem};
use crate::audit::{self, prov_json, provenance};
use crate::dataset::Act;

/// The parameters of a provenance.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProvenanceQuery {
    /// `json`, or `prov` for W3C PROV-JSON
    format: Option<String>,
}

/// Where a number came from: line, cell, file, document, import, approvals, leaf, checkpoint
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/provenance/{key}", tag = "factors",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("key" = String, Path, description = "Key; `/` and `%2F` are equal"), ProvenanceQuery),
    responses((status = 200, description = "The walk from the number to its source, or a PROV-JSON document", body = Object), (status = 304, description = "Unchanged"),
        (status = 400, description = "`unknown-parameter`"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn show_provenance(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String, String)>,
    query: Query<ProvenanceQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, version, key) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let sight = asker.look(&app, &resolved.release).await?;
    let number = find_factor(&resolved.release, &key)?;
    sight.numbers(&resolved.release, number)?;
    let prov = match query.format.as_deref() {
        None | Some("json") => false,
        Some("prov") => true,
        Some(other) => {
            let given: String = other.chars().take(80).collect();
            let members = json!({"parameter": "format", "given": given, "valid": ["json", "prov"]});
            return Err(Problem::with("invalid-parameter", "`format`: it is none of its values", members));
        }
    };
    let found = provenance(app.ground(), &catalogue, &resolved.release, number, &sight.who).map_err(|error| Problem::fault(&error))?;
    let body = if prov { serde_json::to_vec(&prov_json(&found)) } else { serde_json::to_vec(&found) };
    let body = body.map_err(|error| Problem::fault(&error))?;
    let rest = format!("/provenance/{key}{}", if prov { "?format=prov" } else { "" });
    // the checkpoint grows with the log, so no provenance is kept for long
    of_release(Representation::json(body, freshness(&resolved)).to(sight.audience), &resolved, Some(&rest)).respond(&request)
}

/// The file that a release was imported from, as it was read
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/source", tag = "files",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest")),
    responses((status = 200, description = "The stored bytes", body = Vec<u8>), (status = 206, description = "A range of them"),
        (status = 304, description = "Unchanged"), (status = 403, description = "`not-redistributable`, `forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`, `no-source-file`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`")))]
pub(super) async fn source_file(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    let resolved = app.catalogue().dataset(&id)?.resolve(&id, &version)?;
    let release = &resolved.release;
    let sight = asker.permit(&app, release, Act::ReadSource).await?;
    let file = audit::source_file(app.ground(), release, &sight.who);
    let members = json!({"digest": file.digest, "bytes": file.bytes, "source": &release.manifest.metadata.sources});
    if !file.kept {
        let detail = format!("the file that {} was imported from, {}, is not kept here", release.id(), file.digest);
        return Err(Problem::with("no-source-file", detail, members));
    }
    let bytes = Bytes::from_owner(app.ground().blobs().map(file.digest).map_err(|error| Problem::fault(&error))?);
    // a package's table was read as UTF-8 CSV; of any other file only its bytes are known
    let (media_type, ending) = match release.record.import.profile.as_str() {
        "package" => ("text/csv; charset=utf-8", "csv"),
        _ => ("application/octet-stream", "bin"),
    };
    let name = format!("attachment; filename=\"{}-{}-source.{ending}\"", release.dataset, release.version);
    let stored = Representation::stored(bytes, file.digest, media_type).header("Content-Disposition", name).to(sight.audience);
    let stored = if resolved.pinned { stored } else { stored.moving() };
    of_release(stored, &resolved, Some("/source")).respond(&request)
}
