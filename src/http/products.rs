//! Questions about products: CBAM default values, accounting rules, comparison, benchmark.

use actix_web::web::{Data, Path, Query, block};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value};

use super::access::{Asker, Sight};
use super::caching::{Freshness, Representation};
use super::datasets::{NoParameters, freshness, of_release};
use super::{App, Problem};
use crate::product::{
    BenchmarkQuery, CbamQuery, CompareQuery, ProductRefusal, RulesQuery, benchmark, benchmark_scope, cbam_defaults, cbam_scope, compare,
    compare_scope, latest_releases, list_rules, show_rule,
};

fn answered(request: &HttpRequest, sight: &Sight, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(body).map_err(|error| Problem::fault(&error))?;
    Representation::json(body, Freshness::Moving).to(sight.audience).respond(request)
}

/// Runs a question that reads many factors where it keeps no other request waiting.
async fn apart<T: Send + 'static>(ask: impl FnOnce() -> Result<T, ProductRefusal> + Send + 'static) -> Result<T, Problem> {
    Ok(block(ask).await.map_err(|error| Problem::fault(&error))??)
}

/// Which CBAM default value applies to a good of a country in a year
#[utoipa::path(get, path = "/v1/cbam/defaults", tag = "products", params(CbamQuery),
    responses((status = 200, description = "`goods` under the code with their values; `applies` is the one where there is one; without any parameter what can be asked", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`missing-parameter`, `unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `not-redistributable`"), (status = 404, description = "`no-match`, `no-dataset`, `no-release`"),
        (status = 409, description = "`ambiguous`: several datasets hold default values"), (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn cbam(request: HttpRequest, app: Data<App>, asker: Asker, query: Query<CbamQuery>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, cbam_scope(&catalogue, &query)?.iter().map(AsRef::as_ref)).await?;
    let (query, who) = (query.into_inner(), sight.who.clone());
    let found = apart(move || cbam_defaults(&catalogue, &query, &who)).await?;
    let Some(resolved) = &found.resolved else { return answered(&request, &sight, &found.body) };
    let representation = Representation::json(found.body.to_string().into_bytes(), freshness(resolved)).to(sight.audience);
    of_release(representation, resolved, None).respond(&request)
}

/// Accounting rules, those that factors follow and those that are registered, with the national targets
#[utoipa::path(get, path = "/v1/rules", tag = "products", params(RulesQuery),
    responses((status = 200, description = "`{\"rules\":[…],\"total\":N,\"next\":null,\"targets\":{…}}`", body = Object), (status = 304, description = "Unchanged"),
        (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"), (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn rules(request: HttpRequest, app: Data<App>, asker: Asker, query: Query<RulesQuery>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, latest_releases(&catalogue, i64::MAX).iter().map(AsRef::as_ref)).await?;
    answered(&request, &sight, &list_rules(&catalogue, &query, &sight.who)?)
}

/// One accounting rule, with the datasets whose factors follow it
#[utoipa::path(get, path = "/v1/rules/{id}", tag = "products",
    params(("id" = String, Path, description = "Id (`gb-t-24067-2024`), or the number however it is written (`GB/T 24067—2024`)")),
    responses((status = 200, description = "The rule", body = Object), (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 404, description = "`no-rule`")))]
pub(super) async fn rule(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, latest_releases(&catalogue, i64::MAX).iter().map(AsRef::as_ref)).await?;
    answered(&request, &sight, &show_rule(&catalogue, &id, &sight.who)?)
}

/// Where a footprint stands among the factors that it can be compared with
#[utoipa::path(get, path = "/v1/benchmark", tag = "products", params(BenchmarkQuery),
    responses((status = 200, description = "Percentile, ranks, quantiles, histogram, nearest factors and grade; what was left out is counted by reason", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`missing-parameter`, `unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `not-redistributable`"), (status = 404, description = "`no-dataset`, `no-release`"),
        (status = 409, description = "`ambiguous`: the factors differ in what must be equal"), (status = 422, description = "`invalid-parameter`, `too-few`")))]
pub(super) async fn benchmarks(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    query: Query<BenchmarkQuery>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, benchmark_scope(&catalogue, &query)?.iter().map(AsRef::as_ref)).await?;
    let (query, who, grading) = (query.into_inner(), sight.who.clone(), app.grading());
    let found = apart(move || benchmark(&catalogue, &query, &grading, &who)).await?;
    answered(&request, &sight, &found)
}

/// Factors side by side, with their life-cycle stages
#[utoipa::path(get, path = "/v1/compare", tag = "products", params(CompareQuery),
    responses((status = 200, description = "Values in one unit, what they differ in, and stages by code", body = Object), (status = 304, description = "Unchanged"),
        (status = 400, description = "`missing-parameter`, `unknown-parameter`, `bad-request`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `not-redistributable`"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`, `no-match`"),
        (status = 422, description = "`invalid-parameter`, `unit-mismatch`")))]
pub(super) async fn comparison(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    pairs: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let query: CompareQuery = with_repeated(pairs.into_inner(), "factor")?;
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, compare_scope(&catalogue, &query)?.iter().map(AsRef::as_ref)).await?;
    answered(&request, &sight, &compare(&catalogue, &query, &sight.who)?)
}

/// Parameters of which one may be given several times.
fn with_repeated<T: serde::de::DeserializeOwned>(pairs: Vec<(String, String)>, repeated: &str) -> Result<T, Problem> {
    let mut members = Map::new();
    let mut several = Vec::new();
    for (name, value) in pairs {
        if name == repeated {
            several.push(Value::from(value));
        } else if members.insert(name.clone(), Value::from(value)).is_some() {
            let name: String = name.chars().take(80).collect();
            return Err(Problem::new("bad-request", format!("the parameters cannot be read: `{name}` is given twice")));
        }
    }
    members.insert(repeated.to_owned(), several.into());
    serde_json::from_value(Value::Object(members))
        .map_err(|error| Problem::unknown_parameter(&error).unwrap_or_else(|| Problem::new("bad-request", error.to_string())))
}
