//! One factor of a draft: changed, added, removed, each with a reason; and what would be found of cells that are being typed.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;

use super::super::visitor::Visitor;
use super::form::{self, Form, see};
use super::{Wrong, under};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, By, CellMap, DeskError, EditChange, NewEdit};
use crate::factor::Factor;
use crate::http::body::Arriving;
use crate::http::draft::{dataset_id, refused as stale};
use crate::http::tokens::{at_the_desk, unkept};
use crate::http::{App, Problem};
use crate::web::work::{FactorForm, Found, Told, cells_of, factor_address};

/// A factor in a form.
pub(in crate::http::console) async fn factor_page(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, key) = path.into_inner();
    let told = super::Done::of(&visitor)?;
    show(&app, &visitor, &dataset_id(&id)?, &key, told).await
}

/// A form for a factor that is not there yet.
pub(in crate::http::console) async fn new_factor(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    show(&app, &visitor, &dataset_id(&id)?, "", Told::default()).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, key: &str, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::Prepare, id)?;
    let (dataset, own) = (id.clone(), key.to_owned());
    let (factor, revision) = at_the_desk(app, move |app| -> Result<_, Problem> {
        if own.is_empty() {
            let waiting = desk::waiting(app.ground(), Some(&dataset))?;
            let draft = waiting.drafts.first().ok_or_else(|| Problem::new("no-draft", "the dataset has no draft"))?;
            return Ok((None, draft.draft.revision));
        }
        let (line, revision) = desk::draft_factor(app.ground(), &dataset, &own)?;
        Ok((Some(Factor::from_line(&line).map_err(|error| Problem::fault(&error))?), revision))
    })
    .await?;
    let cells = {
        let typed = |name: &str| Some(told.typed_or(&format!("cell.{name}"), ABSENT)).filter(|text| *text != ABSENT);
        cells_of(factor.as_ref(), typed, visitor.lang)
    };
    let page = FactorForm { frame: visitor.frame(), dataset: id.to_string(), key: key.to_owned(), cells, revision, told };
    visitor.page(page.render())
}

/// No cell that was typed: control characters stand in none.
const ABSENT: &str = "\u{0}";

/// Changes or removes a factor.
pub(in crate::http::console) async fn act_on_factor(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let (id, key) = path.into_inner();
    post(&request, &app, &visitor, (&dataset_id(&id)?, key), body).await
}

/// Adds a factor.
pub(in crate::http::console) async fn add_factor(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    post(&request, &app, &visitor, (&dataset_id(&id)?, String::new()), body).await
}

async fn post(
    request: &HttpRequest,
    app: &Data<App>,
    visitor: &Visitor,
    (id, key): (&DatasetId, String),
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let actor = visitor.may(Act::Prepare, id)?;
    let form = form::read(request, visitor, body).await?;
    let of = if key.is_empty() { form.text("cell.key").trim().to_owned() } else { key.clone() };
    let (at, change) = match form.text("act") {
        "remove" => ("remove", EditChange::Remove),
        _ if key.is_empty() => ("save", EditChange::Replace(cells(&form))),
        _ => ("save", EditChange::Set(cells(&form))),
    };
    match act(app, id, (&of, key.is_empty()), change, &actor, &form).await {
        Ok(done) if at == "remove" || key.is_empty() => Ok(see(&format!("/work/datasets/{id}/draft?done={done}"))),
        Ok(done) => Ok(see(&format!("{}?done={done}", factor_address(id.as_str(), &of)))),
        Err((problem, items)) => {
            let (told, status) = Wrong { form: at, problem, items }.told(visitor, form.typed())?;
            Ok(under(status, show(app, visitor, id, &key, told).await?))
        }
    }
}

/// The cells of a form.
fn cells(form: &Form) -> CellMap {
    form.under("cell.").map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

async fn act(
    app: &Data<App>,
    id: &DatasetId,
    (key, new): (&str, bool),
    change: EditChange,
    actor: &str,
    form: &Form,
) -> Result<&'static str, (Problem, Vec<Found>)> {
    let (dataset, key, actor, seen, reason) =
        (id.clone(), key.to_owned(), actor.to_owned(), form.number("revision"), form.text("reason").to_owned());
    let is_removal = change == EditChange::Remove;
    let edited = at_the_desk(app, move |app| -> Result<_, Problem> {
        if new && desk::draft_factor(app.ground(), &dataset, &key).is_ok() {
            return Err(Problem::new("conflict", "the draft has a factor with this key already: open it, or give another key"));
        }
        let edit = NewEdit { key: &key, change: &change, reason: &reason };
        desk::edit(app.ground(), &dataset, &edit, By::holder(&actor, seen)).map_err(|error| stale(error, seen))
    })
    .await
    .map_err(|problem| (problem, Vec::new()))?;
    if edited.revision.is_none() {
        let items = edited.report.items.iter().map(Found::from).collect();
        return Err((Problem::new("findings", "nothing was changed"), items));
    }
    Ok(match (is_removal, edited.added) {
        (true, _) => "removed",
        (false, true) => "added",
        (false, false) => "saved",
    })
}

/// What would be found of the cells of a form; nothing is changed.
pub(in crate::http::console) async fn check_cells(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    visitor.may(Act::Prepare, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let key = form.text("cell.key").trim().to_owned();
    let change = EditChange::Replace(cells(&form));
    let judged = at_the_desk(&app, move |app| match desk::judge_edit(app.ground(), &id, &key, &change) {
        Err(DeskError::OtherKey { .. }) => Ok(None),
        judged => judged.map(Some),
    })
    .await?;
    let items: Vec<_> = judged
        .iter()
        .flat_map(|report| &report.items)
        .map(|item| json!({"field": item.field, "severity": item.severity, "message": item.message}))
        .collect();
    Ok(unkept(HttpResponse::Ok()).json(json!({"items": items})))
}
