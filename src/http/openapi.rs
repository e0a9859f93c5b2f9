//! The OpenAPI document, made from the handlers, and the pages to browse it.

use std::sync::{Arc, LazyLock};

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;
use utoipa_swagger_ui::Config;

use super::caching::{Freshness, Representation};
use super::datasets::NoParameters;
use super::{Problem, certificate, datasets, dependents, differences, factors, files, health, log, lookups, provenance, quality};
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
        dependents::release_dependents, dependents::factor_dependents,
        factors::show_factor, factors::list_factors, factors::find_digest, factors::factor_history, files::get_file,
        provenance::show_provenance, provenance::source_file, certificate::show_certificate,
        lookups::lookup, lookups::lookup_batch, log::checkpoint, log::key, log::tile, log::proof, log::consistency, health::healthz, health::readyz, health::problem
    ),
    components(schemas(Notice)),
    tags(
        (name = "lookup", description = "One question, one factor"),
        (name = "factors", description = "Factors by key, filter and digest"),
        (name = "datasets", description = "Datasets, releases and their differences"),
        (name = "files", description = "Whole releases as files"),
        (name = "log", description = "The transparency log (C2SP tlog-tiles), and proofs to check offline"),
        (name = "server", description = "Health and problems")
    )
)]
struct Document;

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
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
