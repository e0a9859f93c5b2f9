//! Climatiq's addresses and shapes, for clients that change one address: search, estimate, data versions.
//!
//! A key of that service is none here: it is not refused, and opens nothing. A token of this server that is not known, or cannot
//! be looked up, is refused, for the answer without it might be another. Errors are in that service's shape.

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::access::{Asker, Audience, Sight};
use super::body::Arriving;
use super::caching::{Freshness, Representation};
use super::{App, Problem};
use crate::compat::{self, CompatRefusal, DataVersions, EstimateAnswer, SearchAnswer};
use crate::dataset::Principal;
use crate::desk::TOKEN_PREFIX;
use crate::release::Catalogue;

/// The largest body, in bytes.
const BODY_BYTES: usize = 1 << 20;

/// The parameters of a search; several values are parted by commas.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape of the parameters, for the document")]
pub(super) struct SearchParameters {
    /// `^6` for what stands now, `6` for what stood when the log had six facts
    data_version: String,
    /// Words
    query: Option<String>,
    /// Activity; a trailing `*` stands for any rest
    activity_id: Option<String>,
    /// Id of one factor
    id: Option<String>,
    /// Last part of the category
    category: Option<String>,
    /// `1`, `2`, `3`, `outside`
    scope: Option<String>,
    /// First part of the category
    sector: Option<String>,
    /// Publisher of the document
    source: Option<String>,
    /// Dataset id or title
    source_dataset: Option<String>,
    /// Data year
    year: Option<String>,
    /// Region code, `GLOBAL` for the world; a trailing `*` stands for any rest
    region: Option<String>,
    /// `Energy`, `Weight`, …
    unit_type: Option<String>,
    /// System boundary
    source_lca_activity: Option<String>,
    /// `ar4`, `ar5`, `ar6`
    calculation_method: Option<String>,
    /// Flags that a factor may carry; blank for none
    allowed_data_quality_flags: Option<String>,
    /// `public`, `private`, `premium`
    access_type: Option<String>,
    /// Page, from 1
    page: Option<u32>,
    /// Results a page, 1 to 500; 20 if left out
    results_per_page: Option<u32>,
}

/// Which factor, and how much
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape of the body, for the document")]
pub(super) struct EstimateBody {
    /// `data_version` and `activity_id`, or `id`; beside them `source`, `source_dataset`, `region`, `region_fallback`, `year`,
    /// `year_fallback`, `source_lca_activity`, `calculation_method`, `allowed_data_quality_flags`.
    #[schema(value_type = Object)]
    emission_factor: serde_json::Value,
    /// Those of the factor's unit type: `energy` and `energy_unit`.
    #[schema(value_type = Object)]
    parameters: serde_json::Value,
}

/// Results of a batch
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape of the answer, for the document")]
pub(super) struct EstimateResults {
    /// Estimates and refusals, in order.
    #[schema(value_type = Vec<Object>)]
    results: Vec<serde_json::Value>,
}

/// Climatiq-shaped search
#[utoipa::path(get, path = "/compat/climatiq/data/v1/search", tag = "compat", params(SearchParameters),
    responses((status = 200, description = "A page of factors, and the filters that leave some", body = SearchAnswer),
        (status = 304, description = "Unchanged"),
        (status = 400, description = "What is wrong with which parameter", body = CompatRefusal),
        (status = 412, description = "`precondition-failed`", body = CompatRefusal)))]
pub(super) async fn climatiq_search(request: HttpRequest, app: Data<App>, asker: Asker) -> HttpResponse {
    let parameters = match Query::<Vec<(String, String)>>::from_query(request.query_string()) {
        Ok(parameters) => parameters.into_inner(),
        Err(error) => return refused(CompatRefusal::new("invalid_input", format!("the parameters cannot be read: {error}"))),
    };
    let catalogue = app.catalogue();
    let sight = match sight(&request, &asker, &app, &catalogue).await {
        Ok(sight) => sight,
        Err(problem) => return refused(of_problem(&problem)),
    };
    let who = sight.who.clone();
    let found = off_thread(&app, move || compat::search(&catalogue, &parameters, &who)).await;
    match found.and_then(|found| serde_json::to_vec(&found).map_err(|error| CompatRefusal::fault(error.to_string()))) {
        Ok(body) => answered(&request, body, sight.audience),
        Err(refusal) => refused(refusal),
    }
}

/// Climatiq-shaped estimate
#[utoipa::path(post, path = "/compat/climatiq/data/v1/estimate", tag = "compat", request_body = EstimateBody,
    responses((status = 200, description = "The CO2e of the amount", body = EstimateAnswer),
        (status = 400, description = "What is wrong with which member", body = CompatRefusal),
        (status = 413, description = "The body is too large", body = CompatRefusal)))]
pub(super) async fn climatiq_estimate(request: HttpRequest, app: Data<App>, asker: Asker, body: Arriving) -> HttpResponse {
    computed(&request, &app, &asker, body, |catalogue, body, who| {
        let answer = compat::estimate(catalogue, body, who)?;
        serde_json::to_string(&answer).map_err(|error| CompatRefusal::fault(error.to_string()))
    })
    .await
}

/// Climatiq-shaped batch of up to a hundred estimates
#[utoipa::path(post, path = "/compat/climatiq/data/v1/estimate/batch", tag = "compat",
    request_body(content = Vec<EstimateBody>, content_type = "application/json"),
    responses((status = 200, description = "`{\"results\":[…]}`: an estimate or a refusal each, in order", body = EstimateResults),
        (status = 400, description = "The body is no list, or too long a one", body = CompatRefusal),
        (status = 413, description = "The body is too large", body = CompatRefusal)))]
