//! What is built on a release or on one of its factors.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::datasets::of_release;
use super::factors::no_factor;
use super::{App, Problem};
use crate::dataset::Act;
use crate::release::DependentsOf;
use crate::search::{page_limit, read_cursor, write_cursor};

/// The parameters of a list of dependents.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DependentsQuery {
    /// `true`: over any number of steps, as if left out; `false`: only what names it directly
    transitive: Option<String>,
    /// Factors a page, 1 to 1000; 50 if left out
    limit: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// What is built on anything in a release, in other releases
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/dependents", tag = "datasets",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"), DependentsQuery),
    responses((status = 200, description = "`{\"dependents\":[…],\"total\":N,\"next\":null}`, in order of distance, dataset, version and key", body = DependentsPage),
        (status = 400, description = "`unknown-parameter`"), (status = 404, description = "`no-dataset`, `no-release`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn release_dependents(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    query: Query<DependentsQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    dependents(&request, (&app, &asker), (&id, &version, None), &query).await
}

/// What is built on one factor of a release
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/dependents/{key}", tag = "factors",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("key" = String, Path, description = "Key; `/` and `%2F` are equal"), DependentsQuery),
    responses((status = 200, description = "`{\"dependents\":[…],\"total\":N,\"next\":null}`, in order of distance, dataset, version and key", body = DependentsPage),
        (status = 400, description = "`unknown-parameter`"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn factor_dependents(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String, String)>,
    query: Query<DependentsQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, version, key) = path.into_inner();
    dependents(&request, (&app, &asker), (&id, &version, Some(&key)), &query).await
}

/// A page of dependents.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct DependentsPage {
    dependents: Vec<crate::release::Dependent>,
    /// How many there are in all.
    total: usize,
    /// Cursor of the next page.
    next: Option<String>,
}

async fn dependents(
    request: &HttpRequest,
    (app, asker): (&App, &Asker),
    (id, version, key): (&str, &str, Option<&str>),
    query: &DependentsQuery,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (facts, offset) = read_cursor(filled(&query.cursor).as_deref(), catalogue.facts())?;
    let limit = page_limit(filled(&query.limit).as_deref())?;
    let transitive = match filled(&query.transitive).as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(other) => {
            let given: String = other.chars().take(80).collect();
            let members = json!({"parameter": "transitive", "given": given, "valid": ["true", "false"]});
            return Err(Problem::with("invalid-parameter", "`transitive`: it is none of its values", members));
        }
    };
    let resolved = catalogue.dataset(id)?.resolve_as_of(id, version, facts)?;
    let release = &resolved.release;
    // what is built on it may stand in any dataset
    let sight = asker.sight(app, catalogue.releases().map(AsRef::as_ref)).await?;
    release.permit(&sight.who, Act::ReadNames)?;
    if let Some(key) = key.filter(|key| release.data.find(key).is_none()) {
        return Err(no_factor(release, key));
    }
    let found = catalogue.dependents_as_of(DependentsOf { dataset: id, version: &release.version, key }, transitive, &sight.who, facts);
    let dependents = found.page(offset, limit);
    let seen = offset.saturating_add(dependents.len());
    let next = (!dependents.is_empty() && seen < found.len()).then(|| write_cursor(facts, seen));
    let page = DependentsPage { dependents, total: found.len(), next };
    let body = serde_json::to_vec(&page).map_err(|error| Problem::fault(&error))?;
    let rest = key.map_or_else(|| "/dependents".to_owned(), |key| format!("/dependents/{key}"));
    of_release(Representation::json(body, Freshness::Moving).to(sight.audience), &resolved, Some(&rest)).respond(request)
}
