//! `/datasets/{id}/releases/{version}/proof/{key}`: what the panel on a factor's page checks, for whoever may read the factor.
//!
//! The same as `/v1/log/proof`, which knows tokens alone and no session of a browser.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path, block};

use super::visitor::Visitor;
use crate::http::factors::find_factor;
use crate::http::{App, Problem};

/// The proof of one factor, as JSON.
pub(super) async fn proof(app: Data<App>, visitor: Visitor, path: Path<(String, String, String)>) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let (id, version, key) = path.into_inner();
    let catalogue = app.catalogue();
    let release = catalogue.dataset(&id)?.resolve(&id, &version)?.release;
    let sight = visitor.sight([release.as_ref()])?;
    let number = find_factor(&release, &key)?;
    sight.numbers(&release, number)?;
    let made = block(move || catalogue.release_proof(app.ground(), &release, Some(number))); // the first one hashes all lines
    let proof = made.await.map_err(|error| Problem::fault(&error))?.map_err(|error| Problem::fault(&error))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "private, no-cache")).json(proof))
}