pub(super) async fn climatiq_estimate_batch(request: HttpRequest, app: Data<App>, asker: Asker, body: Arriving) -> HttpResponse {
    computed(&request, &app, &asker, body, compat::estimate_batch).await
}

/// Climatiq-shaped data versions
#[utoipa::path(get, path = "/compat/climatiq/data/v1/data-versions", tag = "compat",
    responses((status = 200, description = "The latest data version: the number of public facts in the log", body = DataVersions),
        (status = 304, description = "Unchanged"), (status = 400, description = "A parameter was given", body = CompatRefusal),
        (status = 412, description = "`precondition-failed`", body = CompatRefusal)))]
pub(super) async fn climatiq_data_versions(request: HttpRequest, app: Data<App>) -> HttpResponse {
    if let Some(refusal) = no_parameters(&request) {
        return refused(refusal);
    }
    match serde_json::to_vec(&compat::data_versions(&app.catalogue())) {
        Ok(body) => answered(&request, body, Audience::Everybody),
        Err(error) => refused(CompatRefusal::fault(error.to_string())),
    }
}

/// Reads a body, and answers it off the threads that listen.
///
/// The body's media type is not looked at: that service's own examples send JSON as a form.
async fn computed<F>(request: &HttpRequest, app: &Data<App>, asker: &Asker, body: Arriving, compute: F) -> HttpResponse
where
    F: FnOnce(&Catalogue, &[u8], &Principal) -> Result<String, CompatRefusal> + Send + 'static,
{
    let bytes = match body.read_or(BODY_BYTES, |problem| refused(of_problem(&problem))).await {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    if let Some(refusal) = no_parameters(request) {
        return refused(refusal);
    }
    let catalogue = app.catalogue();
    let sight = match sight(request, asker, app, &catalogue).await {
        Ok(sight) => sight,
        Err(problem) => return refused(of_problem(&problem)),
    };
    match off_thread(app, move || compute(&catalogue, &bytes, &sight.who)).await {
        Ok(body) => HttpResponse::Ok().content_type("application/json").insert_header(("Cache-Control", "no-store")).body(body),
        Err(refusal) => refused(refusal),
    }
}

async fn off_thread<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> Result<T, CompatRefusal> + Send + 'static,
) -> Result<T, CompatRefusal> {
    app.searches().take(work).await.map_err(|problem| CompatRefusal::fault(problem.to_string()))?
}

/// For whom to read: the holder of a token of this server, else everybody.
///
/// # Errors
/// Where a text that looks like a token of this server is none that is known, or cannot be looked up, and it matters.
async fn sight(request: &HttpRequest, asker: &Asker, app: &App, catalogue: &Catalogue) -> Result<Sight, Problem> {
    match asker.sight(app, catalogue.releases().map(AsRef::as_ref)).await {
        Err(problem) if shows_own_token(request) => Err(problem),
        // another service's key is none of ours: open data are read with it as without
        Err(_) => Ok(Sight { who: Principal::Anonymous, audience: Audience::Caller }),
        known => known,
    }
}

/// Whether what is shown looks like a token of this server, whole or not.
fn shows_own_token(request: &HttpRequest) -> bool {
    let shown = request.headers().get_all(AUTHORIZATION).filter_map(|value| value.to_str().ok());
    let mut words = shown.flat_map(str::split_whitespace);
    words.any(|word| word.starts_with(TOKEN_PREFIX))
}

fn no_parameters(request: &HttpRequest) -> Option<CompatRefusal> {
    let query = request.query_string();
    (!query.is_empty()).then(|| {
        let shown: String = query.chars().take(80).collect();
        CompatRefusal::new("unknown_parameter", format!("this address has no parameters, and `{shown}` was given"))
    })
}

fn answered(request: &HttpRequest, body: Vec<u8>, audience: Audience) -> HttpResponse {
    let answer = Representation::json(body, Freshness::Moving).to(audience).respond(request);
    answer.unwrap_or_else(|problem| refused(of_problem(&problem)))
}

fn of_problem(problem: &Problem) -> CompatRefusal {
    let status = problem.status();
    let refusal = CompatRefusal::new(problem.code(), problem.to_string());
    CompatRefusal { status: status.as_u16(), error: words(status), ..refusal }
}

fn words(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "unauthorized",
        412 => "precondition_failed",
        413 => "payload_too_large",
        500 => "internal_server_error",
        503 => "service_unavailable",
        _ => "bad_request",
    }
}

fn refused(refusal: CompatRefusal) -> HttpResponse {
    #[derive(Serialize)]
    struct Hidden {
        error: &'static str,
        error_code: &'static str,
        message: &'static str,
        valid_values: Option<Vec<String>>,
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    response.insert_header(("Cache-Control", "no-store"));
    if refusal.status == 401 {
        response.insert_header(("WWW-Authenticate", "Bearer realm=\"tanyin\""));
    }
    if refusal.status == 503 {
        response.insert_header(("Retry-After", "5"));
    }
    if refusal.status == 500 {
        tracing::error!(cause = %refusal.message, "an answer in another service's shape was not made");
        let (error, error_code) = (refusal.error, refusal.error_code);
        return response.json(Hidden {
            error,
            error_code,
            message: "something is broken in the server; its log says what",
            valid_values: None,
        });
    }
    response.json(refusal)
}
