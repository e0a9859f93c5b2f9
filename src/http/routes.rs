//! Every route in one table.

use actix_web::error::{InternalError, JsonPayloadError, QueryPayloadError};
use actix_web::web::{self, JsonConfig, QueryConfig, ServiceConfig};
use actix_web::{HttpRequest, ResponseError, guard};
use serde_json::json;

use super::{
    Problem, certificate, codes, compat, datasets, deltas, dependents, differences, downloads, draft, events, factors, files, footprints,
    health, imports, log, lookups, notices, openapi, products, provenance, quality, tokens, webhooks,
};

/// One route: its method, and its path as the OpenAPI document writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` (which serves HEAD too), `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// `/v1/datasets/{id}`.
    pub path: &'static str,
}

macro_rules! routes {
    ($($method:ident $path:literal $pattern:literal $handler:path;)+) => {
        /// Every documented route.
        pub const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path }),+];

        fn add_routes(config: &mut ServiceConfig) {
            let mut handlers = vec![$((stringify!($method), $pattern, web::to($handler))),+].into_iter().peekable();
            while let Some((method, pattern, handler)) = handlers.next() {
                let mut methods = vec![(method, handler)];
                while let Some((method, _, handler)) = handlers.next_if(|(_, other, _)| *other == pattern) {
                    methods.push((method, handler));
                }
                config.service(resource(pattern, methods));
            }
        }
    };
}

