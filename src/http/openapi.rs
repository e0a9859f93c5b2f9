//! The OpenAPI document, made from the handlers, and the pages to browse it.

use std::sync::{Arc, LazyLock};

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::Config;

use super::caching::{Freshness, Representation};
use super::datasets::NoParameters;
use super::{
    Problem, certificate, codes, compat, datasets, deltas, dependents, differences, downloads, draft, events, factors, files, footprints,
    health, imports, log, lookups, notices, products, provenance, quality, tokens, webhooks,
};
use crate::lookup::Notice;

/// Every route of the server.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tanyin",
        description = "Emission factors and product carbon footprint factors that never change once released, can be found, explained and proved. \
                       Errors are `application/problem+json` (RFC 9457); their types stand at /problems/{code}.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        datasets::list_datasets, datasets::show_dataset, datasets::list_releases, datasets::show_release, differences::diff_releases, differences::crosswalk, quality::release_report,
        deltas::delta_releases, events::list_events, events::feed,
        webhooks::list_hooks, webhooks::create_hook, webhooks::show_hook, webhooks::change_hook, webhooks::delete_hook, webhooks::test_hook,
        webhooks::list_deliveries, webhooks::redeliver,
        dependents::release_dependents, dependents::factor_dependents,
        factors::show_factor, factors::list_factors, downloads::download_factors, factors::find_digest, factors::factor_history, files::get_file,
        codes::list_schemes, codes::show_code, products::cbam, products::rules, products::rule, products::benchmarks, products::comparison,
        provenance::show_provenance, provenance::source_file, certificate::show_certificate,
        notices::withdraw_release, notices::restore_release, notices::supersede_release, notices::put_policy,
        imports::start_import, imports::show_import, imports::import_events,
        draft::show_draft, draft::discard_draft, draft::diff_draft, draft::show_draft_factor, draft::put_factor, draft::patch_factor,
        draft::remove_factor, draft::submit_draft, draft::approve_draft, draft::reject_draft, draft::publish_draft,
        tokens::list_tokens, tokens::create_token, tokens::revoke_token,
        footprints::list_footprints, footprints::get_footprint, footprints::post_event, footprints::give_token,
        compat::climatiq_search, compat::climatiq_estimate, compat::climatiq_estimate_batch, compat::climatiq_data_versions,
        lookups::lookup, lookups::lookup_batch, log::checkpoint, log::key, log::tile, log::proof, log::consistency, health::healthz, health::readyz, health::problem
    ),
    components(schemas(Notice)),
    modifiers(&BearerToken, &Downloads),
    tags(
        (name = "lookup", description = "One question, one factor"),
        (name = "compat", description = "Another service's shapes, for clients that were written for it"),
        (name = "factors", description = "Factors by key, filter and digest"),
        (name = "products", description = "Classification codes, CBAM default values, accounting rules, comparison and benchmark"),
        (name = "datasets", description = "Datasets, releases and their differences"),
        (name = "files", description = "Whole releases as files"),
        (name = "events", description = "What changes: events, a feed, and notices sent to subscribers"),
        (name = "pact", description = "Product footprints over PACT's own routes; errors are `{\"code\":…,\"message\":…}`"),
        (name = "drafts", description = "A steward's draft: imported, edited, submitted, decided on, published"),
        (name = "releases", description = "What is told of a release afterwards"),
        (name = "tokens", description = "Who may act over HTTP"),
        (name = "log", description = "The transparency log (C2SP tlog-tiles), and proofs to check offline"),
        (name = "server", description = "Health and problems")
    )
)]
struct Document;

/// Says how a token is sent.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("Made with `tanyin token create`")).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// Says which filters a download has.
struct Downloads;

impl Modify for Downloads {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        downloads::describe(document);
    }
}

/// The OpenAPI document, as JSON; none of its parts is missing but in a fault of the program, which tests would find.
pub fn openapi() -> serde_json::Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    super::documented::complete(&mut document);
    document
}

/// The OpenAPI document, as JSON.
pub(super) async fn document(request: HttpRequest, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(&openapi()).map_err(|error| Problem::fault(&error))?;
    Representation::json(body, Freshness::Moving).respond(&request)
}

/// Swagger UI with every asset inside the binary; its validator, which lives at another host, is off.
pub(super) async fn docs(request: HttpRequest, file: Path<String>) -> Result<HttpResponse, Problem> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::new(["/v1/openapi.json"]).validator_url("none")));
    let served = utoipa_swagger_ui::serve(&file, CONFIG.clone()).map_err(|error| Problem::fault(error.as_ref()))?;
    let Some(served) = served else {
        let shown: String = file.chars().take(80).collect();
        return Err(Problem::new("not-found", format!("the documentation has no file `{shown}`")));
    };
    let mut representation = Representation::made(served.bytes.into_owned(), &served.content_type, Freshness::Moving);
    if served.gzpipped {
        representation = representation.header("Content-Encoding", "gzip");
    }
    representation.respond(&request)
}
