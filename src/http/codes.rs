//! Classification codes: the schemes, and what stands under a code.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::datasets::NoParameters;
use super::{App, Problem};
use crate::dataset::{Act, Principal};
use crate::lookup::envelope;
use crate::product::{CodesQuery, FoundFactor, code_page, code_scope, latest_releases, schemes};
use crate::release::ReleaseRef;

/// The classification schemes, with counts of codes and factors
#[utoipa::path(get, path = "/v1/codes", tag = "products",
    responses((status = 200, description = "`{\"schemes\":[…]}`: listed schemes with title, publisher, form of their codes and crosswalks; then those of datasets' own", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`")))]
pub(super) async fn list_schemes(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, latest_releases(&catalogue, i64::MAX).iter().map(AsRef::as_ref)).await?;
    let body = schemes(&catalogue, &sight.who).to_string().into_bytes();
    Representation::json(body, Freshness::Moving).to(sight.audience).respond(&request)
}

/// Factors under a code: by the code itself, by codes below it, and by crosswalk
#[utoipa::path(get, path = "/v1/codes/{scheme}/{code}", tag = "products",
    params(("scheme" = String, Path, description = "Id of a scheme (`hs-2022`), another name of it, or a family (`hs`) for all its editions"),
        ("code" = String, Path, description = "The code; dots, blanks and full-width digits are read"), CodesQuery),
    responses((status = 200, description = "`{\"asked\":[…],\"factors\":[…],\"total\":N,\"next\":null}`; each factor says how it `matched`", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `not-redistributable`"), (status = 404, description = "`no-scheme`, `no-dataset`, `no-release`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn show_code(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    query: Query<CodesQuery>,
) -> Result<HttpResponse, Problem> {
    let (scheme, code) = path.into_inner();
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, code_scope(&catalogue, &query)?.iter().map(AsRef::as_ref)).await?;
    let page = code_page(&catalogue, (&scheme, &code), &query, &sight.who)?;
    let asked: Vec<Value> = page.asked.iter().map(|(scheme, code)| json!({"scheme": scheme, "code": code})).collect();
    let mut body = format!("{{\"asked\":{},\"factors\":[", Value::from(asked)).into_bytes();
    for (place, item) in page.items.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend(told(item, &sight.who)?);
    }
    let rest = json!({"total": page.total, "relations": page.relations, "nearest": page.nearest, "next": page.next}).to_string();
    body.extend_from_slice(b"],");
    body.extend_from_slice(rest.as_bytes().get(1..).unwrap_or_default());
    Representation::json(body, Freshness::Moving).to(sight.audience).respond(&request)
}

/// A factor as `/v1/factors` tells it, with how it was found; without its numbers where they may not be passed on.
fn told(item: &FoundFactor, who: &Principal) -> Result<Vec<u8>, Problem> {
    let release = &item.release;
    if release.may(who, Act::ReadNumbers).is_err() {
        let (factor, cite) = release.told_of_factor(item.number).map_err(|error| Problem::fault(&error))?;
        let named = json!({"dataset": release.dataset, "version": release.version.to_string(), "withdrawn": release.withdrawn});
        let licences: Vec<&str> = release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect();
        let told = json!({
            "factor": factor, "release": named, "matched": item.matched, "redistribution": release.redistribution(), "licences": licences,
            "cite": cite,
        });
        return Ok(told.to_string().into_bytes());
    }
    let damaged = || {
        let why = format!("line {} of {} is not as it was released", item.number + 1, release.id());
        Problem::fault(&crate::lookup::LookupRefusal::Damaged(why))
    };
    let digest = release.data.digest(item.number).ok_or_else(damaged)?;
    let around = json!({"digest": digest, "release": ReleaseRef::of(release), "matched": item.matched});
    Ok(envelope(&release.data.line(item.number), &around)?)
}
