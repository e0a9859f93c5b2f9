//! Datasets, their releases, and the difference of two releases.

use std::sync::Arc;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::{App, Problem};
use crate::dataset::{Act, Principal};
use crate::release::{DatasetReleases, Dimension, PublishedRelease, Resolved, told_of_source};

/// A route without parameters: any that comes is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParameters {}

/// All datasets
#[utoipa::path(get, path = "/v1/datasets", tag = "datasets", responses((status = 200, description = "`{\"datasets\":[…]}`", body = Object)))]
pub(super) async fn list_datasets(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let described = catalogue.datasets().filter_map(|(_, releases)| described(releases)).map(AsRef::as_ref);
    let sight = asker.sight(&app, described).await?;
    let datasets: Vec<Value> = catalogue.datasets().map(|(id, releases)| dataset_json(id, releases, &sight.who)).collect();
    let body = json!({"datasets": datasets}).to_string().into_bytes();
    with_feed(Representation::json(body, Freshness::Moving).to(sight.audience), None).respond(&request)
}

/// One dataset
#[utoipa::path(get, path = "/v1/datasets/{id}", tag = "datasets", params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "The dataset, with its latest release", body = Object), (status = 404, description = "`no-dataset`")))]
pub(super) async fn show_dataset(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let releases = catalogue.dataset(&id)?;
    let sight = asker.sight(&app, described(releases).map(AsRef::as_ref)).await?;
    let body = dataset_json(&id, releases, &sight.who);
    with_feed(Representation::json(body.to_string().into_bytes(), Freshness::Moving).to(sight.audience), Some(&id)).respond(&request)
}

/// The release whose words describe a dataset: the latest, withdrawn or not where all are.
fn described(releases: &DatasetReleases) -> Option<&Arc<PublishedRelease>> {
    releases.latest().or_else(|| releases.all().next_back())
}

fn dataset_json(id: &str, releases: &DatasetReleases, who: &Principal) -> Value {
    let latest = releases.latest();
    let described = described(releases);
    let titled = described.filter(|release| !release.restricted() || release.may(who, Act::ReadNames).is_ok());
    let named = described.filter(|release| release.may(who, Act::ReadNames).is_ok());
    json!({
        "id": id,
        "access": described.map(|release| access_word(release)),
        "title": titled.map(|release| &release.manifest.metadata.title),
        "description": named.map(|release| &release.manifest.metadata.description),
        "licences": named.map(|release| &release.manifest.metadata.licences),
        "latest": latest.map(|release| release.version.to_string()),
        "factors": latest.filter(|_| named.is_some()).map(|release| release.manifest.factors),
        "releases": releases.all().rev().map(|release| release.version.to_string()).collect::<Vec<_>>(),
    })
}

/// `restricted`, or how much of a release its licences permit to pass on.
fn access_word(release: &PublishedRelease) -> &'static str {
    if release.restricted() { "restricted" } else { release.redistribution().as_str() }
}

/// All releases of a dataset, newest version first
#[utoipa::path(get, path = "/v1/datasets/{id}/releases", tag = "datasets", params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "`{\"releases\":[…]}`", body = Object), (status = 404, description = "`no-dataset`")))]
pub(super) async fn list_releases(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let sight = asker.sight(&app, dataset.all().map(AsRef::as_ref)).await?;
    let releases: Vec<Value> = dataset.all().rev().map(|release| release_told(release, &sight.who)).collect();
    let body = json!({"releases": releases}).to_string().into_bytes();
    with_feed(Representation::json(body, Freshness::Status).to(sight.audience), Some(&id)).respond(&request)
}

/// One release: an exact version, a range (`^1`) or `latest`
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}", tag = "datasets",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest")),
    responses((status = 200, description = "The release", body = Object), (status = 404, description = "`no-dataset`, `no-release`")))]
pub(super) async fn show_release(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    let resolved = app.catalogue().dataset(&id)?.resolve(&id, &version)?;
    let sight = asker.sight(&app, [resolved.release.as_ref()]).await?;
    let body = release_told(&resolved.release, &sight.who).to_string().into_bytes();
    let told = with_feed(Representation::json(body, freshness(&resolved)).to(sight.audience), Some(&id));
    of_release(told, &resolved, Some("")).respond(&request)
}

