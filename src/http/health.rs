//! Whether the process lives, and whether it can answer.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::caching::{Freshness, Representation};
use super::datasets::NoParameters;
use super::problem::PROBLEMS;
use super::{App, Problem};

/// The process lives
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, description = "It lives", body = Object)))]
pub(super) async fn healthz(_: Query<NoParameters>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"}))
}

/// The server can answer; says how many public facts it has read, and where the operator wants witnesses, how many signed
#[utoipa::path(get, path = "/readyz", tag = "server", responses((status = 200, description = "It can answer", body = Object)))]
pub(super) async fn readyz(app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let datasets = catalogue.datasets().count();
    let mut state = json!({"status": "ready", "facts": catalogue.facts(), "datasets": datasets, "version": env!("CARGO_PKG_VERSION")});
    let witnesses = app.ground().witness_state(catalogue.checkpoint().map(AsRef::as_ref)).map_err(|error| Problem::fault(&error))?;
    if let (Some(witnesses), Some(members)) = (witnesses, state.as_object_mut()) {
        members.insert("witnesses".to_owned(), json!(witnesses));
    }
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(state))
}

/// What a problem's type means
#[utoipa::path(get, path = "/problems/{code}", tag = "server", params(("code" = String, Path, description = "Code of the problem")),
    responses((status = 200, description = "Its meaning", body = Object), (status = 404, description = "No such problem")))]
pub(super) async fn problem(request: HttpRequest, code: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let kind = PROBLEMS.iter().find(|kind| kind.code == code.as_str());
    let shown: String = code.chars().take(80).collect();
    let kind = kind.ok_or_else(|| Problem::new("not-found", format!("there is no problem `{shown}`")))?;
    let body = json!({"type": format!("/problems/{}", kind.code), "status": kind.status, "title": kind.title, "about": kind.about});
    Representation::json(body.to_string().into_bytes(), Freshness::Moving).respond(&request)
}
