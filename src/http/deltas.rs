//! The delta of two releases: a file that turns the lines of one into those of the other.

use std::io::{BufWriter, Write};
use std::path::Path as FilePath;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde_json::json;

use super::access::Asker;
use super::caching::Representation;
use super::datasets::{NoParameters, of_release};
use super::{App, Problem};
use crate::bulk::{DELTA_FORMAT, DeltaHead, delta_end, write_delta};
use crate::canon::{Digest, HashingReader};
use crate::dataset::Act;
use crate::release::{PublishedRelease, ReleaseError};
use crate::store::Mapped;

/// The delta of two releases: what to put and delete, so that one becomes the exact bytes of the other
#[utoipa::path(get, path = "/v1/datasets/{id}/delta/{range}", tag = "files",
    params(("id" = String, Path, description = "Dataset id"), ("range" = String, Path, description = "FROM...TO, such as 1.0.0...1.1.0")),
    responses((status = 200, description = "NDJSON: a first line with version, digest and count of both ends; `{\"put\":LINE}` and `{\"delete\":\"KEY\"}` in order of key; `{\"end\":…}`", body = String, content_type = "application/x-ndjson"),
        (status = 206, description = "A range of it", body = String, content_type = "application/x-ndjson"), (status = 304, description = "Unchanged"),
        (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`not-redistributable`, `forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`"), (status = 422, description = "`invalid-parameter`"),
        (status = 503, description = "`database-unavailable`")))]
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
    let (ends, folder) = ((from.release.clone(), to.release.clone()), app.ground().indexes().to_owned());
    let made = actix_web::web::block(move || make(&ends.0, &ends.1, &folder)).await.map_err(|error| Problem::fault(&error))?;
    let (bytes, digest) = made.map_err(|error| Problem::fault(&error))?;
    let representation = Representation::stored(bytes, digest, "application/x-ndjson").to(sight.audience);
    let representation = representation.header("Content-Disposition", format!("inline; filename=\"{name}\""));
    let representation = if pinned { representation } else { representation.moving().header("Content-Location", address) };
    of_release(representation, &to, None).respond(&request)
}

/// Makes the delta in a file without a name and maps it, so that its size does not weigh on the memory of the server.
fn make(from: &PublishedRelease, to: &PublishedRelease, folder: &FilePath) -> Result<(Bytes, Digest), ReleaseError> {
    let end = |release: &PublishedRelease| {
        delta_end(release).ok_or_else(|| ReleaseError::Damaged { what: release.id(), why: "it lists no factors.ndjson".to_owned() })
    };
    let head = DeltaHead { delta: DELTA_FORMAT, dataset: from.dataset.clone(), from: end(from)?, to: end(to)? };
    // a server that only reads may have no folder of its own
    let file = tempfile::NamedTempFile::new_in(folder).or_else(|_| tempfile::NamedTempFile::new())?;
    let mut out = BufWriter::with_capacity(1 << 16, file.as_file());
    write_delta(&head, (from.data.lines(), to.data.lines()), &mut out)?;
    out.flush()?;
    drop(out);
    let mut reader = HashingReader::new(file.reopen()?);
    std::io::copy(&mut reader, &mut std::io::sink())?;
    let digest = reader.finish().0;
    Ok((Bytes::from_owner(Mapped::open(file.path())?), digest))
}
