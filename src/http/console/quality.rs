//! `/datasets/{id}/releases/{version}/quality`: how good a release is.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, block};

use super::visitor::Visitor;
use crate::dataset::Act;
use crate::http::quality::quality_of;
use crate::http::{App, Problem};
use crate::web::release_quality_page;

/// The quality of a release.
pub(super) async fn quality(app: Data<App>, visitor: Visitor, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let (id, version) = path.into_inner();
    let catalogue = app.catalogue();
    let release = catalogue.dataset(&id)?.resolve(&id, &version)?.release;
    let sight = visitor.sight([release.as_ref()])?;
    release.permit(&sight.who, Act::ReadNumbers)?;
    let frame = visitor.frame().with_data(format!("/v1/datasets/{id}/releases/{}/quality?format=json", release.version));
    let page = block(move || -> Result<_, Problem> {
        let found = quality_of(&app, &catalogue, &release)?;
        Ok(release_quality_page(frame, &found, release.withdrawn.is_some()))
    });
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}
