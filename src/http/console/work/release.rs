//! `/work/datasets/{id}/releases/{version}`: what is built on a release; withdrawing it, restoring it, naming its successor.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use semver::Version;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Done, Wrong, answered, offers};
use crate::dataset::{Act, DatasetId, Principal};
use crate::http::body::Arriving;
use crate::http::draft::dataset_id;
use crate::http::notices::exact;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::release::{DependentsOf, NoticeOf, restore, supersede, withdraw};
use crate::web::work::{Release, Told};

/// Factors that are listed.
const LISTED: usize = 100;

/// How many are read at once.
const PAGE: usize = 1000;

/// One release.
pub(in crate::http::console) async fn release_page(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show(&app, &visitor, &dataset_id(&path.0)?, &exact(&path.1)?, told)
}

fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, version: &Version, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::ReadDraft, id)?;
    let catalogue = app.catalogue();
    let releases = catalogue.dataset(id.as_str())?;
    let release = releases.get(version).ok_or_else(|| Problem::new("no-release", format!("there is no release {id}@{version}")))?;
    // whoever sees drafts reads everything
    let found = catalogue.dependents(DependentsOf { dataset: id.as_str(), version, key: None }, true, &Principal::Operator);
    let mut touched: BTreeMap<String, usize> = BTreeMap::new();
    let mut offset = 0;
    while offset < found.len() {
        for one in found.page(offset, PAGE) {
            *touched.entry(format!("{}@{}", one.dataset, one.version)).or_default() += 1;
        }
        offset += PAGE;
    }
    let is_latest = releases.latest().is_some_and(|latest| latest.version == *version);
    let then = releases.all().rev().find(|other| other.version != *version && other.withdrawn.is_none());
    let others = releases.all().rev().filter(|other| other.version != *version && other.withdrawn.is_none());
    let page = Release {
        frame: visitor.frame().with_data(format!("/v1/datasets/{id}/releases/{version}/dependents")),
        dataset: id.to_string(),
        release,
        touched: touched.into_iter().collect(),
        dependents: found.page(0, LISTED),
        total: found.len(),
        then: then.map(|other| other.version.to_string()),
        is_latest,
        others: others.map(|other| other.id()).collect(),
        offers: offers(visitor),
        told,
    };
    visitor.page(page.render())
}

/// Withdraws, restores, supersedes.
pub(in crate::http::console) async fn act_on_release(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (dataset_id(&path.0)?, exact(&path.1)?);
    let actor = visitor.may(Act::Publish, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = act(&app, (&id, &version), actor, &form).await;
    let done = done.map(|done| format!("/work/datasets/{id}/releases/{version}?done={done}"));
    answered(&visitor, &form, done, async |told| show(&app, &visitor, &id, &version, told)).await
}

async fn act(app: &Data<App>, (id, version): (&DatasetId, &Version), actor: String, form: &Form) -> Result<&'static str, Wrong> {
    let (dataset, version, reason) = (id.clone(), version.clone(), form.text("reason").trim().to_owned());
    match form.text("act") {
        "withdraw" => {
            let wrong = Wrong::at("withdraw");
            if form.text("sure") != "yes" {
                return Err(wrong(Problem::new("invalid-body", "say that you have seen what is built on the release")));
            }
            let tell = move |app: &App| -> Result<_, Problem> {
                withdraw(app.ground(), &dataset, &version, &reason, &actor)?;
                Ok(app.follow()?)
            };
            at_the_desk(app, tell).await.map_err(wrong).map(|_| "withdrawn")
        }
        "restore" => {
            let tell = move |app: &App| -> Result<_, Problem> {
                restore(app.ground(), &dataset, &version, &reason, &actor)?;
                Ok(app.follow()?)
            };
            at_the_desk(app, tell).await.map_err(Wrong::at("restore")).map(|_| "restored")
        }
        _ => {
            let wrong = Wrong::at("supersede");
            let unnamed = || Problem::new("invalid-body", format!("name the release to use instead, such as {id}@1.2.0"));
            let (other, by) = form.text("by").trim().split_once('@').ok_or_else(unnamed).map_err(&wrong)?;
            let other = other.parse::<DatasetId>().map_err(|_| wrong(unnamed()))?;
            let by = by.parse::<Version>().map_err(|_| wrong(unnamed()))?;
            let tell = move |app: &App| -> Result<_, Problem> {
                let by = NoticeOf { dataset: &other, version: &by };
                supersede(app.ground(), NoticeOf { dataset: &dataset, version: &version }, by, &reason, &actor)?;
                Ok(app.follow()?)
            };
            at_the_desk(app, tell).await.map_err(wrong).map(|_| "superseded")
        }
    }
}
