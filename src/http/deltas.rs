//! The delta of two releases: a file that turns the lines of one into those of the other.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde_json::json;

use super::access::Asker;
use super::caching::Representation;
use super::datasets::{NoParameters, of_release};
use super::files::export_problem;
use super::{App, Problem};
use crate::bulk::Format;
use crate::dataset::Act;

/// The delta of two releases: what to put and delete, so that one becomes the exact bytes of the other
#[utoipa::path(get, path = "/v1/datasets/{id}/delta/{range}", tag = "files",
    params(("id" = String, Path, description = "Dataset id"), ("range" = String, Path, description = "FROM...TO, such as 1.0.0...1.1.0")),
    responses((status = 200, description = "NDJSON: a first line with version, digest and count of both ends; `{\"put\":LINE}` and `{\"delete\":\"KEY\"}` in order of key; `{\"end\":…}`", body = String, content_type = "application/x-ndjson"),
        (status = 206, description = "A range of it", body = String, content_type = "application/x-ndjson"), (status = 304, description = "Unchanged"),
        (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`not-redistributable`, `forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`"), (status = 422, description = "`invalid-parameter`"),
        (status = 503, description = "`database-unavailable`, `queue-full`")))]
pub(super) async fn delta_releases(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, range) = path.into_inner();
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let Some((from, to)) = range.split_once("...") else {
        let members = json!({"parameter": "range", "valid": dataset.all().map(|release| release.version.to_string()).collect::<Vec<_>>()});
        return Err(Problem::with("invalid-parameter", "the path ends with FROM...TO, such as 1.0.0...1.1.0", members));
    };
    let (from, to) = (dataset.resolve(&id, from)?, dataset.resolve(&id, to)?);
    let sight = asker.sight(&app, [from.release.as_ref(), to.release.as_ref()]).await?;
    from.release.permit(&sight.who, Act::ReadNumbers)?;
    to.release.permit(&sight.who, Act::ReadNumbers)?;
    let pinned = from.pinned && to.pinned;
    let name = format!("{id}-{}-{}.delta.ndjson", from.release.version, to.release.version);
    let address = format!("/v1/datasets/{id}/delta/{}...{}", from.release.version, to.release.version);
    let (files, ends) = (app.selections().clone(), (from.release.clone(), to.release.clone()));
    let made = actix_web::web::block(move || files.delta(&ends.0, &ends.1)).await.map_err(|error| Problem::fault(&error))?;
    let file = made.map_err(|error| export_problem(error, Format::Ndjson))?;
    let representation = Representation::stored(Bytes::from_owner(file.bytes), file.digest, "application/x-ndjson").to(sight.audience);
    let representation = representation.header("Content-Disposition", format!("inline; filename=\"{name}\""));
    let representation = if pinned { representation } else { representation.moving().header("Content-Location", address) };
    of_release(representation, &to, None).respond(&request)
}