/// One address with its methods; any other is refused with their names.
fn resource(pattern: &str, methods: Vec<(&'static str, actix_web::Route)>) -> actix_web::Resource {
    let names: Vec<&str> =
        methods.iter().flat_map(|(method, _)| if *method == "GET" { vec!["GET", "HEAD"] } else { vec![*method] }).collect();
    let allowed = names.join(", ");
    let mut resource = web::resource(pattern);
    for (method, handler) in methods {
        resource = resource.route(match method {
            "GET" => handler.guard(guard::Any(guard::Get()).or(guard::Head())),
            "POST" => handler.guard(guard::Post()),
            "PUT" => handler.guard(guard::Put()),
            "PATCH" => handler.guard(guard::Patch()),
            _ => handler.guard(guard::Delete()),
        });
    }
    resource.default_service(web::to(move || {
        let allowed = allowed.clone();
        async move { wrong_method(&allowed) }
    }))
}

// Looked through in this order: what is asked for most stands first.
routes! {
    GET "/v1/lookup" "/v1/lookup" lookups::lookup;
    POST "/v1/lookup/batch" "/v1/lookup/batch" lookups::lookup_batch;
    GET "/v1/factors" "/v1/factors" factors::list_factors;
    GET "/v1/datasets/{id}/releases/{version}/factors/{key}" "/v1/datasets/{id}/releases/{version}/factors/{key:.+}" factors::show_factor;
    GET "/v1/datasets/{id}/releases/{version}/files/{artefact}" "/v1/datasets/{id}/releases/{version}/files/{artefact}" files::get_file;
    GET "/v1/datasets" "/v1/datasets" datasets::list_datasets;
    GET "/v1/datasets/{id}" "/v1/datasets/{id}" datasets::show_dataset;
    GET "/v1/datasets/{id}/releases" "/v1/datasets/{id}/releases" datasets::list_releases;
    GET "/v1/datasets/{id}/releases/{version}" "/v1/datasets/{id}/releases/{version}" datasets::show_release;
    GET "/v1/datasets/{id}/releases/{version}/dependents" "/v1/datasets/{id}/releases/{version}/dependents" dependents::release_dependents;
    GET "/v1/datasets/{id}/releases/{version}/dependents/{key}" "/v1/datasets/{id}/releases/{version}/dependents/{key:.+}" dependents::factor_dependents;
    GET "/v1/datasets/{id}/releases/{version}/provenance/{key}" "/v1/datasets/{id}/releases/{version}/provenance/{key:.+}" provenance::show_provenance;
    GET "/v1/datasets/{id}/releases/{version}/certificate/{key}" "/v1/datasets/{id}/releases/{version}/certificate/{key:.+}" certificate::show_certificate;
    GET "/v1/datasets/{id}/releases/{version}/source" "/v1/datasets/{id}/releases/{version}/source" provenance::source_file;
    GET "/v1/datasets/{id}/releases/{version}/quality" "/v1/datasets/{id}/releases/{version}/quality" quality::release_report;
    GET "/v1/datasets/{id}/diff/{range}" "/v1/datasets/{id}/diff/{range}" differences::diff_releases;
    GET "/v1/datasets/{id}/delta/{range}" "/v1/datasets/{id}/delta/{range}" deltas::delta_releases;
    GET "/v1/datasets/{id}/crosswalk" "/v1/datasets/{id}/crosswalk" differences::crosswalk;
    GET "/v1/datasets/{id}/history/{key}" "/v1/datasets/{id}/history/{key:.+}" factors::factor_history;
    GET "/v1/events" "/v1/events" events::list_events;
    GET "/v1/feed.atom" "/v1/feed.atom" events::feed;
    GET "/v1/factors/download" "/v1/factors/download" downloads::download_factors;
    GET "/v1/digests/{sha256}" "/v1/digests/{sha256}" factors::find_digest;
    GET "/compat/climatiq/data/v1/search" "/compat/climatiq/data/v1/search" compat::climatiq_search;
    POST "/compat/climatiq/data/v1/estimate" "/compat/climatiq/data/v1/estimate" compat::climatiq_estimate;
    POST "/compat/climatiq/data/v1/estimate/batch" "/compat/climatiq/data/v1/estimate/batch" compat::climatiq_estimate_batch;
    GET "/compat/climatiq/data/v1/data-versions" "/compat/climatiq/data/v1/data-versions" compat::climatiq_data_versions;
    GET "/v1/codes" "/v1/codes" codes::list_schemes;
    GET "/v1/codes/{scheme}/{code}" "/v1/codes/{scheme}/{code:.+}" codes::show_code;
    GET "/v1/cbam/defaults" "/v1/cbam/defaults" products::cbam;
    GET "/v1/rules" "/v1/rules" products::rules;
    GET "/v1/rules/{id}" "/v1/rules/{id:.+}" products::rule;
    GET "/v1/benchmark" "/v1/benchmark" products::benchmarks;
    GET "/v1/compare" "/v1/compare" products::comparison;
    POST "/v1/datasets/{id}/releases/{version}/withdraw" "/v1/datasets/{id}/releases/{version}/withdraw" notices::withdraw_release;
    POST "/v1/datasets/{id}/releases/{version}/restore" "/v1/datasets/{id}/releases/{version}/restore" notices::restore_release;
    POST "/v1/datasets/{id}/releases/{version}/supersede" "/v1/datasets/{id}/releases/{version}/supersede" notices::supersede_release;
    PUT "/v1/datasets/{id}/policy" "/v1/datasets/{id}/policy" notices::put_policy;
    POST "/v1/datasets/{id}/imports" "/v1/datasets/{id}/imports" imports::start_import;
    GET "/v1/imports/{number}" "/v1/imports/{number}" imports::show_import;
    GET "/v1/imports/{number}/events" "/v1/imports/{number}/events" imports::import_events;
    GET "/v1/datasets/{id}/draft" "/v1/datasets/{id}/draft" draft::show_draft;
    DELETE "/v1/datasets/{id}/draft" "/v1/datasets/{id}/draft" draft::discard_draft;
    GET "/v1/datasets/{id}/draft/diff" "/v1/datasets/{id}/draft/diff" draft::diff_draft;
    GET "/v1/datasets/{id}/draft/factors/{key}" "/v1/datasets/{id}/draft/factors/{key:.+}" draft::show_draft_factor;
    PUT "/v1/datasets/{id}/draft/factors/{key}" "/v1/datasets/{id}/draft/factors/{key:.+}" draft::put_factor;
    PATCH "/v1/datasets/{id}/draft/factors/{key}" "/v1/datasets/{id}/draft/factors/{key:.+}" draft::patch_factor;
    DELETE "/v1/datasets/{id}/draft/factors/{key}" "/v1/datasets/{id}/draft/factors/{key:.+}" draft::remove_factor;
    POST "/v1/datasets/{id}/draft/submit" "/v1/datasets/{id}/draft/submit" draft::submit_draft;
    POST "/v1/datasets/{id}/draft/approve" "/v1/datasets/{id}/draft/approve" draft::approve_draft;
    POST "/v1/datasets/{id}/draft/reject" "/v1/datasets/{id}/draft/reject" draft::reject_draft;
    POST "/v1/datasets/{id}/draft/publish" "/v1/datasets/{id}/draft/publish" draft::publish_draft;
    GET "/v1/tokens" "/v1/tokens" tokens::list_tokens;
    POST "/v1/tokens" "/v1/tokens" tokens::create_token;
    DELETE "/v1/tokens/{id}" "/v1/tokens/{id}" tokens::revoke_token;
    GET "/v1/webhooks" "/v1/webhooks" webhooks::list_hooks;
    POST "/v1/webhooks" "/v1/webhooks" webhooks::create_hook;
    GET "/v1/webhooks/{id}" "/v1/webhooks/{id}" webhooks::show_hook;
    PATCH "/v1/webhooks/{id}" "/v1/webhooks/{id}" webhooks::change_hook;
    DELETE "/v1/webhooks/{id}" "/v1/webhooks/{id}" webhooks::delete_hook;
    POST "/v1/webhooks/{id}/test" "/v1/webhooks/{id}/test" webhooks::test_hook;
    GET "/v1/webhooks/{id}/deliveries" "/v1/webhooks/{id}/deliveries" webhooks::list_deliveries;
    POST "/v1/webhooks/{id}/deliveries/{number}/redeliver" "/v1/webhooks/{id}/deliveries/{number}/redeliver" webhooks::redeliver;
    GET "/log/checkpoint" "/log/checkpoint" log::checkpoint;
    GET "/log/key" "/log/key" log::key;
    GET "/log/tile/{path}" "/log/tile/{path:.+}" log::tile;
    GET "/v1/log/proof" "/v1/log/proof" log::proof;
    GET "/v1/log/consistency" "/v1/log/consistency" log::consistency;
    GET "/3/footprints" "/3/footprints" footprints::list_footprints;
    GET "/3/footprints/{footprint}" "/3/footprints/{footprint}" footprints::get_footprint;
    POST "/3/events" "/3/events" footprints::post_event;
    POST "/auth/token" "/auth/token" footprints::give_token;
    GET "/healthz" "/healthz" health::healthz;
    GET "/readyz" "/readyz" health::readyz;
    GET "/problems/{code}" "/problems/{code}" health::problem;
}

/// The largest body of a batch.
const BODY_BYTES: usize = 2 << 20;

/// Puts every route, the pages of the documentation, and the answers to wrong requests into a server.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(QueryConfig::default().error_handler(|error, _| query_problem(&error)))
        .app_data(web::PathConfig::default().error_handler(|error, _| refuse(Problem::new("not-found", error.to_string()))))
        .app_data(JsonConfig::default().limit(BODY_BYTES).error_handler(|error, _| json_problem(&error)));
    add_routes(config);
    config
        .service(resource("/v1/openapi.json", vec![("GET", web::to(openapi::document))]))
        .service(resource("/docs/{file:.*}", vec![("GET", web::to(openapi::docs))]))
        .service(web::redirect("/docs", "/docs/"))
        .service(web::redirect("/", "/docs/"))
        .default_service(web::to(nowhere));
}

