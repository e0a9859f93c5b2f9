//! `/datasets`, `/datasets/{id}`, `/datasets/{id}/releases/{version}`: what there is, and what it is.

use std::sync::Arc;

use actix_web::web::{Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::rows::glance;
use super::visitor::Visitor;
use crate::bulk::Format;
use crate::canon::Digest;
use crate::dataset::{Act, Principal};
use crate::http::address::public_base;
use crate::http::quality::quality_of;
use crate::http::{App, Problem};
use crate::product::grids;
use crate::release::{Catalogue, DatasetReleases, PublishedRelease};
use crate::web::{Entry, Glance, ShownDataset, ShownFile, catalogue_page, dataset_page, grid_address, release_page};

/// A release of so many factors is examined, and its files are made, for whoever looks at its page; a larger one when somebody asks.
const SMALL: u64 = 5_000;

/// The parameters of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueQuery {
    #[serde(rename = "sort")]
    _sort: Option<String>,
    #[serde(rename = "kind")]
    _kind: Option<String>,
}

/// All datasets.
pub(super) async fn catalogue(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.read::<CatalogueQuery>()?;
    let catalogue = app.catalogue();
    let sight = visitor.sight(catalogue.datasets().filter_map(|(_, releases)| described(releases)).map(AsRef::as_ref))?;
    let frame = visitor.frame().with_data("/v1/datasets");
    let page = block(move || -> Result<_, Problem> {
        let mut entries = Vec::new();
        for (id, releases) in catalogue.datasets() {
            let Some(release) = described(releases) else { continue };
            let glance = glance(&catalogue, release, &sight.who)?;
            entries.push(Entry { id, described: release, releases: releases.all().count(), glance });
        }
        Ok(catalogue_page(frame, &entries, &sight.who))
    });
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}

/// The release whose words describe a dataset: the latest, withdrawn or not where all are.
fn described(releases: &DatasetReleases) -> Option<&Arc<PublishedRelease>> {
    releases.latest().or_else(|| releases.all().next_back())
}

/// One dataset.
pub(super) async fn dataset(request: HttpRequest, app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let catalogue = app.catalogue();
    let releases = catalogue.dataset(&id)?;
    let sight = visitor.sight(releases.all().map(AsRef::as_ref))?;
    let release = described(releases).cloned().ok_or_else(|| Problem::new("no-dataset", format!("there is no dataset `{id}`")))?;
    let frame = visitor.frame().with_data(format!("/v1/datasets/{id}"));
    let base = public_base(&app, &request).unwrap_or_default();
    let page = block(move || Ok::<_, Problem>(dataset_page(frame, &shown(&app, &catalogue, &release, &sight.who, base)?)));
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}

/// One release.
pub(super) async fn release(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let (id, version) = path.into_inner();
    let catalogue = app.catalogue();
    let releases = catalogue.dataset(&id)?;
    let release = releases.resolve(&id, &version)?.release;
    let sight = visitor.sight(releases.all().map(AsRef::as_ref))?;
    let frame = visitor.frame().with_data(format!("/v1/datasets/{id}/releases/{}", release.version));
    let base = public_base(&app, &request).unwrap_or_default();
    let page = block(move || Ok::<_, Problem>(release_page(frame, &shown(&app, &catalogue, &release, &sight.who, base)?)));
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}

fn shown<'c>(
    app: &App,
    catalogue: &'c Catalogue,
    release: &'c Arc<PublishedRelease>,
    who: &'c Principal,
    base: String,
) -> Result<ShownDataset<'c>, Problem> {
    let releases = catalogue.dataset(release.dataset.as_str())?;
    let numbers = release.may(who, Act::ReadNumbers).is_ok();
    let small = release.manifest.factors <= SMALL;
    let complete = if numbers && small { Some(quality_of(app, catalogue, release)?.report.completeness.clone()) } else { None };
    Ok(ShownDataset {
        id: release.dataset.as_str(),
        releases: releases.all().rev().map(AsRef::as_ref).collect(),
        described: release,
        who,
        glance: Glance { complete, ..glance(catalogue, release, who)? },
        files: if numbers { files(app, release, small) } else { Vec::new() },
        grid: if numbers { grid_of(catalogue, release, who) } else { None },
        base,
    })
}

/// Where the grid factors of a dataset are drawn, which are those of its latest release.
fn grid_of(catalogue: &Catalogue, release: &PublishedRelease, who: &Principal) -> Option<String> {
    grids(catalogue, who).iter().find(|grid| grid.release.dataset == release.dataset).map(grid_address)
}

/// The files of a release: those of its record, and those that are made of it.
fn files(app: &App, release: &Arc<PublishedRelease>, make: bool) -> Vec<ShownFile> {
    let stored = release.files().iter().filter(|file| file.coding == "identity");
    let stored = stored.map(|file| ShownFile { name: file.name.clone(), known: Some((file.bytes, file.sha256)) });
    let size = |file: crate::bulk::DerivedFile| -> (u64, Digest) { (file.bytes.len() as u64, file.digest) };
    let derived = Format::derived().filter_map(|format| {
        let known = match app.derived().made(release, format) {
            Some(file) => Some(size(file)),
            None if make => match app.derived().get(release, format) {
                Ok(file) => Some(size(file)),
                // what the format cannot hold is no file of this release
                Err(error) if error.is_refusal() && !matches!(error, crate::bulk::ExportError::Busy) => return None,
                Err(_) => None,
            },
            None => None,
        };
        Some(ShownFile { name: format.file_name().to_owned(), known })
    });
    stored.chain(derived).collect()
}
