//! `/datasets/{id}/diff/{range}`: what changed between two releases. `/datasets/{id}/diff?from=&to=` leads there.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, block};
use serde::Deserialize;
use serde_json::json;

use super::visitor::Visitor;
use crate::bulk::{Listing, Order, Sides, list_changes};
use crate::dataset::Act;
use crate::http::differences::choose;
use crate::http::{App, Problem};
use crate::web::{CHANGE_CLASSES, ReleasePair, release_difference_page};

/// Changes on a page.
const CHANGES: usize = 200;

/// The parameters of a difference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DifferenceQuery {
    /// `magnitude` or `key`
    sort: Option<String>,
    /// The changes of one class alone
    class: Option<String>,
}

/// The difference of two releases.
pub(super) async fn difference(app: Data<App>, visitor: Visitor, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, range) = path.into_inner();
    let query: DifferenceQuery = visitor.read()?;
    let order = choose("sort", query.sort.as_deref(), &Listing::ORDERS)?.unwrap_or(Order::Magnitude);
    let class = choose("class", query.class.as_deref(), &CHANGE_CLASSES.map(|class| (class, class)))?;
    let wrong = || Problem::with("invalid-parameter", "the path ends with FROM...TO, such as 1.0.0...1.1.0", json!({"parameter": "range"}));
    let (from, to) = range.split_once("...").ok_or_else(wrong)?;
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let (from, to) = (dataset.resolve(&id, from)?.release, dataset.resolve(&id, to)?.release);
    let sight = visitor.sight(dataset.all().map(AsRef::as_ref))?;
    from.permit(&sight.who, Act::ReadNumbers)?;
    to.permit(&sight.who, Act::ReadNumbers)?;
    let readable = dataset.all().rev().filter(|release| release.may(&sight.who, Act::ReadNumbers).is_ok());
    let versions = readable.map(|release| release.version.to_string()).collect();
    let frame = visitor.frame().with_data(format!("/v1/datasets/{id}/diff/{}...{}?format=json", from.version, to.version));
    let page = block(move || -> Result<_, Problem> {
        let sides = Sides::of_releases(catalogue.dataset(&id)?, &from, &to);
        let mut rows = Vec::new();
        let listing = Listing { order, limit: Some(CHANGES), class };
        let walked = list_changes(&sides, listing, |row| {
            rows.push(row);
            Ok(())
        });
        let walked = walked.map_err(|error| Problem::fault(&error))?;
        let summary = walked.summary(&sides).map_err(|error| Problem::fault(&error))?;
        let (from, to) = (from.version.to_string(), to.version.to_string());
        let compared = ReleasePair { dataset: &id, from: &from, to: &to, versions, class };
        Ok(release_difference_page(frame, &compared, &summary, &rows))
    });
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}

/// Which two are to be compared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    from: Option<String>,
    to: Option<String>,
}

/// The way to the difference of the two that were chosen.
pub(super) async fn chosen(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let choice: Choice = visitor.read()?;
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let wanted = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).unwrap_or("latest").to_owned();
    let to = dataset.resolve(&id, &wanted(choice.to.as_deref()))?.release;
    let from = match choice.from.as_deref() {
        None | Some("") => to.manifest.previous.as_ref().map_or_else(|| to.version.clone(), |before| before.version.clone()),
        Some(from) => dataset.resolve(&id, from)?.release.version.clone(),
    };
    let address = format!("/datasets/{}/diff/{from}...{}", to.dataset, to.version);
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, address)).finish())
}
