//! The certificate of one number, as a page to be printed.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::access::Asker;
use super::address::public_base;
use super::caching::Representation;
use super::datasets::{NoParameters, freshness, of_release};
use super::factors::find_factor;
use super::{App, Problem};
use crate::audit::provenance;
use crate::web::{PAGE_POLICY, certificate};

/// The certificate of one number: one A4 page in Chinese and English
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/certificate/{key}", tag = "factors",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("key" = String, Path, description = "Key; `/` and `%2F` are equal")),
    responses((status = 200, description = "The page, without scripts or anything from elsewhere", content_type = "text/html", body = String),
        (status = 304, description = "Unchanged"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`")))]
pub(super) async fn show_certificate(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version, key) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let sight = asker.look(&app, &resolved.release).await?;
    let number = find_factor(&resolved.release, &key)?;
    sight.numbers(&resolved.release, number)?;
    let found = provenance(app.ground(), &catalogue, &resolved.release, number, &sight.who).map_err(|error| Problem::fault(&error))?;
    let base = public_base(&app, &request);
    let page = certificate(&found, &resolved.release, base.as_deref()).map_err(|error| Problem::fault(&error))?;
    let representation = Representation::made(page.into_bytes(), "text/html; charset=utf-8", freshness(&resolved))
        .header("Content-Security-Policy", PAGE_POLICY)
        .header("Referrer-Policy", "no-referrer")
        .header("Vary", "X-Forwarded-Proto")
        .to(sight.audience);
    of_release(representation, &resolved, Some(&format!("/certificate/{key}"))).respond(&request)
}
