//! `/search`: factors by words and filters. `/datasets/{id}/releases/{version}/factors`: the same within one release, as a table.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, block};

use super::rows::{LAST_PAGE, find, found};
use super::visitor::Visitor;
use crate::dataset::Act;
use crate::http::{App, Problem};
use crate::search::{FilterQuery, FilterRefusal, scope};
use crate::web::{Found, Wrong, factors_page, search_page};

/// Hits a page.
const HITS: usize = 20;
/// Rows of a table a page.
const ROWS: usize = 50;

/// What a table is narrowed by.
const FACETS: &str = "kind,year,region,activity,flag,dimension,category";

/// What a search found.
pub(super) async fn search(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let (query, number) = read(&visitor)?;
    let catalogue = app.catalogue();
    let asked = query.q.clone().unwrap_or_default();
    let frame = visitor.frame().with_words(asked.trim());
    let data = if frame.query.is_empty() { "/v1/factors".to_owned() } else { format!("/v1/factors?{}", without_page(&frame.query)) };
    let frame = frame.with_data(data);
    let looked_at = scope(&catalogue, &query);
    let (catalogue, visitor_own) = (catalogue.clone(), visitor.clone());
    let (status, page) = match looked_at {
        Ok(releases) => {
            let sight = visitor.sight(releases.iter().map(AsRef::as_ref))?;
            let most = app.max_selection();
            block(move || match find(&catalogue, &query, &sight.who, (number, HITS), None) {
                Ok(page) => {
                    let found = found(&catalogue, &page, &sight.who, visitor_own.lang, (number, HITS, most))?;
                    Ok((StatusCode::OK, search_page(frame, &found, None)))
                }
                Err(FilterRefusal::Parameter { parameter, detail, valid }) => Ok(wrong(frame, parameter, detail, valid)),
                Err(refusal) => Err(Problem::from(refusal)),
            })
            .await
            .map_err(|error| Problem::fault(&error))??
        }
        Err(FilterRefusal::Parameter { parameter, detail, valid }) => wrong(frame, parameter, detail, valid),
        Err(refusal) => return Err(refusal.into()),
    };
    let mut response = visitor.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn wrong(frame: crate::web::Frame, parameter: &str, detail: String, valid: Vec<String>) -> (StatusCode, Result<String, askama::Error>) {
    let wrong = Wrong { parameter: parameter.to_owned(), detail, valid: valid.into_iter().take(40).collect() };
    (StatusCode::UNPROCESSABLE_ENTITY, search_page(frame, &Found::nothing(HITS), Some(wrong)))
}

/// The factors of a release as a table.
pub(super) async fn factors(app: Data<App>, visitor: Visitor, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    let (query, number) = read(&visitor)?;
    let catalogue = app.catalogue();
    let release = catalogue.dataset(&id)?.resolve(&id, &version)?.release;
    let sight = visitor.sight([release.as_ref()])?;
    release.permit(&sight.who, Act::ReadNames)?;
    let frame = visitor.frame().with_words(query.q.clone().unwrap_or_default().trim());
    let own = format!("dataset={}", release.id());
    let rest = without_page(&frame.query);
    let data = if rest.is_empty() { format!("/v1/factors?{own}") } else { format!("/v1/factors?{own}&{rest}") };
    let (frame, lang, most) = (frame.with_data(data), visitor.lang, app.max_selection());
    let query = FilterQuery { dataset: Some(release.id()), ..query };
    let page = block(move || -> Result<_, Problem> {
        let page = find(&catalogue, &query, &sight.who, (number, ROWS), Some(FACETS))?;
        let found = found(&catalogue, &page, &sight.who, lang, (number, ROWS, most))?;
        let named = (release.dataset.as_str(), release.version.to_string(), release.withdrawn.is_some());
        Ok(factors_page(frame, &found, (named.0, &named.1, named.2), lang.text(&release.manifest.metadata.title)))
    });
    visitor.page(page.await.map_err(|error| Problem::fault(&error))??)
}

/// Words and filters, and the number of the page.
fn read(visitor: &Visitor) -> Result<(FilterQuery, usize), Problem> {
    let (query, page) = visitor.read_without::<FilterQuery>("page")?;
    let number = match page.as_deref().map(str::trim).filter(|page| !page.is_empty()) {
        None => 1,
        Some(page) => page.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page)).ok_or_else(|| {
            let detail = format!("`page`: it is a number from 1 to {LAST_PAGE}; narrow by a filter, or download what was found");
            Problem::with("invalid-parameter", detail, serde_json::json!({"parameter": "page"}))
        })?,
    };
    Ok((query, number))
}

fn without_page(query: &str) -> String {
    query.split('&').filter(|pair| !pair.starts_with("page=")).collect::<Vec<_>>().join("&")
}
