//! The files of a release, as stored: no byte is made for an answer.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::caching::Representation;
use super::datasets::{NoParameters, of_release};
use super::{App, Problem, coding};

/// A file of a release: `factors.csv`, `factors.ndjson`, `manifest.json`, `SHA256SUMS`
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/files/{artefact}", tag = "files",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("artefact" = String, Path, description = "Name of the file")),
    responses((status = 200, description = "The stored bytes", body = Vec<u8>), (status = 206, description = "A range of them"),
        (status = 304, description = "Unchanged"), (status = 404, description = "`no-artefact`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`")))]
pub(super) async fn get_file(
    request: HttpRequest,
    app: Data<App>,
    path: Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version, name) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let release = &resolved.release;
    let accept = request.headers().get("Accept-Encoding").and_then(|value| value.to_str().ok());
    let coding = coding::choose(accept);
    let file = release.file(&name, coding).or_else(|| release.file(&name, "identity"));
    let file = file.ok_or_else(|| {
        let names: Vec<&str> = release.files().iter().filter(|file| file.coding == "identity").map(|file| file.name.as_str()).collect();
        let shown: String = name.chars().take(80).collect();
        Problem::with("no-artefact", format!("{} has no file `{shown}`", release.id()), serde_json::json!({"files": names}))
    })?;
    let bytes = Bytes::from_owner(app.ground().blobs().map(file.sha256).map_err(|error| Problem::fault(&error))?);
    let mut representation = Representation::stored(bytes, file.sha256, &file.media_type)
        .header("Vary", "Accept-Encoding")
        .header("Content-Disposition", format!("inline; filename=\"{}-{}-{}\"", release.dataset, release.version, file.name));
    if file.coding != "identity" {
        representation = representation.header("Content-Encoding", file.coding.clone());
    }
    if !resolved.pinned {
        representation = representation.moving();
    }
    of_release(representation, &resolved, Some(&format!("/files/{name}"))).respond(&request)
}