/// A release, as far as somebody may read of it. What its leaves in the log tell, everybody may.
fn release_told(release: &PublishedRelease, who: &Principal) -> Value {
    if release.may(who, Act::ReadNumbers).is_ok() {
        return release_json(release);
    }
    let mut told = json!({
        "dataset": release.dataset,
        "version": release.version.to_string(),
        "access": access_word(release),
        "published_at": release.published_at,
        "withdrawn": release.withdrawn,
        "superseded": release.superseded,
        "leaf": release.seq,
    });
    let metadata = &release.manifest.metadata;
    if !release.restricted() {
        told["title"] = json!(metadata.title);
    }
    if release.may(who, Act::ReadNames).is_ok() {
        told["factors"] = json!(release.manifest.factors);
        told["description"] = json!(metadata.description);
        told["licences"] = json!(metadata.licences);
        told["sources"] = metadata.sources.iter().map(told_of_source).collect();
    }
    told
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
        "access": access_word(release),
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

/// The headers of an answer about a release: what describes it, that it is on its way out, what comes before and after it.
///
/// `rest` is what stands behind the release in the address; an answer found by
/// `latest` or a range names its exact address with it.
pub(super) fn of_release(representation: Representation, resolved: &Resolved, rest: Option<&str>) -> Representation {
    let release = &resolved.release;
    let home = format!("/v1/datasets/{}/releases", release.dataset);
    let link = |address: &str, relation: &str| format!("<{address}>; rel=\"{relation}\"");
    let mut described = representation
        .header("Link", link(&format!("{home}/{}/files/manifest.json", release.version), "describedby"))
        .header("Link", link(&format!("{home}/latest"), "latest-version"));
    if let Some(rest) = rest.filter(|_| !resolved.pinned) {
        described = described.header("Content-Location", format!("{home}/{}{rest}", release.version));
    }
    if let Some(before) = release.manifest.previous.as_ref() {
        described = described.header("Link", link(&format!("{home}/{}", before.version), "predecessor-version"));
    }
    // what a steward names goes before what follows by number
    let named = release.superseded.as_ref().and_then(|other| other.by.split_once('@'));
    let successor = named.map(|(dataset, version)| format!("/v1/datasets/{dataset}/releases/{version}"));
    if let Some(successor) = successor.or_else(|| resolved.next.as_ref().map(|next| format!("{home}/{next}"))) {
        described = described.header("Link", link(&successor, "successor-version"));
    }
    match deprecated_since(release) {
        Some(at) => deprecation(described, at, &format!("{home}/{}", release.version)),
        None => described,
    }
}

/// Since when a release is not to be used any more: withdrawn or superseded, whichever was first.
fn deprecated_since(release: &PublishedRelease) -> Option<&str> {
    let withdrawn = release.withdrawn.as_ref().map(|own| own.at.as_str());
    let superseded = release.superseded.as_ref().map(|own| own.at.as_str());
    withdrawn.into_iter().chain(superseded).min()
}

/// RFC 9745: a structured date, `@` and Unix seconds; and where to read why.
fn deprecation(representation: Representation, at: &str, why: &str) -> Representation {
    let seconds = at.parse::<jiff::Timestamp>().map_or(0, |at| at.as_second());
    representation.header("Deprecation", format!("@{seconds}")).header("Link", format!("<{why}>; rel=\"deprecation\""))
}

/// The same for one factor: a status that its publisher gave it says so too, from the day of the release that tells it.
pub(super) fn of_factor(representation: Representation, release: &PublishedRelease, number: usize) -> Representation {
    let status = release.data.index().value(Dimension::Status, number);
    let ends = status.is_some_and(|status| ["deprecated", "superseded", "withdrawn"].contains(&status));
    if !ends || deprecated_since(release).is_some() {
        return representation;
    }
    let why = format!("/v1/datasets/{}/releases/{}", release.dataset, release.version);
    deprecation(representation, &release.published_at, &why)
}

/// Where what changes in a dataset is told.
fn with_feed(representation: Representation, dataset: Option<&str>) -> Representation {
    let query = dataset.map(|id| format!("?dataset={id}")).unwrap_or_default();
    representation.header("Link", format!("</v1/feed.atom{query}>; rel=\"alternate\"; type=\"application/atom+xml\""))
}
