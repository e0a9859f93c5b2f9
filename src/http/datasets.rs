//! Datasets, their releases, and the difference of two releases.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caching::{Freshness, Representation};
use super::{App, Problem};
use crate::release::{DatasetReleases, PublishedRelease, Resolved};

/// A route without parameters: any that comes is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParameters {}

/// All datasets
#[utoipa::path(get, path = "/v1/datasets", tag = "datasets", responses((status = 200, description = "`{\"datasets\":[…]}`", body = Object)))]
pub(super) async fn list_datasets(request: HttpRequest, app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let datasets: Vec<Value> = catalogue.datasets().map(|(id, releases)| dataset_json(id, releases)).collect();
    Representation::json(json!({"datasets": datasets}).to_string().into_bytes(), Freshness::Moving).respond(&request)
}

/// One dataset
#[utoipa::path(get, path = "/v1/datasets/{id}", tag = "datasets", params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "The dataset, with its latest release", body = Object), (status = 404, description = "`no-dataset`")))]
pub(super) async fn show_dataset(
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let body = dataset_json(&id, catalogue.dataset(&id)?);
    Representation::json(body.to_string().into_bytes(), Freshness::Moving).respond(&request)
}

fn dataset_json(id: &str, releases: &DatasetReleases) -> Value {
    let latest = releases.latest();
    let described = latest.or_else(|| releases.all().next_back());
    json!({
        "id": id,
        "title": described.map(|release| &release.manifest.metadata.title),
        "description": described.map(|release| &release.manifest.metadata.description),
        "licences": described.map(|release| &release.manifest.metadata.licences),
        "latest": latest.map(|release| release.version.to_string()),
        "factors": latest.map(|release| release.manifest.factors),
        "releases": releases.all().rev().map(|release| release.version.to_string()).collect::<Vec<_>>(),
    })
}

/// All releases of a dataset, newest version first
#[utoipa::path(get, path = "/v1/datasets/{id}/releases", tag = "datasets", params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "`{\"releases\":[…]}`", body = Object), (status = 404, description = "`no-dataset`")))]
pub(super) async fn list_releases(
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let releases: Vec<Value> = catalogue.dataset(&id)?.all().rev().map(|release| release_json(release)).collect();
    Representation::json(json!({"releases": releases}).to_string().into_bytes(), Freshness::Status).respond(&request)
}

/// One release: an exact version, a range (`^1`) or `latest`
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}", tag = "datasets",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest")),
    responses((status = 200, description = "The release", body = Object), (status = 404, description = "`no-dataset`, `no-release`")))]
pub(super) async fn show_release(
    request: HttpRequest,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    let resolved = app.catalogue().dataset(&id)?.resolve(&id, &version)?;
    let body = release_json(&resolved.release);
    of_release(Representation::json(body.to_string().into_bytes(), freshness(&resolved)), &resolved, Some("")).respond(&request)
}

/// A release in full: who asks for its exact version may keep the answer longer.
fn release_json(release: &PublishedRelease) -> Value {
    let manifest = &release.manifest;
    let files: Vec<Value> = release
        .files()
        .iter()
        .filter(|file| file.coding == "identity")
        .map(|file| {
            json!({"name": file.name, "media_type": file.media_type, "bytes": file.bytes, "sha256": file.sha256,
            "href": format!("/v1/datasets/{}/releases/{}/files/{}", release.dataset, release.version, file.name)})
        })
        .collect();
    json!({
        "dataset": release.dataset,
        "version": release.version.to_string(),
        "published_at": release.published_at,
        "withdrawn": release.withdrawn,
        "superseded": release.superseded,
        "manifest": release.manifest_digest,
        "root": manifest.root,
        "factors": manifest.factors,
        "title": manifest.metadata.title,
        "description": manifest.metadata.description,
        "licences": manifest.metadata.licences,
        "sources": manifest.metadata.sources,
        "previous": manifest.previous,
        "changes": manifest.changes,
        "approvals": manifest.approvals,
        "record": release.record_digest,
        "leaf": release.seq,
        "files": files,
    })
}

/// How long an answer that names a release's status may be kept.
pub(super) fn freshness(resolved: &Resolved) -> Freshness {
    if resolved.pinned { Freshness::Status } else { Freshness::Moving }
}

/// The headers of an answer about a release: what describes it, that it is withdrawn, what comes after it.
///
/// `rest` is what stands behind the release in the address; an answer found by
/// `latest` or a range names its exact address with it.
pub(super) fn of_release(representation: Representation, resolved: &Resolved, rest: Option<&str>) -> Representation {
    let release = &resolved.release;
    let home = format!("/v1/datasets/{}/releases", release.dataset);
    let mut described = representation
        .header("Link", format!("<{home}/{}/files/manifest.json>; rel=\"describedby\"", release.version))
        .header("Link", format!("<{home}/latest>; rel=\"latest-version\""));
    if let Some(rest) = rest.filter(|_| !resolved.pinned) {
        described = described.header("Content-Location", format!("{home}/{}{rest}", release.version));
    }
    if let Some((dataset, version)) = release.superseded.as_ref().and_then(|other| other.by.split_once('@')) {
        described = described.header("Link", format!("</v1/datasets/{dataset}/releases/{version}>; rel=\"successor-version\""));
    }
    match &release.withdrawn {
        Some(withdrawn) => described
            .header("Deprecation", deprecation(&withdrawn.at))
            .header("Link", format!("<{home}/{}>; rel=\"deprecation\"", release.version)),
        None => described,
    }
}

/// RFC 9745: a structured date, `@` and Unix seconds.
fn deprecation(at: &str) -> String {
    let seconds = at.parse::<jiff::Timestamp>().map_or(0, |at| at.as_second());
    format!("@{seconds}")
}
