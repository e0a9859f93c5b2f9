//! `/work/datasets/{id}/draft`: its lines a page at a time, its edits, undoing one, discarding all.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Wrong, answered, offers};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, By, GridFilter};
use crate::http::body::Arriving;
use crate::http::draft::{dataset_id, refused as stale};
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::web::work::{DraftGrid, Told};

/// Lines on a page.
const ROWS: usize = 50;

#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
struct Query {
    q: Option<String>,
    only: Option<String>,
    page: Option<String>,
    done: Option<String>,
}

impl Query {
    fn words(&self) -> &str {
        self.q.as_deref().map(str::trim).unwrap_or_default()
    }

    fn only(&self) -> &str {
        self.only.as_deref().filter(|only| ["changed", "flagged"].contains(only)).unwrap_or_default()
    }

    fn page(&self) -> usize {
        self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 1_000_000)
    }

    fn filter(&self) -> GridFilter {
        let words = self.words().split_whitespace().take(10).map(|word| word.chars().take(100).collect()).collect();
        GridFilter { words, changed: self.only() == "changed", flagged: self.only() == "flagged" }
    }

    fn address(&self, page: usize) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::from("?"));
        let page = page.to_string();
        let filled =
            [("q", self.words()), ("only", self.only()), ("page", page.as_str())].into_iter().filter(|(_, value)| !value.is_empty());
        pairs.extend_pairs(filled);
        pairs.finish().replacen("?&", "?", 1)
    }
}

/// The draft.
pub(in crate::http::console) async fn draft_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let query: Query = visitor.read()?;
    let told = Told::done(query.done.as_deref());
    show(&app, &visitor, &dataset_id(&id)?, query, told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, query: Query, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let (dataset, filter, page) = (id.clone(), query.filter(), query.page());
    let (standing, grid) = at_the_desk(app, move |app| {
        let grid = desk::draft_grid(app.ground(), &dataset, &filter, (page - 1) * ROWS, ROWS)?;
        Ok::<_, desk::DeskError>((desk::standing(app.ground(), &dataset)?, grid))
    })
    .await?;
    let pages = grid.found.div_ceil(ROWS).max(1);
    let shown = DraftGrid {
        frame: visitor.frame().with_data(format!("/v1/datasets/{id}/draft")),
        dataset: id.to_string(),
        words: query.words().to_owned(),
        only: query.only().to_owned(),
        page,
        pages,
        before: (page > 1).then(|| query.address((page - 1).min(pages))),
        after: (page < pages).then(|| query.address(page + 1)),
        standing,
        grid,
        offers: offers(visitor),
        told,
    };
    visitor.page(shown.render())
}

/// Undoes an edit, or discards the draft.
pub(in crate::http::console) async fn act_on_draft(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    let actor = visitor.may(Act::Prepare, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = act(&app, &id, actor, &form).await.map_err(Wrong::at("draft"));
    answered(&visitor, &form, done, async |told| show(&app, &visitor, &id, Query::default(), told).await).await
}

async fn act(app: &Data<App>, id: &DatasetId, actor: String, form: &Form) -> Result<String, Problem> {
    let (dataset, seen, reason) = (id.clone(), form.number("revision"), form.text("reason").to_owned());
    match form.text("act") {
        "undo" => {
            let edit = form.number("edit").unwrap_or(0);
            let undo = move |app: &App| {
                desk::undo(app.ground(), &dataset, edit, &reason, By::holder(&actor, seen)).map_err(|error| stale(error, seen))
            };
            at_the_desk(app, undo).await?;
            Ok(format!("/work/datasets/{id}/draft?done=undone"))
        }
        "discard" if form.text("sure") == "yes" => {
            let discard =
                move |app: &App| desk::discard(app.ground(), &dataset, By::holder(&actor, seen)).map_err(|error| stale(error, seen));
            at_the_desk(app, discard).await?;
            Ok(format!("/work/datasets/{id}?done=discarded"))
        }
        _ => Err(Problem::new("bad-request", "say what is to be done, and that you are sure")),
    }
}
