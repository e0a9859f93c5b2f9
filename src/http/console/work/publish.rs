//! `/work/datasets/{id}/publish`: the version and why it is that one; submitting, and publishing what was approved.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Done, Wrong, answered, name, offers};
use crate::bulk::{Sides, walk};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, By, DeskError, VersionWish};
use crate::http::body::Arriving;
use crate::http::draft::{dataset_id, refused as stale};
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::release::ReleaseError;
use crate::review::same_person;
use crate::web::work::{Publish, Told};

/// What would be released.
pub(in crate::http::console) async fn publish_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show(&app, &visitor, &dataset_id(&id)?, told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let (dataset, frame, name, offers) =
        (id.clone(), visitor.frame().with_data(format!("/v1/datasets/{id}/draft")), name(visitor), offers(visitor));
    let page = at_the_desk(app, move |app| {
        let ground = app.ground();
        let standing = desk::standing(ground, &dataset)?;
        let sides = desk::draft_sides(ground, &dataset)?;
        let sides = Sides::of_draft(&dataset, &sides);
        let walked = walk(&sides, |_| Ok(())).map_err(ReleaseError::Io)?;
        let summary = walked.summary(&sides).map_err(|error| ReleaseError::Io(error.into()))?;
        let waiting = desk::waiting(ground, Some(&dataset))?;
        let licences = standing.metadata.licences.iter().map(|one| one.title.clone().unwrap_or_else(|| one.id.clone())).collect();
        Ok::<_, DeskError>(Publish {
            frame,
            dataset: dataset.to_string(),
            own: standing.draft.submitted_by.as_ref().is_some_and(|by| same_person(by, &name)),
            restricted: standing.restricted,
            licences,
            open_flags: waiting.drafts.first().map_or(0, |one| one.flags),
            summary,
            standing,
            offers,
            told,
        })
    })
    .await?;
    visitor.page(page.render())
}

/// Submits or publishes.
pub(in crate::http::console) async fn act_to_publish(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    visitor.may(Act::ReadDraft, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = act(&app, &visitor, &id, &form).await;
    answered(&visitor, &form, done, async |told| show(&app, &visitor, &id, told).await).await
}

async fn act(app: &Data<App>, visitor: &Visitor, id: &DatasetId, form: &Form) -> Result<String, Wrong> {
    let (dataset, seen) = (id.clone(), form.number("revision"));
    if form.text("act") == "submit" {
        let wrong = Wrong::at("submit");
        let actor = visitor.may(Act::Prepare, id).map_err(&wrong)?;
        let wish = wish(form).map_err(&wrong)?;
        let submit =
            move |app: &App| desk::submit(app.ground(), &dataset, &wish, By::holder(&actor, seen)).map_err(|error| stale(error, seen));
        let submitted = at_the_desk(app, submit).await.map_err(wrong)?;
        let place = if submitted.state == "approved" { "publish" } else { "review" };
        return Ok(format!("/work/datasets/{id}/{place}?done=submitted"));
    }
    let wrong = Wrong::at("publish");
    if form.text("act") != "publish" {
        return Err(wrong(Problem::new("invalid-body", "a draft is submitted or published here")));
    }
    let actor = visitor.may(Act::Publish, id).map_err(&wrong)?;
    let sure = form.text("sure").to_owned();
    let publish = move |app: &App| {
        let standing = desk::standing(app.ground(), &dataset)?;
        let named = format!("{dataset}@{}", standing.draft.version.as_deref().unwrap_or_default());
        // what is confirmed by its name is what was seen
        if sure != named {
            return Err(Problem::new("invalid-body", format!("confirm that {named} becomes public")));
        }
        let published = desk::publish(app.ground(), &dataset, By::holder(&actor, seen)).map_err(|error| stale(error, seen))?;
        app.follow().map_err(Problem::from)?;
        Ok(published)
    };
    let published = at_the_desk(app, publish).await.map_err(wrong)?;
    Ok(format!("/work/datasets/{id}/releases/{}?done=published", published.version))
}

/// The version that a form wants.
fn wish(form: &Form) -> Result<VersionWish, Problem> {
    match form.text("wish") {
        "package" => Ok(VersionWish::Package),
        "exact" => {
            let version = form.filled("version").unwrap_or_default().parse();
            let wrong = |_| Problem::new("invalid-body", "a version is MAJOR.MINOR.PATCH, such as 1.2.0");
            version.map(VersionWish::Exact).map_err(wrong)
        }
        _ => Ok(VersionWish::Auto),
    }
}
