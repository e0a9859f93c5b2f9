//! `/work/datasets/{id}/review`: the difference first, comments on rows, approve or send back.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Wrong, answered, name, offers};
use crate::bulk::{Listing, Order, Sides, list_changes};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, By, DeskError, NewReview};
use crate::http::body::Arriving;
use crate::http::draft::{dataset_id, refused as stale};
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::release::ReleaseError;
use crate::review::same_person;
use crate::web::work::{Review, Told};

/// Changes on the page.
const ROWS: usize = 200;

/// Acts that are told.
const EVENTS: i64 = 30;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Query {
    kind: Option<String>,
    done: Option<String>,
}

/// The review.
pub(in crate::http::console) async fn review_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let query: Query = visitor.read()?;
    let told = Told::done(query.done.as_deref());
    show(&app, &visitor, &dataset_id(&id)?, query.kind.unwrap_or_default(), told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, kind: String, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let kinds = ["added", "removed", "renamed", "meaning", "number", "text"];
    let kind = if kinds.contains(&kind.as_str()) { kind } else { String::new() };
    let (dataset, frame, name, offers) =
        (id.clone(), visitor.frame().with_data(format!("/v1/datasets/{id}/draft/diff")), name(visitor), offers(visitor));
    let page = at_the_desk(app, move |app| {
        let ground = app.ground();
        let standing = desk::standing(ground, &dataset)?;
        let sides = desk::draft_sides(ground, &dataset)?;
        let sides = Sides::of_draft(&dataset, &sides);
        let mut rows = Vec::new();
        let class = kinds.into_iter().find(|own| *own == kind);
        let listing = Listing { order: Order::Magnitude, limit: Some(ROWS), class };
        let walked = list_changes(&sides, listing, |row| {
            rows.push(row);
            Ok(())
        });
        let summary = walked.map_err(ReleaseError::Io)?.summary(&sides).map_err(|error| ReleaseError::Io(error.into()))?;
        let counts = summary.counts;
        let of = |class: &str| match class {
            "added" => counts.added,
            "removed" => counts.removed,
            "renamed" => counts.renamed,
            "meaning" => counts.meaning,
            "number" => counts.number,
            _ => counts.text,
        };
        let changed = if kind.is_empty() { kinds.iter().map(|own| of(own)).sum() } else { of(&kind) };
        let waits = standing.draft.state.as_str() == "submitted";
        let signs = waits && !desk::approval_keys(ground, &standing.draft)?.is_empty();
        Ok::<_, DeskError>(Review {
            frame,
            dataset: dataset.to_string(),
            summary,
            rows,
            changed,
            kind,
            comments: desk::draft_comments(ground, &dataset)?,
            events: desk::acts(ground, i64::MAX, Some(dataset.as_str()), EVENTS)?,
            own: standing.draft.submitted_by.as_ref().is_some_and(|by| same_person(by, &name)),
            to_sign: if signs { Some(desk::text_to_sign(ground, &dataset)?) } else { None },
            standing,
            offers,
            told,
        })
    })
    .await?;
    visitor.page(page.render())
}

/// Comments, approves, sends back.
pub(in crate::http::console) async fn act_on_review(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    visitor.may(Act::ReadDraft, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = act(&app, &visitor, &id, &form).await.map(|done| format!("/work/datasets/{id}/review?done={done}"));
    answered(&visitor, &form, done, async |told| show(&app, &visitor, &id, String::new(), told).await).await
}

async fn act(app: &Data<App>, visitor: &Visitor, id: &DatasetId, form: &Form) -> Result<&'static str, Wrong> {
    let (dataset, seen) = (id.clone(), form.number("revision"));
    let comment = form.text("comment").trim().to_owned();
    match form.text("act") {
        "comment" => {
            let wrong = Wrong::at("comment");
            let actor = visitor.may(Act::ReadDraft, id).map_err(&wrong)?;
            let (key, words) = (form.filled("key").map(str::to_owned), form.text("words").to_owned());
            let say = move |app: &App| desk::comment(app.ground(), &dataset, key.as_deref(), &words, By::holder(&actor, None));
            at_the_desk(app, say).await.map_err(wrong)?;
            Ok("commented")
        }
        "approve" => {
            let wrong = Wrong::at("approve");
            let reviewer = visitor.may(Act::Decide, id).map_err(&wrong)?;
            let signature = form.filled("signature").map(str::to_owned);
            let approve = move |app: &App| {
                let review = NewReview { reviewer: &reviewer, comment: &comment, signature: signature.as_deref() };
                desk::approve_seen(app.ground(), &dataset, &review, seen).map_err(|error| stale(error, seen))
            };
            at_the_desk(app, approve).await.map_err(wrong)?;
            Ok("approved")
        }
        "reject" => {
            let wrong = Wrong::at("reject");
            let reviewer = visitor.may(Act::Decide, id).map_err(&wrong)?;
            let reject = move |app: &App| {
                desk::reject(app.ground(), &dataset, By::holder(&reviewer, seen), &comment).map_err(|error| stale(error, seen))
            };
            at_the_desk(app, reject).await.map_err(wrong)?;
            Ok("rejected")
        }
        _ => Err(Wrong::at("comment")(Problem::new("bad-request", "comment, approve or reject"))),
    }
}
