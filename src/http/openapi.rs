//! The OpenAPI document, made from the handlers.

use utoipa::OpenApi;

use super::{datasets, factors, files, health, lookups};

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
        datasets::list_datasets, datasets::show_dataset, datasets::list_releases, datasets::show_release, datasets::diff_releases,
        factors::show_factor, factors::list_factors, factors::find_digest, factors::factor_history, files::get_file,
        lookups::lookup, lookups::lookup_batch, health::healthz, health::readyz, health::problem
    ),
    tags(
        (name = "lookup", description = "One question, one factor"),
        (name = "factors", description = "Factors by key, filter and digest"),
        (name = "datasets", description = "Datasets, releases and their differences"),
        (name = "files", description = "Whole releases as files"),
        (name = "server", description = "Health and problems")
    )
)]
struct Document;

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