fn refuse(problem: Problem) -> actix_web::Error {
    let response = problem.error_response();
    InternalError::from_response(problem, response).into()
}

fn query_problem(error: &QueryPayloadError) -> actix_web::Error {
    refuse(query_problem_of(error))
}

/// Parameters that are unknown, or not to be read: one that is given twice.
pub(super) fn query_problem_of(error: &QueryPayloadError) -> Problem {
    let QueryPayloadError::Deserialize(cause) = error else { return Problem::new("bad-request", error.to_string()) };
    Problem::unknown_parameter(cause).unwrap_or_else(|| Problem::new("bad-request", format!("the parameters cannot be read: {cause}")))
}

fn json_problem(error: &JsonPayloadError) -> actix_web::Error {
    let too_large = matches!(error, JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. });
    let detail: String = match error {
        JsonPayloadError::ContentType => "the body is JSON, and is sent with `Content-Type: application/json`".to_owned(),
        error => error.to_string().chars().take(300).collect(),
    };
    refuse(Problem::new(if too_large { "body-too-large" } else { "bad-request" }, detail))
}

async fn nowhere(request: HttpRequest) -> actix_web::HttpResponse {
    let path: String = request.path().chars().take(200).collect();
    Problem::new("not-found", format!("there is nothing at {path}")).error_response()
}

fn wrong_method(allowed: &str) -> actix_web::HttpResponse {
    let problem = Problem::with("method-not-allowed", format!("the methods are {allowed}"), json!({"allowed": allowed}));
    let mut response = problem.error_response();
    if let Ok(names) = actix_web::http::header::HeaderValue::from_str(allowed) {
        response.headers_mut().insert(actix_web::http::header::ALLOW, names);
    }
    response
}
